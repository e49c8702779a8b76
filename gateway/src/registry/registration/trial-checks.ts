import type { AcceptanceCheck, TrialFacts, TrialMetric } from '../../domain/acceptance.ts';
import type { DuplicateMatch } from '../../domain/duplicates.ts';
import type { TrialType } from './ports.ts';
import { lasting, words } from './words.ts';

/** Messages of one round may come a little early; two intervals of 30 s are seen after 54 s. */
const JITTER = 0.9;
/** Device types that are judged by asking cameras. */
const CAMERA_ADAPTERS = new Set(['rtsp', 'onvif']);

export interface TrialWish {
  readonly readings: number;
  readonly intervals: number;
}

/** Metrics a device must deliver, by the names its type gives them. */
export const requiredMetrics = (type: TrialType | undefined) =>
  type ? [...type.metrics.values()].filter(({ required }) => required) : [];

/**
 * What a device must show before it is taken into service: every required metric, a first frame of a camera, anything
 * at all of a device that only tells events.
 */
export function trialChecks(
  type: TrialType | undefined,
  facts: TrialFacts,
  metrics: readonly TrialMetric[],
  wish: TrialWish,
): AcceptanceCheck[] {
  const required = requiredMetrics(type);
  const checks = required.map((metric) => metricCheck(metric, type, facts, metrics, wish));
  if (type && CAMERA_ADAPTERS.has(type.adapter)) checks.push(frameCheck(facts));
  else if (checks.length === 0) checks.push(heartbeatCheck(facts));
  return checks;
}

function metricCheck(
  { name, title }: { readonly name: string; readonly title: { zh: string; en: string } },
  type: TrialType | undefined,
  facts: TrialFacts,
  metrics: readonly TrialMetric[],
  wish: TrialWish,
): AcceptanceCheck {
  const wantedMs = wish.intervals * (type?.health.interval ?? 0);
  const fits = ({ readings, first, last }: TrialMetric) =>
    readings >= wish.readings && (last ?? 0) - (first ?? 0) >= wantedMs * JITTER;
  const mine = metrics.filter(({ metric }) => metric === name);
  // One part that delivers proves a metric of many parts.
  const best = mine.find(fits) ?? mine.toSorted((a, b) => b.readings - a.readings)[0];
  const ok = best !== undefined && fits(best);
  const seenMs = best ? (best.last ?? 0) - (best.first ?? 0) : 0;
  const none = best === undefined || best.readings === 0;
  return {
    name: `metric:${name}`,
    title: words('acceptance.metric', { title, metric: name }),
    wanted: words('acceptance.metric.wanted', { readings: wish.readings, span: lasting(wantedMs) }),
    seen: none
      ? words('acceptance.metric.none')
      : words('acceptance.metric.seen', {
          readings: best.readings,
          span: lasting(seenMs),
        }),
    ok,
    waits: true,
    since: facts.since,
    evidence: {
      readings: best?.readings ?? 0,
      spanMs: Math.round(seenMs),
      first: best?.first ?? null,
      last: best?.last ?? null,
      ...(best && best.name !== name ? { part: best.name } : {}),
    },
    advice: ok ? null : words(`acceptance.metric.advice.${none ? 'none' : 'more'}`, { metric: name }),
  };
}

function frameCheck({ since, firstFrameAt, pictureAt }: TrialFacts): AcceptanceCheck {
  const first = firstFrameAt !== null && firstFrameAt >= since ? firstFrameAt : null;
  const at = pictureAt ?? first;
  return plain('firstFrame', since, at !== null, { at });
}

function heartbeatCheck({ since, seenAt, sessionAt, events, lastEventAt }: TrialFacts): AcceptanceCheck {
  const heard = [seenAt, sessionAt, lastEventAt].filter((at) => at !== null && at >= since);
  return plain('heartbeat', since, heard.length > 0, { events, at: heard[0] ?? null });
}

function plain(
  name: 'firstFrame' | 'heartbeat',
  since: number,
  ok: boolean,
  evidence: Readonly<Record<string, number | null>>,
): AcceptanceCheck {
  return {
    name,
    title: words(`acceptance.${name}`),
    wanted: words(`acceptance.${name}.wanted`),
    seen: words(`acceptance.${name}.${ok ? 'seen' : 'none'}`, { events: evidence.events ?? 0 }),
    ok,
    waits: true,
    since,
    evidence,
    advice: ok ? null : words(`acceptance.${name}.advice`),
  };
}

/** The same device must not be in service twice. */
export function uniqueCheck(since: number, duplicates: readonly DuplicateMatch[]): AcceptanceCheck {
  const exact = duplicates.filter(({ level }) => level === 'exact');
  const ok = exact.length === 0;
  const names = [...new Set(exact.map(({ field }) => field))].map((field) => words(`duplicate.field.${field}`));
  const fields = { zh: names.map(({ zh }) => zh).join('、'), en: names.map(({ en }) => en).join(', ') };
  return {
    name: 'unique',
    title: words('acceptance.unique'),
    wanted: words('acceptance.unique.wanted'),
    seen: words(`acceptance.unique.${ok ? 'seen' : 'none'}`, { fields }),
    ok,
    waits: false,
    since,
    evidence: { devices: exact.map(({ deviceId }) => deviceId) },
    advice: ok ? null : words('acceptance.unique.advice'),
  };
}

/** What was returned must come back from its vendor first. */
export function notReturnedCheck(since: number, reason: string | null): AcceptanceCheck {
  const ok = reason === null;
  return {
    name: 'notReturned',
    title: words('acceptance.notReturned.title'),
    wanted: words('acceptance.notReturned.wanted'),
    seen: words(`acceptance.notReturned.${ok ? 'seen' : 'none'}`, { reason: reason ?? '' }),
    ok,
    waits: false,
    since,
    evidence: { reason },
    advice: ok ? null : words('acceptance.notReturned.advice'),
  };
}
