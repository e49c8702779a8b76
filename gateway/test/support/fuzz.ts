import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { expect } from 'vitest';

/** `CGW_TEST_FUZZ_SEED=<number>` tries other inputs than those of every day; a failure names its seed. */
export const FUZZ_SEED = Number(process.env.CGW_TEST_FUZZ_SEED ?? 20_261_123);
/** What one input may keep everybody else waiting. */
const MOST_MS = 100;
/** A machine that is busy at one moment is not at all of them. */
const ATTEMPTS = 6;
const MAX_GROWTH = 50 * 1_048_576;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Heap and buffers that are still held when all garbage is gone. */
function held(): number {
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Processor time of this thread alone: neither neighbours nor the garbage collector's helpers count. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

/**
 * The longest time nothing else had its turn while `work` ran, in ms of processor time. Work that yields may take long
 * altogether: whoever waits is served in between.
 */
export async function longestStretch(work: () => unknown): Promise<number> {
  let longest = 0;
  let last = cpuMs();
  let done = false;
  const turn = () => {
    const now = cpuMs();
    longest = Math.max(longest, now - last);
    last = now;
    if (!done) setImmediate(turn);
  };
  setImmediate(turn);
  try {
    await work();
  } finally {
    done = true;
    turn();
  }
  return longest;
}

/** The best of some attempts; those after the first begin without the garbage of the one before. */
export async function bestStretch(work: () => unknown): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < ATTEMPTS && best > MOST_MS; attempt++) {
    if (attempt > 0) collect();
    best = Math.min(best, await longestStretch(work));
  }
  return best;
}

/**
 * Runs a parser on random inputs: `run` throws on what must not be. No input may keep the thread for more than 100 ms of
 * processor time, and all together may leave no more than 50 MB behind.
 */
export async function fuzz<T>(
  inputs: fc.Arbitrary<T>,
  run: (input: T) => unknown,
  { count = 1_000, examples = [] }: { readonly count?: number; readonly examples?: readonly T[] } = {},
): Promise<void> {
  console.info(`${expect.getState().currentTestName}: ${count + examples.length} inputs, seed ${FUZZ_SEED}`);
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => void unhandled.push(reason);
  process.on('unhandledRejection', note);
  const before = held();
  let worst = 0;
  try {
    const property = fc.asyncProperty(inputs, async (input) => {
      const longest = await bestStretch(() => run(input));
      worst = Math.max(worst, longest);
      if (longest > MOST_MS) throw new Error(`keeps the thread for ${longest.toFixed(0)} ms of processor time`);
    });
    await fc.assert(property, {
      seed: FUZZ_SEED,
      numRuns: count + examples.length,
      examples: examples.map((example): [T] => [example]),
      // What fails may be slow, too: a small counterexample is not worth minutes.
      interruptAfterTimeLimit: 60_000,
      markInterruptAsFailure: true,
    });
  } finally {
    console.info(`worst input: ${worst.toFixed(0)} ms of processor time in one stretch (at most ${MOST_MS})`);
    process.off('unhandledRejection', note);
  }
  expect(unhandled).toEqual([]);
  expect(held() - before).toBeLessThan(MAX_GROWTH);
}

/** Texts that have broken parsers before. */
export const NASTY_TEXTS: readonly string[] = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\ud800',
  'x\udc00y',
  '\u202e\u2066',
  '\ufeff',
  'e\u0301'.repeat(50),
  '👩‍👩‍👧‍👦',
  '\u2028\u2029\u0085',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'null',
  'undefined',
  'true',
  '[object Object]',
  '-0',
  'NaN',
  'Infinity',
  '1e309',
  '-1',
  '0x10',
  '1e3',
  '9007199254740993',
  '99999999999999999999999999999',
  '2147483648',
  '9223372036854775808',
  '+275760-09-13T00:00:00.001Z',
  '0000-00-00T00:00:00Z',
  '2026-11-23T08:00:00+08:00',
  "' OR 1=1 --",
  '"; DROP TABLE device; --',
  '%',
  '%%',
  '\\',
  '_%\\',
  '$1',
  '\u0024{7*7}',
  '../../etc/passwd',
  '..%2f..',
  '<script>alert(1)</script>',
  '=cmd|x!A1',
  'a,b,,c',
  '*',
  '(((((((((((((((((((((((((((((',
  '[a-z]+$',
  'x'.repeat(199),
  'x'.repeat(5_000),
  '东门'.repeat(500),
];

export const nastyText = (): fc.Arbitrary<string> =>
  fc.oneof(fc.constantFrom(...NASTY_TEXTS), fc.string({ unit: 'binary', maxLength: 60 }), fc.string({ maxLength: 20 }));

/** Bytes of something that is valid, hurt: cut, doubled, bytes changed, pieces from elsewhere put in. */
export function hurt(whole: Uint8Array): fc.Arbitrary<Uint8Array> {
  const place = fc.nat(whole.length);
  return fc.oneof(
    place.map((at) => whole.subarray(0, at)),
    place.map((at) => Buffer.concat([whole, whole.subarray(at)])),
    fc.tuple(place, place).map(([a, b]) => Buffer.concat([whole.subarray(0, a), whole.subarray(b)])),
    fc.tuple(place, fc.uint8Array({ maxLength: 12 })).map(([at, put]) => {
      const copy = Buffer.from(whole);
      copy.set(put.subarray(0, copy.length - at), at);
      return copy;
    }),
    fc.array(fc.tuple(place, fc.nat(255)), { minLength: 1, maxLength: 8 }).map((changes) => {
      const copy = Buffer.from(whole);
      for (const [at, byte] of changes) if (at < copy.length) copy[at] = byte;
      return copy;
    }),
  );
}
