import type { DeviceKey } from '../../domain/device.ts';
import type { GroupKey } from '../../domain/grouping.ts';
import type { Nows } from '../../domain/health-rows.ts';
import type { Severity } from '../../domain/reading.ts';
import type { Tx } from '../../domain/tx.ts';

/** A device that fell silent, with all it hangs on. */
export interface SilentRow {
  readonly incident: string;
  readonly device: DeviceKey;
  readonly path: string;
  readonly reason: string;
  /** `held` = nothing is decided yet. */
  readonly state: 'held' | 'open';
  /** Epoch milliseconds at which it was confirmed silent. */
  readonly at: number;
  readonly suppressed: readonly string[];
  readonly siteId: string | null;
  readonly orgId: string | null;
  readonly vendorId: string | null;
  readonly feed: string | null;
  readonly uplink: string | null;
  /** A return is under way. */
  readonly returning: boolean;
}

export interface ParentRow {
  readonly device: DeviceKey;
  readonly id: string;
  readonly name: string;
  /** `doubtful` = its own silence is not confirmed yet. One that was never evaluated has no row. */
  readonly state: 'up' | 'doubtful' | 'down';
  /** Its own incident, when it is down. */
  readonly incident: string | null;
  /** Its own incident has been told, so its cause has a ticket. */
  readonly told: boolean;
  readonly suppressed: readonly string[];
}

export interface CensusRow extends GroupKey {
  /** Judged devices that are not offline. */
  readonly alive: number;
  /** Of those, the ones whose silence waits for its confirmation. */
  readonly doubtful: number;
}

export interface GroupRow {
  readonly id: string;
  readonly key: string;
  readonly fault: string;
  readonly reason: string;
  readonly cause: string;
  readonly severity: Severity;
  readonly openedAt: number;
  readonly path: string;
  readonly notified: boolean;
  readonly suppressed: readonly string[];
  readonly evidence: readonly Readonly<Record<string, unknown>>[];
}

export interface LiveGroup extends GroupRow {
  readonly bad: number;
  readonly good: number;
  /** Of a group below a device: whether that device is still silent. */
  readonly parentDown: boolean | null;
}

export interface Member {
  readonly group: string;
  readonly device: DeviceKey;
}

/** Statements of incidents with one cause. Every one is set-based. */
export interface GroupStore {
  /** Takes the turn to decide until the transaction ends; false while another monitor has it. */
  turn(tx: Tx): Promise<boolean>;
  /** Devices with an offline incident that is held, or was opened since `since`. */
  silent(tx: Tx, since: number): Promise<readonly SilentRow[]>;
  parents(tx: Tx, devices: readonly DeviceKey[]): Promise<readonly ParentRow[]>;
  census(tx: Tx, keys: readonly GroupKey[]): Promise<readonly CensusRow[]>;
  /** How many fell silent on each of the `days` before `until`; days without any are left out. */
  outages(
    tx: Tx,
    keys: readonly GroupKey[],
    until: number,
    days: number,
  ): Promise<readonly (GroupKey & { readonly n: number })[]>;
  /** Judged devices that are not offline, by the path that judges them. */
  population(tx: Tx): Promise<ReadonlyMap<string, number>>;
  /** Names for people; what has none is left out. */
  names(tx: Tx, keys: readonly GroupKey[]): Promise<ReadonlyMap<string, string>>;
  live(tx: Tx): Promise<readonly LiveGroup[]>;
  /** Ids of those inserted; one that lost against an open group of the same key is not among them. */
  open(tx: Tx, rows: readonly GroupRow[]): Promise<ReadonlySet<string>>;
  /** Held offline incidents become open ones that their group speaks for; rows another transaction holds are left out. */
  absorb(tx: Tx, members: readonly Member[]): Promise<readonly Member[]>;
  /** New words and figures of open groups. */
  retell(tx: Tx, rows: readonly Pick<GroupRow, 'id' | 'cause' | 'evidence'>[]): Promise<void>;
  join(tx: Tx, members: readonly Member[], at: number): Promise<void>;
  /** Whether {@link GroupStore.live} or {@link GroupStore.leftovers} may find anything. */
  pending(tx: Tx, before: number): Promise<boolean>;
  members(tx: Tx, groups: readonly string[]): Promise<readonly Member[]>;
  /** Devices that hang on these. */
  labelled(tx: Tx, keys: readonly GroupKey[]): Promise<readonly DeviceKey[]>;
  resolve(tx: Tx, groups: readonly string[], at: number): Promise<void>;
  /** What is still silent behind a group that ended before `before` is held again on its own account. Answers how many. */
  leftovers(tx: Tx, before: number, nows: Nows): Promise<number>;
  /** Held offline incidents of a path are decided this much later, counted from now. */
  putOff(tx: Tx, path: string, decideAt: number): Promise<void>;
}
