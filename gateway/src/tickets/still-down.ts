import type { DeviceFacts } from '../domain/duty-rows.ts';
import { bilingual } from '../messages/index.ts';

const NAMED = 10;

/** Members of a group that are down when most are back: named in the log, and in the words of the notice. */
export function stillDown(devices: readonly DeviceFacts[]): { devices: string; words: string } | undefined {
  if (devices.length === 0) return undefined;
  const names = devices.slice(0, NAMED).map(({ name }) => name);
  const more = devices.length > NAMED ? ` … (${devices.length})` : '';
  const said = `${names.join('、')}${more}`;
  return { devices: said, words: bilingual('ticket.stillDown', { devices: said }) };
}
