import { expect, test } from 'vitest';
import { createTurns } from './turns.ts';

test('no more than the given number run at once, in order, and a failure makes room', async () => {
  const turn = createTurns(2);
  let running = 0;
  let most = 0;
  const order: number[] = [];
  const works = Array.from({ length: 6 }, (_, n) =>
    turn(async () => {
      running += 1;
      most = Math.max(most, running);
      order.push(n);
      await new Promise((done) => setTimeout(done, 1));
      running -= 1;
      if (n === 1) throw new Error('refused');
      return n;
    }),
  );
  const results = await Promise.allSettled(works);
  expect(most).toBe(2);
  expect(order).toEqual([0, 1, 2, 3, 4, 5]);
  expect(results.map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    'fulfilled',
    'fulfilled',
    'fulfilled',
    'fulfilled',
  ]);
});
