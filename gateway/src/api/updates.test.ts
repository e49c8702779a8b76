import { once } from 'node:events';
import { expect, it, vi } from 'vitest';
import { createManualClock } from '../clock.ts';
import { createLogger } from '../log.ts';
import { createUpdates, type Marks } from './updates.ts';

const STILL: Marks = { health: '1', tickets: '1', quarantine: '1', notifications: '1', people: '1' };

function rig() {
  let marks = STILL;
  let reads = 0;
  const clock = createManualClock(0);
  const updates = createUpdates({
    read: async () => {
      reads += 1;
      return marks;
    },
    clock,
    log: createLogger('silent'),
  });
  return {
    ...{ updates, clock, reads: () => reads },
    move: (change: Partial<Marks>) => {
      marks = { ...marks, ...change };
    },
  };
}
const said = (text: unknown) => String(text).match(/data: \[.*\]/g) ?? [];

it('tells every reader what may look different, and asks once for all of them', async () => {
  const { updates, reads, move } = rig();
  const heard = ['a', 'b'].map((reader) => {
    const words: string[] = [];
    updates.open(reader).on('data', (chunk) => words.push(...said(chunk)));
    return words;
  });
  await vi.waitFor(() => expect(reads()).toBe(1), { timeout: 20_000 });
  move({ tickets: '2' });
  await vi.waitFor(() => expect(heard.flat()).toHaveLength(2), { timeout: 20_000 });
  expect(JSON.parse(heard[0]?.[0]?.slice(6) ?? '')).toEqual(['overview', 'tickets', 'incidents']);
  expect(reads()).toBeLessThanOrEqual(4);
  updates.close();
});

it('gives whoever reads slowly one notice of all that changed meanwhile', async () => {
  const { updates, move } = rig();
  const stream = updates.open('slow');
  for (let n = 0; n < 400; n++) (stream as unknown as { changed(topics: string[]): void }).changed(['tickets']);
  (stream as unknown as { changed(topics: string[]): void }).changed(['quarantine']);
  expect(stream.readableLength).toBeLessThan(8_192);
  const words: string[] = [];
  stream.on('data', (chunk) => words.push(...said(chunk)));
  await vi.waitFor(() => expect(words.at(-1)).toContain('quarantine'), { timeout: 20_000 });
  expect(words.length).toBeLessThan(200);
  move({});
  updates.close();
});

it('ends after a while so that the reader’s right is asked again, and when the gateway stops', async () => {
  const { updates, clock } = rig();
  const old = updates.open('a');
  old.resume();
  await new Promise((resolve) => setTimeout(resolve, 50));
  clock.advance(11 * 60_000);
  await once(old, 'end');
  const young = updates.open('a');
  young.resume();
  updates.close();
  await once(young, 'close');
});

it('lets nobody take every place', () => {
  const { updates } = rig();
  for (let n = 0; n < 16; n++) updates.open('greedy');
  expect(() => updates.open('greedy')).toThrow(expect.objectContaining({ code: 'TOO_MANY_REQUESTS' }));
  updates.open('other');
  updates.close();
});
