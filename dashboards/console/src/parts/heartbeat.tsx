import { useQuery } from '@tanstack/react-query';
import { Tooltip } from 'antd';
import { createContext, type KeyboardEvent, type PropsWithChildren, useContext, useState } from 'react';
import { type Answer, api, body } from '../api/client.ts';
import { t, tCode } from '../language.ts';
import { type Beat, type BeatKind, beatsOf, summaryOf } from './heartbeat-beats.ts';
import { exactTime } from './time.tsx';
import './heartbeat.css';

export type Heartbeat = Answer<'Heartbeats'>['items'][number];
const BEATS = 48;
const STEP = 4;
const HEIGHT = 20;

const Asked = createContext({ ids: '', hours: 24 });

interface HeartbeatsProps {
  /** Those on the screen, at most 100. */
  readonly ids: readonly string[];
  readonly hours?: number;
}

/** What beats in the rows of a list is asked for once for all of them. */
export function Heartbeats({ ids, hours = 24, children }: PropsWithChildren<HeartbeatsProps>) {
  return <Asked value={{ ids: ids.slice(0, 100).join(','), hours }}>{children}</Asked>;
}

/** What is known of one device of {@link Heartbeats}; undefined until it is. */
export function useHeartbeat(id: string) {
  const { ids, hours } = useContext(Asked);
  return useQuery({
    queryKey: ['devices', 'heartbeats', hours, ids],
    queryFn: () => body(api.GET('/api/v1/devices/heartbeats', { params: { query: { ids, hours } } })),
    enabled: ids !== '',
    placeholderData: (before) => before,
    refetchInterval: 60_000,
    select: ({ from, to, items }) => {
      const item = items.find((one) => one.id === id);
      return item && { from, to, item };
    },
  }).data;
}

/** The last hours of a device of {@link Heartbeats}, in beats. */
export function HeartbeatBar({ id }: { id: string }) {
  const known = useHeartbeat(id);
  if (!known) return <span className="beats-awaited" aria-hidden="true" />;
  return <Beats {...known} />;
}

interface BeatsProps {
  /** Period that is shown, as the gateway wrote it. */
  readonly from: string;
  readonly to: string;
  readonly item: Heartbeat;
}

/** 48 beats: colour and height by state, hatched where it was one of many, striped in maintenance, grey where nobody could know. */
export function Beats({ from, to, item }: BeatsProps) {
  const [start, end] = [Date.parse(from), Date.parse(to)];
  const beats = beatsOf(item, start, end, BEATS);
  const [at, setAt] = useState<number | null>(null);
  const { hours, rate, times } = summaryOf(item, start, end);
  const label = t(rate === null ? 'heartbeat.nothing' : times === 0 ? 'heartbeat.calm' : 'heartbeat.summary', {
    hours,
    rate: rate ?? '',
    times,
  });
  const walk = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    setAt((i) => Math.max(0, Math.min(BEATS - 1, (i ?? BEATS) + step)));
  };
  const beat = at === null ? undefined : beats[at];
  return (
    <Tooltip open={beat !== undefined} title={beat && <BeatWords beat={beat} offset={from.slice(23)} label={label} />}>
      <button
        type="button"
        className="beats"
        aria-label={beat ? `${label} ${wordsOf(beat, from.slice(23))}` : label}
        onKeyDown={walk}
        onClick={(event) => event.stopPropagation()}
        onFocus={() => setAt(BEATS - 1)}
        onBlur={() => setAt(null)}
        onPointerLeave={() => setAt(null)}
        onPointerMove={({ clientX, currentTarget }) => {
          const box = currentTarget.getBoundingClientRect();
          setAt(Math.max(0, Math.min(BEATS - 1, Math.floor(((clientX - box.left) / box.width) * BEATS))));
        }}
      >
        <Drawing beats={beats} at={at} />
      </button>
    </Tooltip>
  );
}

/** Runs of equal beats are one shape: fifty bars stay cheap. */
function Drawing({ beats, at }: { beats: readonly Beat[]; at: number | null }) {
  const shapes: { kind: BeatKind; from: number; n: number }[] = [];
  beats.forEach(({ kind }, i) => {
    const last = shapes.at(-1);
    if (last?.kind === kind) last.n += 1;
    else shapes.push({ kind, from: i, n: 1 });
  });
  return (
    <svg width={BEATS * STEP} height={HEIGHT} viewBox={`0 0 ${BEATS * STEP} ${HEIGHT}`} aria-hidden="true">
      {shapes.map(({ kind, from, n }) => (
        <path key={from} className={`beat beat-${kind}`} d={SHAPES[kind](from, n)} />
      ))}
      {at !== null && <rect className="beat-here" x={at * STEP - 0.5} y={0.5} width={STEP} height={HEIGHT - 1} />}
    </svg>
  );
}

/** One upright stroke a beat, from `top` down to `bottom`. */
const strokes = (top: number, bottom: number) => (from: number, n: number) =>
  Array.from({ length: n }, (_, i) => `M${(from + i) * STEP} ${top}h3v${bottom - top}h-3z`).join('');

/** Two pieces with a gap. */
const broken = (from: number, n: number) => strokes(2, 8)(from, n) + strokes(11, 18)(from, n);
/** Slanting lines over the height of what is bad. */
const hatched = (from: number, n: number) =>
  Array.from({ length: n }, (_, i) => `M${(from + i) * STEP} 6l3-4v4l-3 4zM${(from + i) * STEP} 14l3-4v4l-3 4z`).join(
    '',
  );
/** Lines across. */
const striped = (from: number, n: number) =>
  [4, 9, 14].map((y) => `M${from * STEP} ${y}h${n * STEP - 1}v2h-${n * STEP - 1}z`).join('');
const line = (height: number) => (from: number, n: number) =>
  `M${from * STEP} ${10 - height / 2}h${n * STEP - 1}v${height}h-${n * STEP - 1}z`;

/** Told apart without colour: full, high, low, broken, hatched, striped, a band, a thin line. */
const SHAPES: Readonly<Record<BeatKind, (from: number, n: number) => string>> = {
  online: strokes(6, 14),
  degraded: strokes(4, 14),
  stale: strokes(6, 18),
  flapping: broken,
  offline: strokes(2, 18),
  outage: hatched,
  maintenance: striped,
  blind: line(8),
  unknown: line(3),
  before: line(1),
};

function BeatWords({ beat, offset, label }: { beat: Beat; offset: string; label: string }) {
  return (
    <>
      <b>{wordsOf(beat, offset)}</b>
      <br />
      {label}
    </>
  );
}

/** `11-23 08:00–08:30 离线`, in the zone the gateway wrote. */
function wordsOf({ from, to, kind }: Beat, offset: string): string {
  const clock = (at: number) => exactTime(inZone(at, offset)).slice(5, 16);
  return `${clock(from)} – ${clock(to).slice(6)} ${tCode('beat', kind)}`;
}

function inZone(at: number, offset: string): string {
  const found = /^([+-])(\d\d):(\d\d)$/.exec(offset);
  const minutes = found ? (Number(found[2]) * 60 + Number(found[3])) * (found[1] === '-' ? -1 : 1) : 0;
  return new Date(at + minutes * 60_000).toISOString();
}

/** What the shapes mean, below a list. */
export function BeatLegend() {
  const kinds = Object.keys(SHAPES).filter((kind): kind is BeatKind => kind in SHAPES && kind !== 'before');
  return (
    <ul className="beat-legend" aria-label={t('heartbeat.legend')}>
      {kinds.map((kind) => (
        <li key={kind}>
          <svg width={12} height={HEIGHT} viewBox={`0 0 12 ${HEIGHT}`} aria-hidden="true">
            <path className={`beat beat-${kind}`} d={SHAPES[kind](0, 3)} />
          </svg>
          {tCode('beat', kind)}
        </li>
      ))}
    </ul>
  );
}
