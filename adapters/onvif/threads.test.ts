import { afterEach, describe, expect, it } from 'vitest';
import { createThreadPool, type ThreadPool } from './threads.ts';

const script = new URL('./testing-thread.ts', import.meta.url);
let pool: ThreadPool;
afterEach(() => pool.close());

const start = (more: object = {}) => {
  pool = createThreadPool({ size: 1, stuckAfterMs: 300, script, ...more });
};
const run = (xml: string, { deadline = 20_000, repeatable = true } = {}) =>
  pool.run(
    'matches',
    { xml },
    {
      ask: () => Promise.reject(new Error('not asked')),
      signal: AbortSignal.timeout(deadline),
      repeatable,
    },
  );

describe('the parser threads', () => {
  it.each([
    ['runs out of memory', 'eat'],
    ['computes for ever', 'spin'],
    ['throws behind our back', 'throw'],
  ])('outlive a call that %s, and its neighbours get their answers', async (_, poison) => {
    start();
    const neighbours = [run('a'), run('b')];
    await expect(run(poison)).rejects.toMatchObject({ reason: 'notOnvif', message: /within our limits/ });
    expect(await Promise.all(neighbours)).toEqual([['a'], ['b']]);
    expect(await run('c')).toEqual(['c']);
    expect(pool.stats().replaced).toBe(2);
  });

  it('never repeat what must not be done twice', async () => {
    start();
    const once = run('a', { repeatable: false });
    const poison = run('throw').catch(() => undefined);
    await expect(once).rejects.toMatchObject({ name: 'AdapterError', code: 'PARSER_LOST', retry: true });
    await poison;
  });

  it('let a caller go at its deadline though the thread hangs, and replace it', async () => {
    start();
    await expect(run('spin', { deadline: 100 })).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(await run('after')).toEqual(['after']);
    expect(pool.stats().replaced).toBe(1);
  });

  it('are few, end when idle, and come back when needed', async () => {
    start({ size: 2, idleMs: 100 });
    await Promise.all(['a', 'b', 'c', 'd', 'e'].map((each) => run(each)));
    expect(pool.stats().alive).toBe(2);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(pool.stats()).toEqual({ alive: 0, replaced: 0 });
    expect(await run('again')).toEqual(['again']);
  });

  it('refuse work after the end', async () => {
    start();
    const running = run('a');
    await pool.close();
    await expect(running).rejects.toMatchObject({ code: 'STOPPED' });
    await expect(run('b')).rejects.toMatchObject({ code: 'STOPPED' });
  });
});
