import { afterEach, expect, test, vi } from 'vitest';
import { compactOnceQuiet, ownHeap } from './compaction.ts';

afterEach(() => {
  vi.useRealTimers();
});

test('the heap is compacted once, in the first quiet time after the start', () => {
  vi.useFakeTimers();
  let load = 0.9;
  const collect = vi.fn();
  compactOnceQuiet({ load: () => load, collect, everyMs: 1_000 });
  vi.advanceTimersByTime(5_000);
  expect(collect).not.toHaveBeenCalled();
  load = 0.01;
  vi.advanceTimersByTime(1_000);
  expect(collect).toHaveBeenCalledOnce();
  vi.advanceTimersByTime(60_000);
  expect(collect).toHaveBeenCalledOnce();
});

test('the load of this process is a share, and collecting without the flag does nothing', () => {
  const heap = ownHeap();
  const share = heap.load();
  expect(share).toBeGreaterThanOrEqual(0);
  expect(share).toBeLessThanOrEqual(1);
  expect(() => heap.collect()).not.toThrow();
});
