import type { AdapterContext, Logger } from '../adapter.ts';

const log: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => log,
};

/** Tests only: a context that hears nothing; this adapter needs the clock and a log. */
export const testContext: AdapterContext = {
  log,
  clock: { now: () => Date.now(), monotonic: () => performance.now() },
  authenticate: async () => ({ refused: 'UNAVAILABLE', detail: 'test' }),
  authorize: () => false,
  link: () => undefined,
  emit: async () => undefined,
};
