import type { Principal } from '../../../adapters/adapter.ts';
import type { DeviceBrief, Lifecycle } from '../domain/device.ts';
import type { Decoded, DecodeInput, Identity } from '../domain/device-type/index.ts';
import type { MessageEvidence } from '../domain/evidence.ts';
import type { CommandAck, KeyClaim, Ledger, QuarantineEntry, RepeatProbe, Tally } from '../domain/ingest-rows.ts';
import type { DeviceEvent, Reading, Value } from '../domain/reading.ts';
import type { Tx } from '../domain/tx.ts';

export type { Decoded, DecodedEvent, DecodedItem, DecodeInput } from '../domain/device-type/index.ts';
export type { KeyClaim, Ledger, QuarantineEntry, Tally } from '../domain/ingest-rows.ts';

/** A message as the spool keeps it; `principal` is `device:<id>`, `vendor:<id>` or `broker:<name>`. */
export interface SpoolEntry {
  readonly via: string;
  readonly principal: string;
  readonly topic: string;
  readonly payload: Uint8Array;
  /** Epoch milliseconds with microsecond fraction; strictly increasing per principal, so a replay repeats it. */
  readonly receivedAt: number;
  readonly dup: boolean;
  readonly retained: boolean;
  /** Refused at intake with this code; recorded, not decoded. */
  readonly refused?: string;
}

export interface SpoolRecord extends SpoolEntry {
  /** Counts messages over the spool's whole life, from 1. */
  readonly seq: number;
}

export interface SpoolPort {
  readonly id: string;
  append(entry: SpoolEntry): Promise<number>;
  read(after: number, limit: number): Promise<SpoolRecord[]>;
  wait(after: number, signal: AbortSignal): Promise<void>;
  drained(upTo: number): void;
  trim(upTo: number): Promise<void>;
}

export interface DirectoryPort {
  byId(id: string): DeviceBrief | undefined;
  bySerial(serial: string, vendorId: string | null): DeviceBrief | undefined;
  byExternalId(externalId: string, vendorId: string | null): DeviceBrief | undefined;
}

export interface TypesPort {
  /** Decodes by a known type; undefined when the type itself is unknown. */
  decode(typeId: string, input: DecodeInput, device?: { readonly lifecycle: Lifecycle }): Decoded | undefined;
  /** Type ids whose own topics fit, for logins that speak for many devices; a vendor's own and what is open to all. */
  typesForTopic(topic: string, vendorId?: string): readonly string[];
  /** Whether a text of this type is on trial beside (or before) the approved one. */
  onTrial?(typeId: string): boolean;
  /** Which device the topic alone names; undefined when it names none. */
  identityIn?(typeId: string, topic: string): Identity | undefined;
  /** Milliseconds after which a reading of this type is history (补报) and says nothing of the device's health. */
  lateAfter(typeId: string): number;
}

export interface WriteOutcome {
  /** Indexes of readings stored before with the same value. */
  readonly duplicates: readonly number[];
  /** Indexes of readings stored before with another value; the first one stays. */
  readonly conflicts: readonly { readonly index: number; readonly stored: Value }[];
  /** Indexes of readings the engine cannot hold. */
  readonly poison: readonly { readonly index: number; readonly detail: string }[];
}

export interface TimeSeriesPort {
  /** Whether `write` takes part in the transaction; a store outside the database is written before it. */
  readonly transactional: boolean;
  /** Metric keys, partitions and device metrics for these readings; before the transaction. */
  prepare(readings: readonly Reading[]): Promise<void>;
  write(tx: Tx, readings: readonly Reading[]): Promise<WriteOutcome>;
}

export interface IngestStore {
  ledger(tx: Tx, spool: string): Promise<Ledger>;
  /** All ledger rows of other spools together: directories that were replaced, or other processes. */
  otherLedgers(tx: Tx, spool: string): Promise<Ledger>;
  /** Moves the ledger from `from.drained`; false when another drainer moved it first. */
  advance(tx: Tx, spool: string, from: number, delta: Ledger): Promise<boolean>;
  /** Claims message keys. Answers, by index, the first time of those that were claimed before. */
  claimKeys(tx: Tx, claims: readonly KeyClaim[]): Promise<ReadonlyMap<number, number>>;
  /** By index: whether all that a keyless message says was stored together within the window before it. */
  findRepeats(tx: Tx, probes: readonly RepeatProbe[], windowMs: number): Promise<ReadonlySet<number>>;
  /** Inserts events; answers the indexes of those already there. */
  insertEvents(tx: Tx, events: readonly DeviceEvent[]): Promise<ReadonlySet<number>>;
  quarantine(tx: Tx, entries: readonly QuarantineEntry[]): Promise<void>;
  tally(tx: Tx, tally: Tally): Promise<void>;
  acknowledge(tx: Tx, acks: readonly CommandAck[]): Promise<void>;
}

export type Bucket = 'stored' | 'duplicate' | 'rejected' | 'quarantined';

export interface IngestMetrics {
  received(count: number): void;
  /** Milliseconds from a message to its durable record, which is what its PUBACK waits for. */
  puback(ms: number): void;
  /** Messages of an earlier process that were not in the database yet. */
  recovered(count: number): void;
  drained(counts: Readonly<Record<Bucket, number>>, tookMs: number): void;
  failed(code: string): void;
}

export interface IngestHooks {
  /** In the transaction that stores them: evidence for a judge in another process. Absent = the judge is here. */
  readonly keep?: (tx: Tx, evidence: readonly MessageEvidence[]) => Promise<void>;
  /** After the commit: what the monitor may judge by. Synchronous and cheap. */
  observe(evidence: readonly MessageEvidence[]): void;
  /** Tells a device why its message was refused; throttled by the ingest stage. */
  reply(deviceId: string, error: { code: string; detail: string; msgId?: string }): void;
}

export function principalText(principal: Principal): string {
  if (principal.kind === 'device') return `device:${principal.deviceId}`;
  if (principal.kind === 'vendor') return `vendor:${principal.vendorId}`;
  return `broker:${principal.name}`;
}
