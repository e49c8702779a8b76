import type { MessageOwner, MessageVerdict } from '../domain/recent-message.ts';
import type { Verdict } from './commit.ts';
import type { RecentMessages } from './recent.ts';

/** Records what became of a message under its device, or under the vendor's login when it has none. */
export function recordVerdict(
  recent: RecentMessages,
  { message, bucket, refused }: Verdict,
  keyOf: (deviceId: string) => number | undefined,
): void {
  const { record, items, rejected } = message;
  const [only] = items;
  // Nearly every message: one device, and nothing to say about it.
  if (only && items.length === 1 && refused.length === 0 && only.item.notes.length === 0) {
    recent.add(only.device.key, {
      receivedAt: record.receivedAt,
      topic: record.topic.slice(0, 256),
      size: record.payload.byteLength,
      payload: record.payload,
      verdict: bucket,
      code: null,
      detail: null,
      readings: only.item.values.size,
      via: record.via,
      principal: record.principal,
    });
    return;
  }
  const owners = ownersOf(message, refused, keyOf);
  if (owners.size === 0) return;
  const noted = items.flatMap(({ item }) => item.notes)[0];
  const first =
    refused[0] ?? (rejected === undefined ? noted : { code: rejected, detail: 'refused before it was read' });
  const verdict: MessageVerdict = bucket === 'stored' && first ? 'partly' : bucket;
  const path = noted && first === noted && noted.path !== '' ? `${noted.path}: ` : '';
  for (const owner of owners) {
    const own = items.filter(({ device }) => owner === device.key);
    recent.add(owner, {
      receivedAt: record.receivedAt,
      topic: record.topic.slice(0, 256),
      size: rejected === undefined ? record.payload.byteLength : null,
      payload: record.payload,
      verdict,
      code: first?.code ?? null,
      detail: first ? `${path}${first.detail}`.slice(0, 500) : null,
      readings: own.reduce((sum, { item }) => sum + item.values.size, 0),
      via: record.via,
      principal: record.principal,
    });
  }
}

function ownersOf(
  { record, items }: Verdict['message'],
  refused: Verdict['refused'],
  keyOf: (deviceId: string) => number | undefined,
): ReadonlySet<MessageOwner> {
  const owners = new Set<MessageOwner>(items.map(({ device }) => device.key));
  for (const { device } of refused) if (device) owners.add(device.key);
  if (owners.size > 0) return owners;
  const { principal } = record;
  if (principal.startsWith('vendor:')) owners.add(principal as `vendor:${string}`);
  const key = principal.startsWith('device:') ? keyOf(principal.slice('device:'.length)) : undefined;
  if (key !== undefined) owners.add(key);
  return owners;
}
