import type { OwnArchive } from '../../domain/camera-archive.ts';
import type { DeviceKey } from '../../domain/device.ts';
import type { DeviceFilter } from '../../domain/device-input.ts';
import type { DeviceRecord } from '../../domain/device-record.ts';
import type { Title } from '../../domain/device-type/types.ts';
import type { Scope } from '../../domain/scope.ts';
import type { Tx } from '../../domain/tx.ts';
import type { DevicesDeps } from '../device-finder.ts';
import type { Reference } from './columns.ts';

/** A device with the camera's own fields. */
export interface ListedDevice {
  readonly device: DeviceRecord;
  readonly archive: OwnArchive;
  readonly prefilled: readonly string[];
}

export type NamedReference = Exclude<Reference, 'type'>;

/** A file that waits to be fetched. Times in epoch milliseconds. */
export interface ImportFile {
  readonly tokenHash: string;
  readonly owner: string;
  readonly kind: 'credentials' | 'errors';
  readonly name: string;
  readonly contentType: string;
  /** Base64 of the bytes, sealed. */
  readonly sealed: string;
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** An import as it is kept. Times in epoch milliseconds. */
export interface ImportJob {
  readonly id: string;
  readonly owner: string;
  readonly state: 'waiting' | 'running' | 'done' | 'failed';
  readonly phase: string;
  readonly done: number;
  readonly total: number;
  /** Sealed JSON. */
  readonly result: string | null;
  readonly createdAt: number;
  readonly beatAt: number;
}

export interface ImportStore {
  /** Devices in scope that have one of these ids, or, while they live, one of these serial numbers. */
  existing(
    tx: Tx,
    named: { readonly ids: readonly string[]; readonly serials: readonly string[] },
    scope: Scope,
  ): Promise<ListedDevice[]>;
  /** Locks devices in key order; answers the revision each has now. */
  lockRevisions(tx: Tx, keys: readonly DeviceKey[]): Promise<ReadonlyMap<DeviceKey, number>>;
  saveArchives(
    tx: Tx,
    cameras: readonly {
      readonly device: DeviceKey;
      readonly archive: OwnArchive;
      readonly prefilled: readonly string[];
    }[],
  ): Promise<void>;
  referenceIds(
    tx: Tx,
    wanted: Readonly<Record<NamedReference, readonly string[]>>,
    scope: Scope,
  ): Promise<{ reference: NamedReference; name: string; id: string }[]>;
  /** Names a person may choose from, at most `limit` of each kind. */
  choices(tx: Tx, scope: Scope, limit: number): Promise<{ reference: NamedReference; name: string; id: string }[]>;
  count(tx: Tx, filter: DeviceFilter, scope: Scope): Promise<number>;
  /** In key order. */
  page(
    tx: Tx,
    filter: DeviceFilter,
    scope: Scope,
    at: { readonly after: DeviceKey; readonly limit: number },
  ): Promise<ListedDevice[]>;
  addFile(tx: Tx, file: ImportFile): Promise<void>;
  /** The owner's file, if it is still to be had; one of credentials is gone with this. */
  takeFile(
    tx: Tx,
    wanted: { readonly tokenHash: string; readonly owner: string; readonly now: number },
  ): Promise<Pick<ImportFile, 'kind' | 'name' | 'contentType' | 'sealed'> | undefined>;
  purgeFiles(tx: Tx, now: number, keep: number): Promise<void>;
  /** A finished job is never changed again. */
  saveJob(tx: Tx, job: ImportJob): Promise<void>;
  job(tx: Tx, id: string, owner: string): Promise<ImportJob | undefined>;
  purgeJobs(tx: Tx, before: number): Promise<void>;
}

/** Device types as tables name them. */
export interface TypeNames {
  list(): readonly { readonly id: string; readonly title: Title; readonly adapter: string }[];
}

export interface ImportDeps extends DevicesDeps {
  readonly imports: ImportStore;
  readonly typeNames: TypeNames;
  /** IANA name; of times in marks. */
  readonly timeZone: string;
}
