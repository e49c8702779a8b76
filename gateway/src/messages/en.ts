import type { MessageKey } from './index.ts';

export const en = {
  'health.online': 'online',
  'health.offline': 'offline',
  'health.stale': 'data not updated',
  'health.degraded': 'degraded',
  'health.flapping': 'flapping',
  'health.unknown': 'unknown',
} as const satisfies Record<MessageKey, string>;
