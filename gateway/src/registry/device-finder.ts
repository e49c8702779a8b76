import type { Clock, Logger } from '../../../adapters/adapter.ts';
import type { Actor } from '../domain/actor.ts';
import type { AuditPort } from '../domain/audit.ts';
import type { Device, DeviceRecord, DeviceStatus } from '../domain/device-record.ts';
import type { Notice } from '../domain/notice.ts';
import type { Transactor, Tx } from '../domain/tx.ts';
import { GatewayError } from '../errors.ts';
import type { Directory } from './directory.ts';
import type { DeviceReactions, DeviceStore, DeviceTypes, Sealing } from './ports.ts';
import type { AcceptancePort } from './registration/acceptance.ts';
import type { SecurityStore } from './secured.ts';

/** What everything that is done to devices works with. */
export interface DevicesDeps {
  readonly db: Transactor;
  readonly devices: DeviceStore;
  readonly directory: Directory;
  readonly types: DeviceTypes;
  readonly sealing: Sealing;
  readonly newSecret: () => string;
  readonly audit: AuditPort;
  readonly reactions: DeviceReactions;
  /** What new devices look like beside the registered ones, and whether those on trial may pass. */
  readonly registration: AcceptancePort;
  readonly security: SecurityStore;
  /** Tells of decisions about vendors' devices; absent = nobody is told. */
  readonly outbox?: { add(tx: Tx, notices: readonly Notice[]): Promise<void> };
  /** Throws QUOTA_EXCEEDED when the actor may not register so many more; absent = any number. */
  readonly room?: (tx: Tx, actor: Actor, adding: number) => Promise<void>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** One device in the actor's scope; a foreign and an unknown id answer the same NOT_FOUND. */
export interface DeviceFinder {
  /** Locks the device until the transaction ends. */
  lockOne(tx: Tx, actor: Actor, id: string): Promise<DeviceRecord>;
  /** As it is answered, without secrets. */
  show(actor: Actor, id: string): Promise<Device>;
}

export function createDeviceFinder({ db, devices }: Pick<DevicesDeps, 'db' | 'devices'>): DeviceFinder {
  return {
    async lockOne(tx, actor, id) {
      const [record] = await devices.lock(tx, { ids: [id] }, actor.scope, 1);
      if (!record) throw new GatewayError('NOT_FOUND');
      return record;
    },
    async show(actor, id) {
      const found = await devices.get(db.autocommit, id, actor.scope);
      if (!found) throw new GatewayError('NOT_FOUND');
      return toDevice(found);
    },
  };
}

/** The device as it is answered, without secrets. */
export function toDevice(record: DeviceRecord & DeviceStatus): Device {
  const { connectionSecret, secretHash: _, parentKey: __, ...rest } = record;
  return { ...rest, hasConnectionPassword: connectionSecret !== null };
}
