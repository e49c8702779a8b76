import { isDeepStrictEqual } from 'node:util';
import type { MessageEvidence } from '../domain/evidence.ts';
import type { DeviceEvent, Reading, Value } from '../domain/reading.ts';
import type { Tx } from '../domain/tx.ts';
import type { Refused } from './identify.ts';
import { claimOf, type PlannedItem, type PlannedMessage, quarantineOf, readingsOf } from './plan.ts';
import type { Bucket, IngestStore, KeyClaim, QuarantineEntry, TimeSeriesPort } from './ports.ts';
import { createTallier, type Reply } from './tally.ts';

export type Counts = Record<Bucket, number>;

export interface Committed {
  readonly counts: Counts;
  readonly evidence: readonly MessageEvidence[];
  readonly replies: readonly Reply[];
  /** What became of each message, in the order of the batch. */
  readonly verdicts: readonly Verdict[];
}

export interface Verdict {
  readonly message: PlannedMessage;
  readonly bucket: Bucket;
  readonly refused: readonly Refused[];
}

/** A keyless DUP is a duplicate when the same readings and events were stored within this time (docs/decisions/003). */
const REPEAT_WINDOW_MS = 10 * 60_000;

/** What the store said of one item's readings and events. */
interface Fate {
  fresh: number;
  known: number;
  readonly refused: Refused[];
}

interface Ports {
  readonly store: IngestStore;
  readonly readings: TimeSeriesPort;
}

/** Readings of a batch that are written already, in a store that knows no transaction of ours. */
export type Written = ReadonlyMap<PlannedItem, Fate>;

/**
 * Writes one planned batch. Everything here is one transaction: all of it happens or none. Readings that went to a store
 * of their own were written before ({@link writeAhead}), so that nobody waits for that store with a transaction open.
 */
export async function commitBatch(
  tx: Tx,
  plan: readonly PlannedMessage[],
  ports: Ports,
  ahead?: Written,
): Promise<Committed> {
  const items = plan.flatMap((message) => message.items);
  const fates = ahead ?? (await writeItems(tx, items, ports));
  await writeEvents(tx, items, fates, ports.store);
  return settle(tx, plan, fates, ports.store);
}

/**
 * The first half of a batch where readings live outside the database. Keys are claimed for good before anything is
 * written, so that another process cannot give the same message another time meanwhile. Whatever fails from here on, the
 * batch is repeated whole: claims and readings of the same receive time are its own and count as new again.
 */
export function writeAhead(autocommit: Tx, plan: readonly PlannedMessage[], ports: Ports): Promise<Written> {
  return writeItems(
    autocommit,
    plan.flatMap((message) => message.items),
    ports,
  );
}

async function writeItems(tx: Tx, items: readonly PlannedItem[], { store, readings }: Ports): Promise<Written> {
  await settleKeys(tx, items, store);
  await settleRepeats(tx, items, store);
  const fates = new Map<PlannedItem, Fate>(items.map((item) => [item, { fresh: 0, known: 0, refused: [] }]));
  await writeReadings(tx, items, fates, readings);
  return fates;
}

/** A redelivered key gets its first time again, also when the first one stands earlier in this batch. */
async function settleKeys(tx: Tx, items: readonly PlannedItem[], store: IngestStore): Promise<void> {
  const claims: KeyClaim[] = [];
  const owners: PlannedItem[] = [];
  const first = new Map<string, PlannedItem>();
  const followers: [PlannedItem, PlannedItem][] = [];
  for (const item of items) {
    const claim = claimOf(item);
    if (!claim) continue;
    const name = `${claim.device}|${claim.key}`;
    const before = first.get(name);
    if (before) {
      followers.push([item, before]);
      continue;
    }
    first.set(name, item);
    claims.push(claim);
    owners.push(item);
  }
  if (claims.length === 0) return;
  const taken = await store.claimKeys(tx, claims);
  for (const [index, time] of taken) {
    const owner = owners[index];
    if (owner) markRedelivered(owner, time);
  }
  for (const [item, before] of followers) markRedelivered(item, before.time);
}

function markRedelivered(item: PlannedItem, time: number): void {
  item.time = time;
  item.redelivered = true;
}

async function settleRepeats(tx: Tx, items: readonly PlannedItem[], store: IngestStore): Promise<void> {
  const suspects = items.filter((item) => item.suspectRepeat);
  if (suspects.length === 0) return;
  const probes = suspects.map((item) => ({
    device: item.device.key,
    receivedAt: item.evidence.receivedAt,
    values: item.item.values,
    events: item.item.events,
  }));
  const found = await store.findRepeats(tx, probes, REPEAT_WINDOW_MS);
  suspects.forEach((item, index) => {
    item.repeat = found.has(index) || items.some((other) => other !== item && isEarlierTwin(other, item));
  });
}

function isEarlierTwin(other: PlannedItem, item: PlannedItem): boolean {
  const near = other.device.key === item.device.key && other.evidence.receivedAt < item.evidence.receivedAt;
  if (!near || other.item.values.size !== item.item.values.size) return false;
  for (const [metric, value] of item.item.values) if (other.item.values.get(metric) !== value) return false;
  return isDeepStrictEqual(other.item.events, item.item.events);
}

async function writeReadings(
  tx: Tx,
  items: readonly PlannedItem[],
  fates: ReadonlyMap<PlannedItem, Fate>,
  series: TimeSeriesPort,
): Promise<void> {
  const readings: Reading[] = [];
  const owners: Fate[] = [];
  for (const item of items) {
    const fate = fates.get(item);
    if (!fate || item.repeat) continue;
    for (const reading of readingsOf(item)) {
      readings.push(reading);
      owners.push(fate);
    }
    fate.fresh = item.item.values.size;
  }
  if (readings.length === 0) return;
  const outcome = await series.write(tx, readings);
  for (const index of outcome.duplicates) settleReading(owners[index]);
  for (const { index, stored } of outcome.conflicts) {
    settleReading(owners[index], conflict(readings[index], stored));
  }
  for (const { index, detail } of outcome.poison) {
    settleReading(owners[index], { code: 'UNSTORABLE', detail: `${readings[index]?.metric ?? ''}: ${detail}` });
  }
}

function settleReading(fate: Fate | undefined, refused?: Refused): void {
  if (!fate) return;
  fate.fresh -= 1;
  if (refused) fate.refused.push(refused);
  else fate.known += 1;
}

function conflict(reading: Reading | undefined, stored: Value): Refused {
  const metric = reading?.metric ?? '';
  return {
    code: 'CONFLICT',
    detail: `${metric}: ${String(stored)} is stored for this time, ${String(reading?.value)} came`,
  };
}

async function writeEvents(
  tx: Tx,
  items: readonly PlannedItem[],
  fates: ReadonlyMap<PlannedItem, Fate>,
  store: IngestStore,
): Promise<void> {
  const events: DeviceEvent[] = [];
  const owners: Fate[] = [];
  for (const item of items) {
    const fate = fates.get(item);
    if (!fate || item.repeat) continue;
    item.evidence.events.forEach((event, index) => {
      // An event without a time of its own follows its message to the message's first time.
      const ownTime = item.item.events[index]?.time !== undefined;
      events.push(ownTime ? event : { ...event, time: item.time });
      owners.push(fate);
      fate.fresh += 1;
    });
  }
  if (events.length === 0) return;
  for (const index of await store.insertEvents(tx, events)) settleReading(owners[index]);
}

async function settle(
  tx: Tx,
  plan: readonly PlannedMessage[],
  fates: ReadonlyMap<PlannedItem, Fate>,
  store: IngestStore,
): Promise<Committed> {
  const counts: Counts = { stored: 0, duplicate: 0, rejected: 0, quarantined: 0 };
  const evidence: MessageEvidence[] = [];
  const quarantine: QuarantineEntry[] = [];
  const tallier = createTallier();
  const verdicts: Verdict[] = [];
  for (const message of plan) {
    const { bucket, refused } = verdict(message, fates);
    verdicts.push({ message, bucket, refused });
    counts[bucket] += 1;
    if (bucket === 'rejected') tallier.rejected(message);
    if (bucket === 'duplicate') tallier.repeated(message);
    if (bucket === 'stored') {
      tallier.stored(message, refused);
      for (const item of message.items) if (!isRepeat(item, fates)) evidence.push(item.evidence);
    }
    const [first] = refused;
    if (bucket === 'quarantined' && first) {
      quarantine.push(quarantineOf(message.record, withOthers(first, refused)));
      tallier.refused(message, first);
    }
  }
  if (quarantine.length > 0) await store.quarantine(tx, quarantine);
  await tallier.save(tx, store);
  return { counts, evidence, replies: tallier.replies, verdicts };
}

function verdict(
  message: PlannedMessage,
  fates: ReadonlyMap<PlannedItem, Fate>,
): { bucket: Bucket; refused: readonly Refused[] } {
  if (message.rejected !== undefined) return { bucket: 'rejected', refused: [] };
  const refused = [...message.refused];
  let stored = false;
  for (const item of message.items) {
    const fate = fates.get(item);
    if (!fate) continue;
    refused.push(...fate.refused.map((refusal) => ({ ...refusal, device: item.device })));
    if (fate.fresh > 0 || saysSomethingElse(item)) stored = true;
  }
  if (stored) return { bucket: 'stored', refused };
  return { bucket: refused.length > 0 ? 'quarantined' : 'duplicate', refused };
}

/** A state claim, an acknowledgement or only unknown metrics: nothing to insert, and still not a repetition. */
function saysSomethingElse(item: PlannedItem): boolean {
  return item.item.values.size === 0 && item.item.events.length === 0 && !item.redelivered;
}

function isRepeat(item: PlannedItem, fates: ReadonlyMap<PlannedItem, Fate>): boolean {
  return (fates.get(item)?.fresh ?? 0) === 0 && !saysSomethingElse(item);
}

function withOthers(first: Refused, all: readonly Refused[]): Refused {
  return all.length === 1 ? first : { ...first, detail: `${first.detail} (+${all.length - 1})` };
}
