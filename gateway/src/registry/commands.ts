import { randomUUID } from 'node:crypto';
import type { Clock } from '../../../adapters/adapter.ts';
import { type Actor, actorText } from '../domain/actor.ts';
import type { AuditPort } from '../domain/audit.ts';
import type { CommandRecord } from '../domain/command.ts';
import type { DeviceKey } from '../domain/device.ts';
import type { Device } from '../domain/device-record.ts';
import { requireRight } from '../domain/permission.ts';
import type { Transactor, Tx } from '../domain/tx.ts';
import { GatewayError } from '../errors.ts';

export interface CommandStore {
  insert(tx: Tx, command: CommandRecord): Promise<void>;
  markSent(tx: Tx, id: string, at: number): Promise<void>;
  remove(tx: Tx, id: string): Promise<void>;
}

export interface Commands {
  /** Keeps the command and hands it to the device's live session; UNAVAILABLE when there is none. */
  send(actor: Actor, device: Device, command: { name: string; params?: unknown }): Promise<{ id: string }>;
}

/** Commands go to devices that are connected now; nothing is queued for later, when it could be wrong or dangerous. */
export function createCommands(deps: {
  readonly db: Transactor;
  readonly store: CommandStore;
  readonly keyOf: (deviceId: string) => DeviceKey | undefined;
  readonly deliver: (deviceId: string, topic: string, payload: Uint8Array) => Promise<void>;
  readonly audit: AuditPort;
  readonly clock: Clock;
}): Commands {
  const { db, store, clock } = deps;
  return {
    async send(actor, device, { name, params }) {
      requireRight(actor, 'commands', 'operate');
      const key = deps.keyOf(device.id);
      if (key === undefined) throw new GatewayError('NOT_FOUND');
      const id = randomUUID();
      const at = clock.now();
      await db.transaction(async (tx) => {
        await store.insert(tx, { id, device: key, name, params, issuedBy: actorText(actor), issuedAt: at });
        const after = { id, name, params: params ?? null };
        await deps.audit.append(tx, [
          { at, actor, action: 'command', resource: 'devices', resourceId: device.id, after },
        ]);
      });
      const payload = Buffer.from(JSON.stringify({ id, name, params: params ?? {} }));
      try {
        await deps.deliver(device.id, `cgw/v1/${device.id}/command`, payload);
      } catch (error) {
        await store.remove(db.autocommit, id);
        throw new GatewayError(
          'UNAVAILABLE',
          '设备不在线，命令未发送 / the device is not connected; nothing was sent',
          {
            cause: error,
          },
        );
      }
      await store.markSent(db.autocommit, id, clock.now());
      return { id };
    },
  };
}
