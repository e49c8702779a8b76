import type { Tone } from '../look/tokens.ts';

/** Epoch milliseconds, half open. */
export interface View {
  readonly from: number;
  readonly to: number;
}

export interface LaneSpan extends View {
  readonly tone: Tone;
  readonly label: string;
  /** More for the tooltip and the table. */
  readonly note?: string;
  readonly href?: string;
}

export interface Lane {
  readonly key: string;
  readonly label: string;
  /** In order; what lies between them is unknown or not the case. */
  readonly spans: readonly LaneSpan[];
}

const MINUTE = 60_000;

/** Neighbours that say the same become one; length is duration. */
export function joined(spans: readonly LaneSpan[]): LaneSpan[] {
  const found: LaneSpan[] = [];
  for (const span of spans) {
    const last = found.at(-1);
    if (last && last.to >= span.from && same(last, span))
      found[found.length - 1] = { ...last, to: Math.max(last.to, span.to) };
    else found.push(span);
  }
  return found;
}

const same = (a: LaneSpan, b: LaneSpan) =>
  a.tone === b.tone && a.label === b.label && a.note === b.note && a.href === b.href;

/** What of them is to be seen. */
export function within(spans: readonly LaneSpan[], view: View): LaneSpan[] {
  return spans
    .filter((span) => span.to > view.from && span.from < view.to)
    .map((span) => ({ ...span, from: Math.max(span.from, view.from), to: Math.min(span.to, view.to) }));
}

export const spanAt = (spans: readonly LaneSpan[], time: number): LaneSpan | undefined =>
  spans.findLast((span) => span.from <= time && time < span.to);

/** Nearer (`factor` < 1) or farther around a moment, never nearer than a minute, never beyond `limit`. */
export function zoomed(view: View, factor: number, centre: number, limit: View): View {
  const length = Math.min(Math.max((view.to - view.from) * factor, MINUTE), limit.to - limit.from);
  const share = (centre - view.from) / (view.to - view.from);
  return fitted({ from: centre - share * length, to: centre + (1 - share) * length }, limit);
}

/** The same length, moved back to lie within. */
function fitted(view: View, limit: View): View {
  const length = view.to - view.from;
  const from = Math.round(Math.min(Math.max(view.from, limit.from), limit.to - length));
  return { from, to: Math.round(from + length) };
}

/** While something keeps coming: from each sign of life until it is older than `lastsMs`. */
export function freshSpans(signs: readonly number[], eachMs: number, lastsMs: number, view: View): View[] {
  const found: { from: number; to: number }[] = [];
  for (const sign of signs) {
    const to = Math.min(sign + eachMs + lastsMs, view.to);
    const last = found.at(-1);
    if (last && sign <= last.to) last.to = Math.max(last.to, to);
    else found.push({ from: Math.max(sign, view.from), to });
  }
  return found;
}

const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440, 2_880, 7_200, 14_400].map((n) => n * MINUTE);

/** How far ahead of UTC the gateway writes its times, milliseconds: `2026-11-23T08:00:00+08:00` is eight hours. */
export function offsetOf(iso: string): number {
  const [, sign, hours = '0', minutes = '0'] = /([+-])(\d\d):(\d\d)$/.exec(iso) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * MINUTE;
}

/** Moments to write under a time axis: round in the gateway's zone, about `most`. */
export function ticks(view: View, most: number, offset: number): number[] {
  const length = view.to - view.from;
  const step = STEPS.find((one) => length / one <= most) ?? STEPS.at(-1) ?? length;
  const first = Math.ceil((view.from + offset) / step) * step - offset;
  return Array.from({ length: Math.max(0, Math.floor((view.to - first) / step) + 1) }, (_, i) => first + i * step);
}
