import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import type { Logger } from '../../../adapters/adapter.ts';
import { GatewayError } from '../errors.ts';

/**
 * Keys: `01 | first seq (8) | count (4) | bytes (4)`, big-endian, so that order on disk is order of arrival and a group whose
 * value is damaged still says which messages are gone. `00 | name` are the notes of the spool about itself.
 */
const GROUP = 1;
const NOTE_ID = Buffer.from([0, 0x69]);
const NOTE_TRIM = Buffer.from([0, 0x74]);
const PROBE_BYTES = 1024 * 1024;

type Level = ClassicLevel<Buffer, Buffer>;

export interface Group {
  readonly first: number;
  readonly count: number;
  /** Bytes of the value. */
  readonly bytes: number;
  readonly key: Buffer;
}

/** What is on disk at open. */
export interface Inventory {
  readonly id: string;
  readonly trimmed: number;
  readonly lastSeq: number;
  readonly bytes: number;
  readonly records: number;
  /** Runs of numbers that were written and are gone. */
  readonly gaps: readonly { first: number; last: number }[];
}

/** Whole groups to delete; records up to `upTo` of a group that stays are hidden. */
export interface ForgetPlan {
  readonly keys: readonly Buffer[];
  readonly upTo: number;
  readonly bytes: number;
}

export interface Disk {
  open(): Promise<Inventory>;
  /** One fsync for all groups. */
  put(groups: readonly { key: Buffer; value: Buffer }[]): Promise<void>;
  /** Groups holding numbers above `after`, oldest first, until they hold `limit` messages. */
  read(after: number, limit: number): Promise<{ group: Group; value: Buffer }[]>;
  /** What to forget up to and including `upTo`, at most `limit` groups at once. */
  planForget(upTo: number, limit: number): Promise<ForgetPlan>;
  forget(plan: ForgetPlan, lastSeq: number): Promise<void>;
  /** Whether the file system takes a synced write again. Throws what it said when not. */
  probe(): Promise<void>;
  close(): Promise<void>;
}

export function groupKey(first: number, count: number, bytes: number): Buffer {
  const key = Buffer.allocUnsafe(17);
  key[0] = GROUP;
  key.writeBigUInt64BE(BigInt(first), 1);
  key.writeUInt32BE(count, 9);
  key.writeUInt32BE(bytes, 13);
  return key;
}

function parseKey(key: Buffer): Group | null {
  if (key.length !== 17 || key[0] !== GROUP) return null;
  return {
    first: Number(key.readBigUInt64BE(1)),
    count: key.readUInt32BE(9),
    bytes: key.readUInt32BE(13),
    key,
  };
}

const firstKey = (seq: number) => groupKey(Math.max(0, seq), 0, 0);

export function createDisk(options: { dir: string; log: Logger; newId: () => string }): Disk {
  const { dir, log } = options;
  let db: Level | undefined;

  const level = (): Level => {
    if (!db) throw new GatewayError('UNAVAILABLE', 'The spool is not open.');
    return db;
  };

  /** The group that holds `seq`, or the next one after it. */
  const startOf = async (seq: number): Promise<Buffer> => {
    const [key] = await level()
      .keys({ gte: firstKey(0), lt: firstKey(seq + 1), reverse: true, limit: 1 })
      .all();
    const group = key && parseKey(key);
    return group && group.first + group.count > seq ? group.key : firstKey(seq);
  };

  return {
    async open() {
      const opened = await openSound(dir, log);
      db = opened.db;
      const known = await db.get(NOTE_ID);
      const id = known?.toString() ?? options.newId();
      if (!known) await db.batch([put(NOTE_ID, Buffer.from(id)), put(NOTE_TRIM, trimNote(0, 0))], { sync: true });
      return { id, ...opened.found };
    },
    async put(groups) {
      const [only] = groups;
      if (only && groups.length === 1) await level().put(only.key, only.value, { sync: true });
      else
        await level().batch(
          groups.map((group) => put(group.key, group.value)),
          { sync: true },
        );
    },
    async read(after, limit) {
      const found: { group: Group; value: Buffer }[] = [];
      let records = 0;
      const range = { gte: await startOf(after + 1), highWaterMarkBytes: 256 * 1024, fillCache: false };
      for await (const [key, value] of level().iterator(range)) {
        const group = parseKey(key);
        if (!group) continue;
        found.push({ group, value });
        records += group.first <= after ? group.first + group.count - after - 1 : group.count;
        if (records >= limit) break;
      }
      return found;
    },
    async planForget(upTo, limit) {
      let bytes = 0;
      let end = 0;
      const keys: Buffer[] = [];
      const range = { gte: firstKey(0), lt: firstKey(upTo + 1), limit: limit + 1, highWaterMarkBytes: 64 * 1024 };
      for await (const key of level().keys(range)) {
        const group = parseKey(key);
        const last = group ? group.first + group.count - 1 : 0;
        if (last > upTo) continue;
        if (keys.length === limit) return { keys, upTo: end, bytes };
        bytes += group?.bytes ?? 0;
        end = last;
        keys.push(key);
      }
      return { keys, upTo, bytes };
    },
    async forget(plan, lastSeq) {
      const deletions = plan.keys.map((key) => ({ type: 'del' as const, key }));
      await level().batch([put(NOTE_TRIM, trimNote(plan.upTo, lastSeq)), ...deletions], { sync: true });
    },
    async probe() {
      const file = join(dir, 'probe.tmp');
      const handle = await open(file, 'w', 0o600);
      try {
        await handle.writeFile(Buffer.alloc(PROBE_BYTES, 0x55));
        await handle.sync();
      } finally {
        await handle.close();
        await rm(file, { force: true });
      }
    },
    async close() {
      await db?.close();
      db = undefined;
    },
  };
}

function put(key: Buffer, value: Buffer): { type: 'put'; key: Buffer; value: Buffer } {
  return { type: 'put', key, value };
}

function trimNote(upTo: number, lastSeq: number): Buffer {
  const note = Buffer.allocUnsafe(16);
  note.writeBigUInt64BE(BigInt(upTo), 0);
  note.writeBigUInt64BE(BigInt(lastSeq), 8);
  return note;
}

type Survey = Omit<Inventory, 'id'>;

/** Counts what is there, group by group; the spool may hold millions. */
async function survey(db: Level): Promise<Survey> {
  const note = await db.get(NOTE_TRIM);
  const trimmed = note?.length === 16 ? Number(note.readBigUInt64BE(0)) : 0;
  const known = note?.length === 16 ? Number(note.readBigUInt64BE(8)) : 0;
  let bytes = 0;
  let records = 0;
  let last = trimmed;
  const gaps: { first: number; last: number }[] = [];
  for await (const key of db.keys({ gte: firstKey(0), highWaterMarkBytes: 256 * 1024, fillCache: false })) {
    const group = parseKey(key);
    if (!group) continue;
    bytes += group.bytes;
    const end = group.first + group.count - 1;
    if (group.first > last + 1) gaps.push({ first: last + 1, last: group.first - 1 });
    records += Math.max(0, end - Math.max(group.first - 1, trimmed));
    last = Math.max(last, end);
  }
  if (known > last) gaps.push({ first: last + 1, last: known });
  return { trimmed, bytes, records, lastSeq: Math.max(last, known), gaps };
}

/**
 * Opens the store and walks over all its keys, which touches every block. A damaged one is repaired (LevelDB keeps what it
 * cannot read under `lost/`), an unrepairable one is put aside under another name, never deleted.
 */
async function openSound(dir: string, log: Logger): Promise<{ db: Level; found: Survey }> {
  await mkdir(dir, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw refusal(dir, error);
  });
  const opened = await tryOpen(dir).catch((error: unknown) => {
    if (codeOf(error) !== 'LEVEL_CORRUPTION') throw refusal(dir, error);
    log.error({ dir, error }, 'the spool is damaged; repairing it');
    return null;
  });
  const sound = opened && (await walk(opened, dir, log));
  if (sound) return sound;
  try {
    await ClassicLevel.repair(dir);
    const repaired = await walk(await tryOpen(dir), dir, log);
    if (repaired) return repaired;
  } catch (error) {
    log.error({ dir, error }, 'the spool could not be repaired');
  }
  const aside = `${dir}.damaged-${randomUUID()}`;
  await rename(dir, aside);
  log.error({ dir, aside }, 'the spool was put aside and an empty one begun');
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const fresh = await tryOpen(dir);
  return { db: fresh, found: await survey(fresh) };
}

/** Null, and the store closed, when not every block can be read. */
async function walk(db: Level, dir: string, log: Logger): Promise<{ db: Level; found: Survey } | null> {
  try {
    return { db, found: await survey(db) };
  } catch (error) {
    log.error({ dir, error }, 'a part of the spool cannot be read; repairing it');
    await db.close();
    return null;
  }
}

async function tryOpen(dir: string): Promise<Level> {
  const db: Level = new ClassicLevel(dir, {
    keyEncoding: 'buffer',
    valueEncoding: 'buffer',
    // Few large tables: what is drained quickly never leaves the log, and what stays is written once or twice.
    writeBufferSize: 16 * 1024 * 1024,
    maxFileSize: 16 * 1024 * 1024,
    blockSize: 64 * 1024,
  });
  await db.open();
  return db;
}

function refusal(dir: string, error: unknown): GatewayError {
  if (codeOf(error) === 'LEVEL_LOCKED') {
    return new GatewayError(
      'UNAVAILABLE',
      `The spool ${dir} is in use by another process. Stop it, or give this one its own data directory (CGW_DATA_DIR).`,
      { cause: error },
    );
  }
  return new GatewayError('UNAVAILABLE', `The spool ${dir} cannot be opened: check that the directory is writable.`, {
    cause: error,
  });
}

/** LevelDB's own code stands in the cause of classic-level's. */
function codeOf(error: unknown): string | undefined {
  const { code, cause } = error as { code?: string; cause?: unknown };
  return code === 'LEVEL_DATABASE_NOT_OPEN' && cause !== undefined ? codeOf(cause) : code;
}
