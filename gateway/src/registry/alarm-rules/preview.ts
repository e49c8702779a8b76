import { blankHistory, historyAt, noteTrend, noteWatch, trendKey } from '../../domain/alarm-history.ts';
import { IDLE, nextAlarmPhase } from '../../domain/alarm-rules.ts';
import type { DeviceKey } from '../../domain/device.ts';
import { coversMetric } from '../../domain/device-type/expression.ts';
import type { AlarmRule } from '../../domain/device-type/types.ts';
import type { Value } from '../../domain/reading.ts';
import type { RuleSeries } from './ports.ts';

/** What came from one device, oldest first. */
export interface Happening {
  readonly at: number;
  readonly metric?: string;
  readonly value?: Value;
  readonly event?: string;
}

export interface Fired {
  readonly from: number;
  /** null = it would still be up. */
  readonly to: number | null;
}

const MINUTE_MS = 60_000;
/** Readings of one device that are looked at. */
const MOST_POINTS = 5_000;
const MOST_FIRED = 100;

/** Stored readings of the metrics a rule refers to. */
export async function happeningsOf(
  series: RuleSeries,
  device: DeviceKey,
  rule: AlarmRule,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<{ readonly happenings: Happening[]; readonly cut: boolean }> {
  const names = namesOf(rule);
  const metrics = (await series.latest(device))
    .map(({ metric }) => metric)
    .filter((metric) => names.some((name) => coversMetric(name, metric)));
  if (metrics.length === 0) return { happenings: [], cut: false };
  const page = await series.query({ device, metrics, from, to, limit: MOST_POINTS });
  const happenings = page.series.flatMap(({ metric, points }) => points.map(([at, value]) => ({ at, metric, value })));
  return { happenings: happenings.sort((a, b) => a.at - b.at), cut: page.nextCursor !== null };
}

/** When a rule would have been up, by the minute where nothing but time decides. Pure: no clock, no store. */
export function replay(rule: AlarmRule, happenings: readonly Happening[], from: number, to: number): Fired[] {
  const history = blankHistory();
  const values = new Map<string, Value>();
  const parts = [...rule.when.temporal, ...rule.clear.temporal];
  const fired: { from: number; to: number | null }[] = [];
  let phase = IDLE;
  let alive = from;
  const step = (now: number) => {
    const past = historyAt(history, now, alive);
    const when = rule.when.evaluate(values, past);
    const next = nextAlarmPhase(phase, { when, clear: rule.clear.evaluate(values, past), forMs: rule.forMs, now });
    if (next.phase === 'active' && phase.phase !== 'active') fired.push({ from: now, to: null });
    const last = fired.at(-1);
    if (next.phase !== 'active' && phase.phase === 'active' && last) last.to = now;
    phase = next;
  };
  const take = ({ at, metric, value, event }: Happening) => {
    alive = at;
    if (metric !== undefined && value !== undefined) values.set(metric, value);
    for (const { kind, name, windowMs } of parts) {
      if (name !== metric && name !== event) continue;
      if (kind === 'absent' || kind === 'count') {
        const watch = history.watches.get(name) ?? { since: 0, times: [], saved: null };
        history.watches.set(name, watch);
        // Two parts of one rule that look for the same event note it once.
        if (watch.times.at(-1) !== at || event === undefined) noteWatch(watch, at, event !== undefined);
      } else if (typeof value === 'number') {
        const key = trendKey(name, windowMs);
        const trend = history.trends.get(key) ?? { windowMs, points: [] };
        history.trends.set(key, trend);
        noteTrend(trend, at, value);
      }
    }
  };
  for (const { kind, name } of parts)
    if (kind === 'absent') history.watches.set(name, { since: from, times: [], saved: null });
  let next = 0;
  for (let minute = from + MINUTE_MS; minute <= to && fired.length <= MOST_FIRED; minute += MINUTE_MS) {
    for (let one = happenings[next]; one && one.at <= minute; one = happenings[++next]) {
      take(one);
      // What was pending may have ripened before this came.
      step(one.at);
    }
    step(minute);
  }
  return fired.slice(0, MOST_FIRED);
}

function namesOf({ when, clear }: AlarmRule): string[] {
  return [...when.metrics, ...clear.metrics, ...[...when.temporal, ...clear.temporal].map(({ name }) => name)];
}
