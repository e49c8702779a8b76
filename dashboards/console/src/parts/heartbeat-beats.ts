/** What a beat shows: a state, or why there is none to show. */
export type BeatKind =
  | 'online'
  | 'degraded'
  | 'stale'
  | 'flapping'
  | 'offline'
  | 'outage'
  | 'unknown'
  | 'blind'
  | 'maintenance'
  | 'before';

export interface Beat {
  readonly from: number;
  readonly to: number;
  readonly kind: BeatKind;
  /** The state beneath, where {@link kind} says more than it. */
  readonly state: string;
}

interface Span {
  readonly from: string;
  readonly to: string;
}
interface Recorded {
  readonly since: string;
  readonly runs: readonly { readonly at: string; readonly state: string }[];
  readonly blind: readonly Span[];
  readonly maintenance: readonly Span[];
  readonly outages: readonly Span[];
}

/** Of what happened within one beat the worst is shown: half a minute offline must not vanish in half an hour. */
const WORST = ['offline', 'flapping', 'stale', 'degraded', 'online', 'unknown'] as const;

/** Cuts `[from, to)` (epoch milliseconds) into `count` beats. */
export function beatsOf(item: Recorded, from: number, to: number, count: number): Beat[] {
  const since = Date.parse(item.since);
  const runs = item.runs.map(({ at, state }) => ({ at: Date.parse(at), state }));
  const spans = (list: readonly Span[]) => list.map((span) => [Date.parse(span.from), Date.parse(span.to)] as const);
  const [blind, maintenance, outages] = [spans(item.blind), spans(item.maintenance), spans(item.outages)];
  const length = (to - from) / count;
  return Array.from({ length: count }, (_, i): Beat => {
    const begin = from + i * length;
    const end = begin + length;
    const seen = runs.filter(({ at }, n) => at < end && (runs[n + 1]?.at ?? to) > begin).map(({ state }) => state);
    const state = WORST.find((one) => seen.includes(one)) ?? 'unknown';
    const most = (list: readonly (readonly [number, number])[]) => covered(list, begin, end) * 2 > length;
    const kind = (): BeatKind => {
      if (end <= since) return 'before';
      if (most(maintenance)) return 'maintenance';
      if (most(blind)) return 'blind';
      if (state === 'offline' && covered(outages, begin, end) > 0) return 'outage';
      return state;
    };
    return { from: begin, to: end, kind: kind(), state };
  });
}

function covered(list: readonly (readonly [number, number])[], from: number, to: number): number {
  return list.reduce((sum, [begin, end]) => sum + Math.max(0, Math.min(end, to) - Math.max(begin, from)), 0);
}

/** The period in whole hours, 在线率 in percent with one digit (never rounded up to 100), and how often it was offline. */
export function summaryOf(
  item: { readonly onlineRate: number | null; readonly offlineTimes: number },
  from: number,
  to: number,
): { hours: number; rate: string | null; times: number } {
  const rate = item.onlineRate;
  return {
    hours: Math.round((to - from) / 3_600_000),
    rate: rate === null ? null : rate === 1 ? '100' : (Math.floor(rate * 1_000) / 10).toFixed(1),
    times: item.offlineTimes,
  };
}
