import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Alert, Button, Input, InputNumber, Slider } from 'antd';
import type { MapMouseEvent } from 'maplibre-gl';
import { useEffect, useMemo, useState } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { language, t } from '../../language.ts';
import { LIGHT } from '../../look/tokens.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { circle, type Position, sector } from '../../parts/map/geometry.ts';
import { useMap } from '../../parts/map/map-canvas.tsx';
import { LETTERS_ON_MAP } from '../../parts/map/style.ts';
import { StateMark } from '../../parts/marks.tsx';
import { readPlace } from './corners.tsx';
import { lineOf, pointOf, polygonOf, useDrawing } from './layers.ts';

type Report = Answer<'DuplicateReport'>;

const LAYERS = [
  {
    id: 'place-around',
    type: 'fill',
    filter: ['==', ['get', 'what'], 'around'],
    paint: { 'fill-color': LIGHT.warning, 'fill-opacity': 0.1 },
  },
  {
    id: 'place-rim',
    type: 'line',
    filter: ['==', ['get', 'what'], 'around'],
    paint: { 'line-color': LIGHT.warning, 'line-width': 1.5, 'line-dasharray': [3, 2] },
  },
  {
    id: 'place-sight',
    type: 'fill',
    filter: ['==', ['get', 'what'], 'sight'],
    paint: { 'fill-color': LIGHT.accent, 'fill-opacity': 0.25 },
  },
  {
    id: 'place-edge',
    type: 'line',
    filter: ['==', ['get', 'what'], 'sight'],
    paint: { 'line-color': LIGHT.accent, 'line-width': 1.5 },
  },
  {
    id: 'place-way',
    type: 'line',
    filter: ['==', ['get', 'what'], 'way'],
    paint: { 'line-color': LIGHT.bad, 'line-width': 2 },
  },
  {
    id: 'place-hit',
    type: 'circle',
    filter: ['==', ['get', 'what'], 'hit'],
    paint: { 'circle-radius': 12, 'circle-opacity': 0, 'circle-stroke-color': LIGHT.bad, 'circle-stroke-width': 3 },
  },
  {
    id: 'place-number',
    type: 'symbol',
    filter: ['==', ['get', 'what'], 'hit'],
    layout: {
      'text-field': ['get', 'n'],
      'text-font': LETTERS_ON_MAP,
      'text-size': 13,
      'text-offset': [1.2, -1],
      'text-allow-overlap': true,
    },
    paint: { 'text-color': LIGHT.bad, 'text-halo-color': LIGHT.surface, 'text-halo-width': 2 },
  },
  {
    id: 'place-here',
    type: 'circle',
    filter: ['==', ['get', 'what'], 'here'],
    paint: {
      'circle-radius': 7,
      'circle-color': LIGHT.accent,
      'circle-stroke-color': LIGHT.surface,
      'circle-stroke-width': 2,
    },
  },
] as const;

/** A camera that is to be built: what it would see, and who sees that already. */
export default function PlaceCamera({ close }: { close: () => void }) {
  const { map, shift } = useMap();
  const may = useMay();
  const [at, setAt] = useState<Position | null>(null);
  const [unread, setUnread] = useState(false);
  const [azimuth, setAzimuth] = useState(0);
  const [angle, setAngle] = useState(60);
  const [reach, setReach] = useState(50);
  const [radius, setRadius] = useState<number | null>(null);
  useEffect(() => {
    const canvas = map.getCanvas();
    canvas.style.cursor = 'crosshair';
    const click = ({ lngLat }: MapMouseEvent) => {
      const [lon, lat] = shift.real([lngLat.lng, lngLat.lat]);
      setAt([Number(lon.toFixed(7)), Number(lat.toFixed(7))]);
      setUnread(false);
    };
    map.on('click', click);
    return () => {
      canvas.style.cursor = '';
      map.off('click', click);
    };
  }, [map, shift]);
  const asked = at && { location: { lon: at[0], lat: at[1] }, azimuth, ...(radius === null ? {} : { radius }) };
  const report = useQuery({
    queryKey: ['map', 'duplicates', asked],
    queryFn: () => body(api.POST('/api/v1/devices/duplicate-check', { body: asked ?? {} })),
    enabled: asked !== null,
    placeholderData: (before) => before,
  });
  const features = useMemo(() => {
    if (!at) return [];
    const shown = (ring: readonly Position[]) => ring.map(shift.shown);
    const hits = (report.data?.items ?? []).flatMap(({ camera: { location } }, i) => {
      if (!location) return [];
      const there: Position = [location.lon, location.lat];
      return [lineOf(shown([at, there]), { what: 'way' }), pointOf(shift.shown(there), { what: 'hit', n: `${i + 1}` })];
    });
    const around = report.data?.radius;
    return [
      ...(around ? [polygonOf(shown(circle(at, around)), { what: 'around' })] : []),
      polygonOf(shown(sector(at, azimuth, angle, reach)), { what: 'sight' }),
      ...hits,
      pointOf(shift.shown(at), { what: 'here' }),
    ];
  }, [at, azimuth, angle, reach, report.data, shift]);
  useDrawing('place', LAYERS as never, features);
  const carried = at && { lon: at[0], lat: at[1], azimuth, angle, reach };
  return (
    <section className="sheet map-tool" aria-label={t('map.place')}>
      <h2>{t('map.place')}</h2>
      <p className="quiet">{t('map.place.how')}</p>
      <div className="map-fields">
        <span>{t('map.place.at')}</span>
        <Input
          key={at?.join() ?? ''}
          size="small"
          aria-label={t('map.place.at')}
          placeholder={t('map.place.lonLat')}
          defaultValue={at?.join(', ') ?? ''}
          status={unread ? 'error' : ''}
          aria-invalid={unread}
          aria-describedby="place-at-refused"
          onPressEnter={({ currentTarget }) => go(currentTarget.value)}
          onBlur={({ target }) => go(target.value)}
        />
        {unread && (
          <span className="map-refused" id="place-at-refused" role="alert">
            {t('map.unread')}
          </span>
        )}
        <span>{t('map.place.azimuth')}</span>
        <span className="map-tool-row">
          <InputNumber
            size="small"
            aria-label={t('map.place.azimuth')}
            min={0}
            max={359}
            value={azimuth}
            onChange={(n) => setAzimuth(n ?? 0)}
          />
          <Slider
            className="map-slider"
            ariaLabelForHandle={t('map.place.azimuth')}
            min={0}
            max={359}
            value={azimuth}
            onChange={setAzimuth}
          />
        </span>
        <span>{t('map.place.angle')}</span>
        <InputNumber
          size="small"
          aria-label={t('map.place.angle')}
          min={5}
          max={360}
          value={angle}
          onChange={(n) => setAngle(n ?? 60)}
        />
        <span>{t('map.place.reach')}</span>
        <InputNumber
          size="small"
          aria-label={t('map.place.reach')}
          min={5}
          max={500}
          value={reach}
          onChange={(n) => setReach(n ?? 50)}
        />
        <span>{t('map.place.radius')}</span>
        <InputNumber
          size="small"
          aria-label={t('map.place.radius')}
          min={1}
          max={2000}
          value={radius ?? report.data?.radius ?? null}
          onChange={setRadius}
        />
      </div>
      {at && <Loaded query={report}>{(data) => <Hits report={data} />}</Loaded>}
      <div className="map-tool-row">
        {carried && may('devices', 'create') && (
          <Link to="/devices/new" search={carried}>
            <Button type="primary">{t('map.place.register')}</Button>
          </Link>
        )}
        {carried && may('cameras', 'operate') && (
          <Link to="/construction" search={carried}>
            <Button>{t('map.place.review')}</Button>
          </Link>
        )}
        <Button onClick={close}>{t('map.close')}</Button>
      </div>
    </section>
  );

  function go(text: string) {
    const place = readPlace(text);
    setUnread(!place && text.trim() !== '');
    if (!place || place.join() === at?.join()) return;
    setAt(place);
    map.easeTo({ center: [...shift.shown(place)], zoom: Math.max(map.getZoom(), 16) });
  }
}

const TONE = { duplicate: 'error', review: 'warning', clear: 'success' } as const;

function Hits({ report }: { report: Report }) {
  const say = (words: { zh: string; en: string }) => (language() === 'en' ? words.en : words.zh);
  return (
    <>
      <Alert type={TONE[report.conclusion.code]} showIcon title={say(report.conclusion)} />
      {report.coordinates.map((warning) => (
        <Alert key={warning.code} type="warning" showIcon title={say(warning)} />
      ))}
      <ol className="map-hits">
        {report.items.map(({ camera, distance, direction, sameDirection, advice }, i) => (
          <li key={camera.id}>
            <b>{i + 1}</b>{' '}
            <Link to="/devices/$id" params={{ id: camera.id }}>
              {camera.name}
            </Link>{' '}
            <StateMark of="health" code={camera.health.state} bare />
            <br />
            <span className="quiet">
              {t('map.place.away', { n: Math.round(distance) })}
              {direction && ` · ${say(direction)}`}
              {sameDirection && ` · ${t('map.place.same')}`}
            </span>
            <br />
            {say(advice)}
          </li>
        ))}
      </ol>
      {report.hidden > 0 && <p className="quiet">{t('map.place.hidden', { n: report.hidden })}</p>}
    </>
  );
}
