import { pipeline, Readable } from 'node:stream';
import { createGunzip, createGzip } from 'node:zlib';
import { seal, unreadable, unseal } from './seal.ts';

/** What a backup is of; the first record. */
export interface Manifest {
  readonly format: 1;
  /** Version of the gateway that made it. */
  readonly gateway: string;
  /** ISO 8601: the moment everything in it is of. */
  readonly takenAt: string;
  readonly engine: string;
  /** Migrations of that database, oldest first. */
  readonly schema: readonly { readonly version: number; readonly name: string; readonly sha256: string }[];
  /** Fingerprint of the master key that opens the secrets inside; the key itself is never part of a backup. */
  readonly secretKeyId: string;
  /** Numbers handed out so far; null = none. */
  readonly sequences: readonly { readonly name: string; readonly last: number | null }[];
  readonly partitions: readonly { readonly parent: string; readonly name: string; readonly bound: string }[];
}

/** What is in it; the last record. */
export interface Summary {
  /** Rows by table. */
  readonly rows: Readonly<Record<string, number>>;
  readonly files: number;
  readonly fileBytes: number;
}

/** The inside of a backup, in this order: manifest, tables each with its rows, files each with its bytes, summary. */
export type BackupRecord =
  | { readonly kind: 'manifest'; readonly manifest: Manifest }
  | { readonly kind: 'table'; readonly name: string; readonly columns: readonly string[] }
  /** Rows as PostgreSQL writes a whole row as text: exact for every type, the same on every engine. */
  | { readonly kind: 'rows'; readonly rows: readonly string[] }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | { readonly kind: 'end'; readonly summary: Summary };

/** Place in this list = first byte of a record. */
const KINDS = ['manifest', 'table', 'rows', 'file', 'bytes', 'end'] as const;
const HEAD_BYTES = 5;
/** A batch of the largest rows there are stays far below. */
const LARGEST_RECORD = 1024 * 1024 * 1024;

function encode(record: BackupRecord): Buffer {
  const { kind, ...rest } = record;
  const payload = record.kind === 'bytes' ? record.bytes : Buffer.from(JSON.stringify(rest), 'utf8');
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt8(KINDS.indexOf(kind));
  head.writeUInt32BE(payload.length, 1);
  return Buffer.concat([head, payload]);
}

/** Records → bytes of a backup file: compressed, then sealed. */
export function toFile(key: string, records: AsyncIterable<BackupRecord>): AsyncGenerator<Buffer> {
  const plain = Readable.from(
    (async function* () {
      for await (const record of records) yield encode(record);
    })(),
    { objectMode: false, highWaterMark: 256 * 1024 },
  );
  const gzip = createGzip({ level: 3 });
  // A failure of one is thrown by whoever reads the other.
  pipeline(plain, gzip, () => undefined);
  return seal(key, gzip);
}

/** The records of a backup file. Ends only at its authentic end; throws BACKUP_UNREADABLE. */
export async function* fromFile(key: string, path: string): AsyncGenerator<BackupRecord> {
  const gunzip = createGunzip();
  pipeline(Readable.from(unseal(key, path), { objectMode: false }), gunzip, () => undefined);
  let held: Buffer[] = [];
  let bytes = 0;
  let wanted = HEAD_BYTES;
  let ended = false;
  for await (const chunk of gunzip as AsyncIterable<Buffer>) {
    held.push(chunk);
    bytes += chunk.length;
    while (bytes >= wanted) {
      let all = Buffer.concat(held);
      const length = all.readUInt32BE(1);
      if (length > LARGEST_RECORD || ended) throw unreadable('backup.damaged', path);
      wanted = HEAD_BYTES + length;
      if (bytes >= wanted) {
        const record = decode(all.readUInt8(), all.subarray(HEAD_BYTES, wanted), path);
        ended = record.kind === 'end';
        yield record;
        all = all.subarray(wanted);
        wanted = HEAD_BYTES;
      }
      held = [all];
      bytes = all.length;
    }
  }
  if (!ended || bytes > 0) throw unreadable('backup.damaged', path);
}

function decode(type: number, payload: Buffer, path: string): BackupRecord {
  const kind = KINDS[type];
  if (kind === undefined) throw unreadable('backup.damaged', path);
  if (kind === 'bytes') return { kind, bytes: payload };
  return { kind, ...(JSON.parse(payload.toString('utf8')) as object) } as BackupRecord;
}
