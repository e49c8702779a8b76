import type { Tx } from '../domain/tx.ts';
import type { Refused } from './identify.ts';
import type { PlannedMessage } from './plan.ts';
import type { IngestStore, Tally } from './ports.ts';

export interface Reply {
  readonly deviceId: string;
  readonly code: string;
  readonly detail: string;
  readonly msgId?: string;
}

const HOUR_MS = 3_600_000;

type Counted = { count: number; at: number };

/** Gathers what a batch says beside its readings: refused parts, unknown metrics, zombies, command answers. */
export function createTallier() {
  const rejections = new Map<string, Counted & { principal: string; code: string }>();
  const notes = new Map<string, Counted & { device: number; code: string; path: string; detail: string }>();
  const unknown = new Map<string, Counted & { type: string; name: string }>();
  const hours = new Map<string, Counted & { device: number; code: string; hour: number }>();
  const zombies = new Map<number, Counted & { device: number }>();
  const acks: { device: number; id: string; ok: boolean; result?: unknown; at: number }[] = [];
  const replies: Reply[] = [];

  const note = (device: number, code: string, path: string, detail: string, at: number) =>
    bump(notes, `${device}|${code}|${path}`, { device, code, path, detail }, at);

  /** What is not stored as it came, for the quality of a device's data. */
  const perHour = (device: number, code: string, at: number) => {
    const hour = at - (at % HOUR_MS);
    bump(hours, `${device}|${code}|${hour}`, { device, code, hour }, at);
  };

  return {
    replies,
    rejected({ record, rejected }: PlannedMessage): void {
      const code = rejected ?? 'REJECTED';
      bump(rejections, `${record.principal}|${code}`, { principal: record.principal, code }, record.receivedAt);
      if (record.principal.startsWith('device:')) {
        replies.push({ deviceId: record.principal.slice(7), code, detail: 'acknowledged and not stored' });
      }
    },
    refused(message: PlannedMessage, refused: Refused): void {
      if (!refused.device) return;
      const { id, key } = refused.device;
      perHour(key, refused.code, message.record.receivedAt);
      if (refused.code === 'ZOMBIE') bump(zombies, key, { device: key }, message.record.receivedAt);
      const msgId = refused.msgId ?? message.items[0]?.item.msgId;
      replies.push({
        deviceId: id,
        code: refused.code,
        detail: refused.detail,
        ...(msgId === undefined ? {} : { msgId }),
      });
    },
    stored({ record, items }: PlannedMessage, refused: readonly Refused[]): void {
      const at = record.receivedAt;
      for (const { device, item } of items) {
        for (const { code, path, detail } of item.notes) {
          note(device.key, code, path, detail, at);
          perHour(device.key, code, at);
        }
        for (const name of item.unknown) {
          bump(unknown, `${device.type}|${name}`, { type: device.type, name }, at);
          perHour(device.key, 'UNKNOWN_METRIC', at);
        }
        if (item.ack) acks.push({ device: device.key, ...item.ack, at });
      }
      for (const { device, code, detail } of refused) {
        if (!device) continue;
        note(device.key, code, '', detail, at);
        perHour(device.key, code, at);
        if (code === 'ZOMBIE') bump(zombies, device.key, { device: device.key }, at);
      }
    },
    repeated({ record, items }: PlannedMessage): void {
      for (const key of new Set(items.map(({ device }) => device.key))) perHour(key, 'DUPLICATE', record.receivedAt);
    },
    async save(tx: Tx, store: IngestStore): Promise<void> {
      const tally: Tally = {
        rejections: [...rejections.values()],
        notes: [...notes.values()],
        unknown: [...unknown.values()],
        zombies: [...zombies.values()],
        hours: [...hours.values()],
      };
      if (rejections.size + notes.size + unknown.size + zombies.size + hours.size > 0) await store.tally(tx, tally);
      if (acks.length > 0) await store.acknowledge(tx, acks);
    },
  };
}

function bump<K, T extends object>(map: Map<K, T & Counted>, key: K, fresh: T, at: number): void {
  const row = map.get(key);
  if (row) {
    row.count += 1;
    row.at = Math.max(row.at, at);
  } else map.set(key, { ...fresh, count: 1, at });
}
