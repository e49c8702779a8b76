import type { DeviceKey } from '../domain/device.ts';
import type { Escalation } from '../domain/escalation.ts';
import type { StoredTicket } from '../domain/ticket-rows.ts';
import type { Tx } from '../domain/tx.ts';

/** What the watchdog asks of the store. Times in epoch milliseconds. */
export interface WatchStore {
  /** Open tickets that changed or whose time has come. Locked, skipping locked. */
  watchable(tx: Tx, now: number, limit: number): Promise<StoredTicket[]>;
  /** `nextAt` null = when it changes. */
  setWatched(
    tx: Tx,
    rows: readonly { readonly ticketId: string; readonly revision: number; readonly nextAt: number | null }[],
  ): Promise<void>;
  /** 协办 that have not answered yet, and until when they have to. */
  unanswered(
    tx: Tx,
    ticketIds: readonly string[],
  ): Promise<readonly { readonly ticketId: string; readonly orgId: string; readonly respondBy: number }[]>;
  escalations(tx: Tx, ticketIds: readonly string[]): Promise<Escalation[]>;
  /** Answers which of these nobody had written yet, as `ticket round level`. */
  addEscalations(tx: Tx, rows: readonly Escalation[]): Promise<ReadonlySet<string>>;
  /** Answers which of these still waited, as `ticket round level`. */
  decideEscalations(tx: Tx, rows: readonly Escalation[]): Promise<ReadonlySet<string>>;
  orgNames(tx: Tx, ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** With which limits the stored deadlines were reckoned; locked until the transaction ends. */
  reckonedWith(tx: Tx): Promise<string>;
  setReckonedWith(tx: Tx, fingerprint: string): Promise<void>;
  /** Open tickets behind `after`, by id, locked. */
  openAfter(tx: Tx, after: string, limit: number): Promise<StoredTicket[]>;
  /** These tickets are looked at again. */
  setDue(tx: Tx, rows: readonly { readonly ticketId: string; readonly dueAt: number | null }[]): Promise<void>;
  /** Devices with too many faults since `since` and no open 隐患 ticket. */
  hazards(
    tx: Tx,
    rule: { readonly since: number; readonly faults: number; readonly ignoresShorter: number },
    limit: number,
  ): Promise<
    readonly {
      readonly device: DeviceKey;
      readonly count: number;
      readonly tickets: readonly {
        readonly ticketId: string;
        readonly no: string;
        readonly fault: string;
        readonly at: number;
      }[];
    }[]
  >;
}
