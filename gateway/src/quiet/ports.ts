import type { Clock, Logger } from '../../../adapters/adapter.ts';
import type { Actor } from '../domain/actor.ts';
import type { AuditPort } from '../domain/audit.ts';
import type { DeviceBrief, DeviceKey } from '../domain/device.ts';
import type { Title } from '../domain/device-type/types.ts';
import type { Notice } from '../domain/notice.ts';
import type { Page } from '../domain/page.ts';
import type {
  QuietedIncident,
  QuietKind,
  QuietPlaces,
  QuietReach,
  QuietScope,
  QuietTime,
} from '../domain/quiet-rows.ts';
import type { Severity } from '../domain/reading.ts';
import type { Scope } from '../domain/scope.ts';
import type { FileTickets } from '../domain/ticket-request.ts';
import type { Transactor, Tx } from '../domain/tx.ts';
import type { Zone } from '../domain/working-time.ts';

export interface QuietQuery {
  readonly limit?: number;
  readonly cursor?: string;
  /** Not over yet at `now`. */
  readonly going?: boolean;
  readonly state?: QuietTime['state'];
}

/** What a scope names that exists within an actor's sight. */
export interface Named {
  readonly devices: ReadonlySet<string>;
  readonly sites: ReadonlySet<string>;
  readonly orgs: ReadonlySet<string>;
  readonly modules: ReadonlySet<string>;
  readonly vendors: ReadonlySet<string>;
  readonly types: ReadonlySet<string>;
}

export interface DrillFault {
  readonly deviceId: string;
  readonly fault: string;
  readonly ticketId: string;
  readonly by: string;
  readonly at: number;
}

/** Statements of `store/quiet.ts`. What is foreign to `scope` is not found, unless `userId` made it. */
export interface QuietStore {
  insert(tx: Tx, row: QuietTime): Promise<void>;
  /** Writes what may change: state and decision, early end, settled. */
  update(tx: Tx, row: QuietTime): Promise<void>;
  get(tx: Tx, kind: QuietKind, id: string, scope: Scope, userId: string, lock: boolean): Promise<QuietTime | undefined>;
  list(
    tx: Tx,
    kind: QuietKind,
    query: QuietQuery & { readonly now: number },
    scope: Scope,
    userId: string,
  ): Promise<Page<QuietTime>>;
  /** Those of which an occurrence may lie in `[from, to)`. */
  within(
    tx: Tx,
    kinds: readonly QuietKind[],
    span: { readonly from: number; readonly to: number },
    scope: Scope,
    userId: string,
    limit: number,
  ): Promise<readonly QuietTime[]>;
  /** Those that are not settled, refused ones aside, at most `limit`. */
  going(tx: Tx, limit: number): Promise<readonly QuietTime[]>;
  /** Changes whenever {@link QuietStore.going} may have. */
  mark(tx: Tx): Promise<string>;
  /** The row, locked, while it is not settled; undefined when somebody else has it or was faster. */
  claim(tx: Tx, id: string): Promise<QuietTime | undefined>;
  places(tx: Tx, rows: readonly Pick<QuietTime, 'scope' | 'reach'>[]): Promise<QuietPlaces>;
  /** Remembers whose devices it touches. */
  note(tx: Tx, row: Pick<QuietTime, 'id' | 'scope' | 'reach'>): Promise<void>;
  /** Devices it touches outside of an actor's sight. */
  outside(tx: Tx, id: string, scope: Scope): Promise<number>;
  preview(
    tx: Tx,
    rule: { readonly scope: QuietScope; readonly reach: QuietReach | null },
    scope: Scope,
    limit: number,
  ): Promise<{ readonly total: number; readonly devices: readonly { readonly id: string; readonly name: string }[] }>;
  /** Names of 重保 that go on in `[from, to)` for a device of the rule. */
  securityOver(
    tx: Tx,
    rule: { readonly scope: QuietScope; readonly reach: QuietReach | null },
    span: { readonly from: number; readonly to: number },
  ): Promise<readonly string[]>;
  named(tx: Tx, scope: QuietScope, sight: Scope): Promise<Named>;
  /** Open incidents that one of these reasons kept quiet, locked. */
  quieted(tx: Tx, reason: string): Promise<readonly QuietedIncident[]>;
  /** Its owner was told that it ends while something is faulty. */
  warned(tx: Tx, id: string, now: number): Promise<void>;
  /** Devices of which an incident was kept quiet by it. */
  quietedDevices(tx: Tx, reason: string): Promise<readonly DeviceKey[]>;
  /** The same, as they are told to a person. */
  quietedNames(tx: Tx, reason: string): Promise<readonly FaultyDevice[]>;
  retell(
    tx: Tx,
    rows: readonly { readonly id: string; readonly suppressed: readonly string[]; readonly notified: boolean | null }[],
  ): Promise<void>;
  addDrillFaults(
    tx: Tx,
    drillId: string,
    rows: readonly { device: DeviceKey; fault: string; ticketId: string; by: string; at: number }[],
  ): Promise<void>;
  drillFaults(tx: Tx, drillId: string): Promise<readonly DrillFault[]>;
  device(tx: Tx, id: string, scope: Scope): Promise<DeviceKey | undefined>;
}

/** A device that a silence keeps quiet, as its owner is told of it. */
export interface FaultyDevice {
  readonly id: string;
  readonly name: string;
  readonly module: string | null;
  readonly orgId: string | null;
}

/** What an alarm or event of a type means when it is real. */
export interface Earnest {
  readonly severity: Severity;
  readonly lifeSafety?: boolean;
  /** 处置建议, by language. */
  readonly advice?: Title | null | undefined;
}

export interface QuietDeps {
  readonly store: QuietStore;
  readonly db: Transactor;
  readonly audit: AuditPort;
  readonly clock: Clock;
  readonly log: Logger;
  readonly zone: Zone;
  readonly directory: { byKey(key: DeviceKey): DeviceBrief | undefined };
  readonly types: {
    get(id: string):
      | {
          readonly alarms: readonly (Earnest & { readonly code: string })[];
          readonly events: ReadonlyMap<string, Earnest>;
        }
      | undefined;
  };
  readonly file: FileTickets;
  readonly outbox: { add(tx: Tx, notices: readonly Notice[]): Promise<void> };
  /** Ends these tickets, as far as they are open, because their drill is over. */
  readonly endDrillTickets: (tx: Tx, ids: readonly string[]) => Promise<void>;
  /** What kept the faults of these devices quiet may be over. */
  readonly decideAgain: (devices: readonly DeviceKey[]) => void;
  /** Milliseconds after a window in which its devices may come back before anybody is told. */
  readonly graceMs: () => number;
  /** So many times shorter faults are held during 重保. */
  readonly securityPace: () => number;
}

/** Context of a change by a person. */
export interface Asked {
  readonly actor: Actor;
  readonly tx: Tx;
}
