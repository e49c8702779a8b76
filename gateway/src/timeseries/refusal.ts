import type { Reading } from '../domain/reading.ts';
import { EARLIEST, LATEST } from './sql-days.ts';
import { isStorableText } from './sql-keys.ts';

/** What can be known without asking, the same on every engine. */
export function refusal({ device, metric, value, time, receivedAt }: Reading): string | undefined {
  if (!Number.isInteger(device) || device < 1 || device > 0x7fffffff) return `${device} is no device key`;
  if (!(time >= EARLIEST && time < LATEST)) return `time ${time} is outside 2000–2099`;
  if (!(receivedAt >= EARLIEST && receivedAt < LATEST)) return `receive time ${receivedAt} is outside 2000–2099`;
  if (typeof value === 'string' && !isStorableText(value)) return 'text holds \\u0000 or half a surrogate pair';
  if (typeof value === 'number' && !Number.isFinite(value)) return `${value} is no finite number`;
  if (metric.includes('\0') || !metric.isWellFormed()) return 'metric name holds \\u0000 or half a surrogate pair';
  return undefined;
}
