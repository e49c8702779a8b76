import { MinusOutlined, PlusOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useEffect, useId, useRef, useState } from 'react';
import { t, tCode } from '../../language.ts';
import { toneOf } from '../marks.tsx';
import { type Background, type Boundary, shiftOf, useBackground, useBoundaries } from './background.ts';
import { circle, metresPerPixel, type Position, roundLength, sector, toWorld } from './geometry.ts';
import { Navigate } from './navigate.tsx';
import './small-map.css';

interface SmallMapProps {
  /** Degrees WGS-84. */
  readonly lon: number;
  readonly lat: number;
  readonly name: string;
  /** State of health; colours the point. */
  readonly state?: string;
  /** Pixels; the width is what there is. */
  readonly height?: number;
  readonly zoom?: number;
  /** Degrees clockwise from north in which a camera looks. */
  readonly azimuth?: number | null;
  /** Degrees of its view; 60 unless told. */
  readonly angle?: number;
  /** Metres: a circle around the place. */
  readonly around?: number;
  /** What stands nearby, each with the sign by which a list names it. */
  readonly beside?: readonly { readonly lon: number; readonly lat: number; readonly sign: string }[];
  /** Links that open a map application on a phone. */
  readonly navigate?: boolean;
}

const TILE = 256;
const NEAREST = 19;
const FARTHEST = 9;

/** One place and what lies around it: drawn as a picture, so that it costs a phone nothing and prints. */
export function SmallMap(props: SmallMapProps) {
  const { lon, lat, name, height = 220, navigate = false } = props;
  const [zoom, setZoom] = useState(props.zoom ?? 16);
  const frame = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (!frame.current) return;
    const watcher = new ResizeObserver(([entry]) => setWidth(Math.round(entry?.contentRect.width ?? 0)));
    watcher.observe(frame.current);
    return () => watcher.disconnect();
  }, []);
  return (
    <figure className="small-map" ref={frame}>
      {width > 0 && <Drawing {...props} zoom={zoom} width={width} height={height} />}
      <span className="small-map-zoom">
        <Button
          size="small"
          icon={<PlusOutlined />}
          aria-label={t('map.zoomIn')}
          disabled={zoom >= NEAREST}
          onClick={() => setZoom(zoom + 1)}
        />
        <Button
          size="small"
          icon={<MinusOutlined />}
          aria-label={t('map.zoomOut')}
          disabled={zoom <= FARTHEST}
          onClick={() => setZoom(zoom - 1)}
        />
      </span>
      <figcaption>
        <span className="quiet">{`${lat.toFixed(6)}, ${lon.toFixed(6)}`}</span>
        {navigate && <Navigate lon={lon} lat={lat} name={name} />}
      </figcaption>
    </figure>
  );
}

type DrawingProps = SmallMapProps & { readonly zoom: number; readonly width: number; readonly height: number };

function Drawing(props: DrawingProps) {
  const { lon, lat, name, state, azimuth, angle = 60, around, beside = [], zoom, width, height } = props;
  const background = useBackground();
  const boundaries = useBoundaries();
  const pattern = useId();
  const { shown } = shiftOf(background);
  const size = TILE * 2 ** zoom;
  const [middleX, middleY] = toWorld(shown([lon, lat]));
  const pixel = (place: Position): [number, number] => {
    const [x, y] = toWorld(shown(place));
    return [(x - middleX) * size + width / 2, (y - middleY) * size + height / 2];
  };
  const path = (ring: readonly Position[]) =>
    `M${ring
      .map((place) =>
        pixel(place)
          .map((n) => n.toFixed(1))
          .join(' '),
      )
      .join('L')}Z`;
  const perPixel = metresPerPixel(lat, zoom);
  const length = roundLength(Math.min(120, width / 3) * perPixel);
  const [cx, cy] = [width / 2, height / 2];
  return (
    <svg width={width} height={height} role="img" aria-label={state ? `${name} · ${tCode('health', state)}` : name}>
      <defs>
        <pattern id={pattern} width="40" height="40" patternUnits="userSpaceOnUse">
          <path d="M40 0H0V40" className="small-map-grid" />
        </pattern>
      </defs>
      <rect width={width} height={height} className="small-map-ground" />
      {background.tiles.length === 0 && <rect width={width} height={height} fill={`url(#${pattern})`} />}
      <Tiles
        background={background}
        zoom={zoom}
        width={width}
        height={height}
        middle={[middleX * size, middleY * size]}
      />
      {boundaries
        .filter((one) => near(one, [lon, lat]))
        .map(({ id, rings }) => (
          <path key={id} className="small-map-boundary" fillRule="evenodd" d={rings.map(path).join('')} />
        ))}
      {typeof azimuth === 'number' && (
        <path className="small-map-sight" d={path(sector([lon, lat], azimuth, angle, 44 * perPixel))} />
      )}
      {around !== undefined && <path className="small-map-around" d={path(circle([lon, lat], around))} />}
      {beside.map(({ lon: x, lat: y, sign }) => {
        const [px, py] = pixel([x, y]);
        return (
          <g key={sign} className="small-map-beside" transform={`translate(${px} ${py})`}>
            <circle r={9} />
            <text textAnchor="middle" dominantBaseline="central">
              {sign}
            </text>
          </g>
        );
      })}
      <circle cx={cx} cy={cy} r={8} className="small-map-halo" />
      <circle cx={cx} cy={cy} r={5.5} fill={state ? `var(--${toneOf('health', state)})` : 'var(--accent)'} />
      <g transform={`translate(8 ${height - 8})`} className="small-map-scale">
        <path d={`M0 -5V0H${length / perPixel}V-5`} />
        <text x="4" y="-4">
          {length >= 1_000 ? t('map.kilometres', { n: length / 1_000 }) : t('map.metres', { n: length })}
        </text>
        <text x={width - 16} y="-4" textAnchor="end">
          {background.attribution}
        </text>
      </g>
    </svg>
  );
}

/** Outlines that may be seen at all at any zoom of this map; degrees are near enough. */
const near = ({ rings }: Boundary, [lon, lat]: Position) =>
  rings[0]?.some(([x, y]) => Math.abs(x - lon) < 0.5 && Math.abs(y - lat) < 0.5) ?? false;

interface TilesProps {
  readonly background: Background;
  readonly zoom: number;
  readonly width: number;
  readonly height: number;
  /** Pixels from the north-west corner of the world. */
  readonly middle: readonly [number, number];
}

function Tiles({ background, zoom, width, height, middle }: TilesProps) {
  const level = Math.min(zoom, background.maxZoom);
  const size = TILE * 2 ** (zoom - level);
  const [left, top] = [middle[0] - width / 2, middle[1] - height / 2];
  const columns = range(Math.floor(left / size), Math.floor((left + width) / size));
  const rows = range(Math.max(0, Math.floor(top / size)), Math.floor((top + height) / size));
  return background.tiles.flatMap((template) =>
    columns.flatMap((x) =>
      rows.map((y) => (
        <image
          key={`${template}${x}/${y}`}
          href={template.replace('{x}', `${x}`).replace('{y}', `${y}`).replace('{z}', `${level}`)}
          x={x * size - left}
          y={y * size - top}
          width={size}
          height={size}
        />
      )),
    ),
  );
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
