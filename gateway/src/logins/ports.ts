import type { BrokerManager, ConfirmedLogin, PendingLogin } from '../domain/broker-login.ts';
import type { DeviceBrief, DeviceKey } from '../domain/device.ts';
import type { Tx } from '../domain/tx.ts';

export interface LoginStore {
  want(tx: Tx, logins: readonly PendingLogin[], now: number): Promise<void>;
  pending(tx: Tx, limit: number): Promise<PendingLogin[]>;
  pendingNames(tx: Tx): Promise<string[]>;
  confirm(tx: Tx, logins: readonly ConfirmedLogin[], now: number): Promise<void>;
  confirmed(tx: Tx): Promise<ConfirmedLogin[]>;
  lost(tx: Tx, usernames: readonly string[]): Promise<void>;
  forget(tx: Tx, which: { readonly usernames: readonly string[]; readonly before: number }): Promise<number>;
  seen(tx: Tx, kind: BrokerManager, now: number): Promise<void>;
  managers(tx: Tx): Promise<Partial<Record<BrokerManager, number>>>;
}

/** The devices that may log in, from memory. */
export interface LoginDevices {
  readonly loaded: boolean;
  byId(id: string): DeviceBrief | undefined;
  all(): Iterable<DeviceBrief>;
  secretHash(key: DeviceKey): string | undefined;
  onChange(
    listener: (changes: readonly { readonly before: DeviceBrief | null; readonly after: DeviceBrief }[]) => void,
  ): () => void;
}

/** The vendors that may log in, from memory. */
export interface LoginVendors {
  byId(id: string): { readonly topics: readonly string[] } | undefined;
  all(): Iterable<{ readonly id: string; readonly topics: readonly string[] }>;
  keyWorks(vendorId: string, keyId: string): boolean;
}

export interface Command {
  readonly command: string;
  readonly [field: string]: unknown;
}

export interface Answer {
  readonly command: string;
  readonly error?: string;
  readonly data?: unknown;
}

/** The control topic of the broker's plug-in. */
export interface Control {
  readonly open: boolean;
  ask(commands: readonly Command[], withinMs: number): Promise<readonly Answer[]>;
}

export interface Sealing {
  seal(plain: string, context: string): string;
  open(sealed: string, context: string): string;
  hash(secret: string): string;
}
