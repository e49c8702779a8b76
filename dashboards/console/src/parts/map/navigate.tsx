import { t } from '../../language.ts';
import { wgs84ToGcj02 } from './gcj.ts';
import './small-map.css';

interface NavigateProps {
  readonly lon: number;
  readonly lat: number;
  readonly name: string;
}

/** Hands the place to a map application of the phone; nothing is asked for before somebody touches it. */
export function Navigate({ lon, lat, name }: NavigateProps) {
  const [east, north] = wgs84ToGcj02([lon, lat]);
  const place = encodeURIComponent(name);
  const amap = `androidamap://route/plan/?dlat=${north.toFixed(6)}&dlon=${east.toFixed(6)}&dname=${place}&dev=0&t=0`;
  const apple = `iosamap://path?dlat=${north.toFixed(6)}&dlon=${east.toFixed(6)}&dname=${place}&dev=0&t=0`;
  const geo = `geo:${lat.toFixed(6)},${lon.toFixed(6)}?q=${lat.toFixed(6)},${lon.toFixed(6)}(${place})`;
  return (
    <span className="navigate">
      <a href={/iPhone|iPad|Mac OS/.test(navigator.userAgent) ? apple : amap}>{t('map.navigate.amap')}</a>
      <a href={geo}>{t('map.navigate.other')}</a>
    </span>
  );
}
