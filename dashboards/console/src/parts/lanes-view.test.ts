import { describe, expect, it } from 'vitest';
import { freshSpans, joined, type LaneSpan, offsetOf, spanAt, ticks, within, zoomed } from './lanes-view.ts';

const span = (from: number, to: number, label: string): LaneSpan => ({ from, to, label, tone: 'good' });
const H = 3_600_000;

describe('lanes of a timeline', () => {
  it('joins neighbours that say the same and keeps gaps', () => {
    const spans = [span(0, 5, 'a'), span(5, 9, 'a'), span(9, 12, 'b'), span(14, 20, 'b')];
    expect(joined(spans)).toEqual([span(0, 9, 'a'), span(9, 12, 'b'), span(14, 20, 'b')]);
  });

  it('cuts to what is seen and finds what held at a moment', () => {
    const spans = [span(0, 10, 'a'), span(10, 30, 'b')];
    expect(within(spans, { from: 5, to: 20 })).toEqual([span(5, 10, 'a'), span(10, 20, 'b')]);
    expect(spanAt(spans, 10)?.label).toBe('b');
    expect(spanAt(spans, 30)).toBeUndefined();
  });

  it('zooms around a moment without leaving what there is', () => {
    const limit = { from: 0, to: 24 * H };
    expect(zoomed(limit, 0.5, 12 * H, limit)).toEqual({ from: 6 * H, to: 18 * H });
    expect(zoomed({ from: 0, to: 6 * H }, 0.5, 0, limit)).toEqual({ from: 0, to: 3 * H });
    expect(zoomed({ from: 20 * H, to: 24 * H }, 4, 24 * H, limit)).toEqual({ from: 8 * H, to: 24 * H });
    expect(zoomed(limit, 10, 12 * H, limit)).toEqual(limit);
    const near = zoomed({ from: 0, to: 60_000 }, 0.1, 30_000, limit);
    expect(near.to - near.from).toBe(60_000);
  });

  it('calls fresh what came within its time, and nothing between', () => {
    expect(freshSpans([0, 10, 100], 10, 5, { from: 0, to: 110 })).toEqual([
      { from: 0, to: 25 },
      { from: 100, to: 110 },
    ]);
  });

  it('writes few and round moments', () => {
    const found = ticks({ from: 0, to: 24 * H }, 8, 8 * H);
    expect(found.length).toBeLessThanOrEqual(9);
    expect(found.length).toBeGreaterThan(3);
  });

  it('knows the zone in which the gateway writes', () => {
    expect(offsetOf('2026-11-23T08:00:00.000+08:00')).toBe(8 * H);
    expect(offsetOf('2026-11-23T08:00:00.000-03:30')).toBe(-3.5 * H);
    expect(offsetOf('2026-11-23T08:00:00.000Z')).toBe(0);
  });
});
