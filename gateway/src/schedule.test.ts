import { AsyncLocalStorage } from 'node:async_hooks';
import { afterEach, expect, it } from 'vitest';
import { until } from '../test/support/until.ts';
import { createLogger } from './log.ts';
import { repeat, type Task } from './schedule.ts';

let task: Task | undefined;
afterEach(() => task?.stop());

it('work goes on as who began it, whoever kicks it', async () => {
  const as = new AsyncLocalStorage<string>();
  const seen: (string | undefined)[] = [];
  task = as.run('leader', () =>
    repeat({ name: 'work', everyMs: 5, firstAfterMs: 0, log: createLogger('silent') }, async () => {
      seen.push(as.getStore());
    }),
  );
  await until('it ran', () => seen.length > 0);
  as.run('somebody else', task.kick);
  as.exit(task.kick);
  const before = seen.length;
  await until('it ran again, and of itself', () => seen.length > before + 2);
  expect(new Set(seen)).toEqual(new Set(['leader']));
});
