import type { AdapterContext, Logger } from '../../adapters/adapter.ts';

const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};

/** Adapters that only ask cameras want nothing of their context but the clock: no login, no message, no link. */
export const askingContext: AdapterContext = {
  log: silent,
  clock: { now: () => Date.now(), monotonic: () => performance.now() },
  authenticate: async () => ({ refused: 'UNAVAILABLE', detail: 'asking only' }),
  authorize: () => false,
  link: () => undefined,
  emit: async () => undefined,
};
