import type { Answer } from '../../api/client.ts';
import { t, tCode } from '../../language.ts';
import type { Tone } from '../../look/tokens.ts';
import { freshSpans, joined, type Lane, type LaneSpan, type View } from '../../parts/lanes-view.ts';
import { toneOf } from '../../parts/marks.tsx';

type Lanes = Answer<'DeviceLanes'>;

/** Rows of the timeline out of what the gateway tells; a row that would say nothing is left out, but for the verdict and the link. */
export function lanesOf(data: Lanes, camera: boolean): Lane[] {
  const end = Date.parse(data.to);
  const till = (to: string | null) => (to === null ? end : Date.parse(to));
  const lane = (key: string, label: string, spans: readonly LaneSpan[]): Lane => ({ key, label, spans: joined(spans) });
  const optional = (one: Lane) => (one.spans.length === 0 ? [] : [one]);
  const verdict = data.health.map((span) => ({
    from: Date.parse(span.from),
    to: Date.parse(span.to),
    tone: toneOf('health', span.state),
    label: tCode('health', span.state),
    note: tCode('reason', span.reason),
  }));
  const link = data.health.map((span) => ({ from: Date.parse(span.from), to: Date.parse(span.to), ...linkOf(span) }));
  const groups = data.incidents.filter(({ kind }) => kind === 'group');
  const own = data.incidents.filter(({ kind, fault }) => kind === 'device' && fault !== 'unsteady');
  const incident = ({ id, from, to, fault, reason }: Lanes['incidents'][number]): LaneSpan => ({
    from: Date.parse(from),
    to: till(to),
    tone: 'bad',
    label: tCode('fault', fault),
    ...(reason !== fault && { note: tCode('reason', reason) }),
    href: `/incidents/${id}`,
  });
  return [
    lane('verdict', t('lane.verdict'), verdict),
    lane('link', t(camera ? 'lane.stream' : 'lane.link'), link),
    ...optional(lane('incident', t('lane.incident'), own.map(incident))),
    ...optional(lane('group', t('lane.group'), groups.map(incident))),
    ...optional(
      lane(
        'ticket',
        t('lane.ticket'),
        data.tickets.map(({ id, no, stage, from, to }) => ({
          from: Date.parse(from),
          to: till(to),
          tone: toneOf('stage', stage),
          label: tCode('stage', stage),
          note: no,
          href: `/tickets/${id}`,
        })),
      ),
    ),
    ...optional(
      lane(
        'quiet',
        t('lane.quiet'),
        data.quiet.map(({ kind, name, from, to }) => ({
          from: Date.parse(from),
          to: Math.min(Date.parse(to), end),
          tone: 'odd' as Tone,
          label: t(`lane.quiet.${kind}`),
          note: name,
        })),
      ),
    ),
    ...optional(
      lane(
        'blind',
        t('lane.blind'),
        data.blind.map(({ from, to }) => ({
          from: Date.parse(from),
          to: till(to),
          tone: 'none' as Tone,
          label: t('lane.blind.now'),
        })),
      ),
    ),
  ];
}

/** A device whose data are old or that warns of something is there all the same. */
function linkOf({ state, reason }: Lanes['health'][number]): Pick<LaneSpan, 'tone' | 'label' | 'note'> {
  if (state === 'offline') return { tone: 'bad', label: t('lane.link.down'), note: tCode('reason', reason) };
  if (state === 'flapping') return { tone: 'warning', label: tCode('health', 'flapping') };
  if (state === 'unknown') return { tone: 'none', label: tCode('health', 'unknown') };
  return { tone: 'good', label: t('lane.link.up') };
}

interface Watched {
  readonly name: string;
  readonly label: string;
  readonly lastsMs: number;
  /** Beginnings of the stretches in which something came. */
  readonly signs: readonly number[];
}

/** One row a metric: fresh while it kept coming, not updated between. `eachMs` null = not read yet. */
export function freshLanes(metrics: readonly Watched[], eachMs: number | null, view: View): Lane[] {
  return metrics.map(({ name, label, lastsMs, signs }) => {
    const fresh = eachMs === null ? [] : freshSpans(signs, eachMs, lastsMs, view);
    const spans: LaneSpan[] = [];
    fresh.forEach((one, i) => {
      const before = fresh[i - 1];
      if (before) spans.push({ from: before.to, to: one.from, tone: 'odd', label: tCode('health', 'stale') });
      spans.push({ ...one, tone: 'good', label: t('lane.fresh') });
    });
    const last = fresh.at(-1);
    if (last && last.to < view.to)
      spans.push({ from: last.to, to: view.to, tone: 'odd', label: tCode('health', 'stale') });
    return { key: `data:${name}`, label, spans };
  });
}
