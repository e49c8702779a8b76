import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react';
import { t } from '../language.ts';
import { type Lane, type LaneSpan, spanAt, ticks, type View, within, zoomed } from './lanes-view.ts';
import { lengthOf } from './time.tsx';
import './lanes.css';

interface LanesProps {
  readonly lanes: readonly Lane[];
  readonly view: View;
  /** How far one can go out again. */
  readonly limit: View;
  readonly onView: (view: View) => void;
  readonly label: string;
  /** Of the gateway's zone, milliseconds ahead of UTC. */
  readonly offset: number;
}

interface Place {
  readonly lane: number;
  readonly time: number;
}

/** Pixels a finger may tremble before it draws. */
const LEAST_DRAG = 0.01;

/** What held from when to when, side by side. Drag chooses a span; arrows move, + and − zoom, Escape goes back. */
export function Lanes({ lanes, view, limit, onView, label, offset }: LanesProps) {
  const [place, setPlace] = useState<Place | null>(null);
  const [start, setStart] = useState<number | null>(null);
  const tracks = useRef<HTMLDivElement>(null);
  const length = view.to - view.from;
  const share = (time: number) => `${(((time - view.from) / length) * 100).toFixed(3)}%`;

  const timeOf = (event: PointerEvent): number => {
    const box = tracks.current?.querySelector('.lane-track')?.getBoundingClientRect();
    if (!box) return view.from;
    return view.from + Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * length;
  };
  const move = (event: PointerEvent) => {
    const row = (event.target as HTMLElement).closest<HTMLElement>('[data-lane]');
    setPlace({ lane: row ? Number(row.dataset.lane) : (place?.lane ?? 0), time: timeOf(event) });
  };
  const release = (event: PointerEvent) => {
    if (start === null) return;
    const [from = 0, to = 0] = [start, timeOf(event)].sort((a, b) => a - b);
    setStart(null);
    if (to - from > length * LEAST_DRAG) onView({ from: Math.round(from), to: Math.round(to) });
  };
  const press = (event: KeyboardEvent) => {
    const now = place ?? { lane: 0, time: view.to - length / 100 };
    const step = length / (event.shiftKey ? 10 : 60);
    const last = lanes.length - 1;
    const moves: Record<string, () => void> = {
      ArrowLeft: () => setPlace({ ...now, time: Math.max(view.from, now.time - step) }),
      ArrowRight: () => setPlace({ ...now, time: Math.min(view.to - 1, now.time + step) }),
      ArrowUp: () => setPlace({ ...now, lane: Math.max(0, now.lane - 1) }),
      ArrowDown: () => setPlace({ ...now, lane: Math.min(last, now.lane + 1) }),
      Home: () => setPlace({ ...now, time: view.from }),
      End: () => setPlace({ ...now, time: view.to - 1 }),
      '+': () => onView(zoomed(view, 0.5, now.time, limit)),
      '=': () => onView(zoomed(view, 0.5, now.time, limit)),
      '-': () => onView(zoomed(view, 2, now.time, limit)),
      Escape: () => onView(limit),
    };
    const act = moves[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  };
  const here = place && lanes[place.lane];
  const span = place && here ? spanAt(here.spans, place.time) : undefined;
  return (
    <div>
      <div
        ref={tracks}
        className="lanes"
        role="slider"
        aria-label={`${label}。${t('lanes.keys')}`}
        aria-valuemin={view.from}
        aria-valuemax={view.to}
        aria-valuenow={Math.round(place?.time ?? view.to)}
        aria-valuetext={here ? `${here.label} ${span ? saidOf(span, offset) : t('lanes.nothing')}` : t('lanes.hint')}
        tabIndex={0}
        onKeyDown={press}
        onPointerMove={move}
        onPointerDown={(event) => event.button === 0 && event.pointerType !== 'touch' && setStart(timeOf(event))}
        onPointerUp={release}
        onPointerLeave={() => {
          setPlace(null);
          setStart(null);
        }}
      >
        {lanes.map((lane, i) => (
          <div key={lane.key} className={i === place?.lane ? 'lane chosen' : 'lane'} data-lane={i}>
            <span className="lane-name" title={lane.label}>
              {lane.label}
            </span>
            <div className="lane-track">
              {within(lane.spans, view).map((one) => (
                <Piece key={`${one.from}${one.label}`} span={one} view={view} />
              ))}
            </div>
          </div>
        ))}
        <div className="lane-axis" aria-hidden="true">
          <span />
          <div>
            {ticks(view, 8, offset).map((time) => (
              <time key={time} style={{ insetInlineStart: share(time) }}>
                {shortTime(time, length, offset)}
              </time>
            ))}
          </div>
        </div>
        <div className="lanes-over" aria-hidden="true">
          {start !== null && place && (
            <div
              className="lanes-chosen"
              style={{
                insetInlineStart: share(Math.min(start, place.time)),
                inlineSize: `${(Math.abs(place.time - start) / length) * 100}%`,
              }}
            />
          )}
          {place && <div className="lanes-cursor" style={{ insetInlineStart: share(place.time) }} />}
        </div>
      </div>
      <p className="lanes-said" aria-live="polite">
        {place && here ? (
          <>
            <b>{here.label}</b> {span ? saidOf(span, offset) : t('lanes.nothing')}{' '}
            <span className="quiet">{fullTime(place.time, offset)}</span>
          </>
        ) : (
          <span className="quiet">{t('lanes.hint')}</span>
        )}
      </p>
    </div>
  );
}

function Piece({ span, view }: { span: LaneSpan; view: View }) {
  const length = view.to - view.from;
  const width = (span.to - span.from) / length;
  return (
    <div
      className={`lane-span ${span.tone}`}
      style={{
        insetInlineStart: `${(((span.from - view.from) / length) * 100).toFixed(3)}%`,
        inlineSize: `max(1px, ${(width * 100).toFixed(3)}%)`,
      }}
    >
      {width > 0.07 && <span>{span.label}</span>}
    </div>
  );
}

const saidOf = (span: LaneSpan, offset: number) =>
  [
    span.label,
    span.note,
    t('lanes.span', {
      from: fullTime(span.from, offset),
      to: fullTime(span.to, offset),
      length: lengthOf(span.to - span.from),
    }),
  ]
    .filter(Boolean)
    .join(' · ');

/** In the gateway's zone, wherever the reader sits. */
const fullTime = (at: number, offset: number): string =>
  new Date(at + offset).toISOString().slice(5, 19).replace('T', ' ');

function shortTime(at: number, length: number, offset: number): string {
  const text = fullTime(at, offset);
  if (length > 4 * 86_400_000) return text.slice(0, 5);
  return text.slice(6, 11) === '00:00' ? text.slice(0, 5) : text.slice(6, 11);
}

/** The same for those who read rather than look, newest first. */
export function LanesTable({ lanes, view, offset }: Pick<LanesProps, 'lanes' | 'view' | 'offset'>) {
  const rows = lanes
    .flatMap((lane) => within(lane.spans, view).map((span) => ({ lane: lane.label, ...span })))
    .sort((a, b) => b.from - a.from)
    .slice(0, 500);
  return (
    <div className="lanes-table">
      <table className="plain-table">
        <thead>
          <tr>
            {(['lanes.lane', 'lanes.state', 'lanes.from', 'lanes.to', 'lanes.length'] as const).map((key) => (
              <th key={key} scope="col">
                {t(key)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={`${row.lane}${row.from}${row.label}`}>
              <td>{row.lane}</td>
              <td>{[row.label, row.note].filter(Boolean).join(' · ')}</td>
              <td>{fullTime(row.from, offset)}</td>
              <td>{fullTime(row.to, offset)}</td>
              <td>{lengthOf(row.to - row.from)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
