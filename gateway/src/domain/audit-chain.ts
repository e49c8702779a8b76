import { createHash } from 'node:crypto';

/** What an audit record says; every field is under its hash. Times in epoch milliseconds. */
export interface AuditContent {
  readonly at: number;
  readonly actor: string;
  readonly actorName: string;
  readonly address: string | null;
  readonly action: string;
  readonly resource: string;
  readonly resourceId: string | null;
  readonly reason: string | null;
  readonly before: unknown;
  readonly after: unknown;
}

/** A record with its place in the chain: gapless from 1, each holding the hash of the one before. Hashes in hex. */
export interface ChainedRecord extends AuditContent {
  readonly seq: number;
  readonly prevHash: string;
  readonly hash: string;
  /** Eight hex digits a field in the order of {@link CONTENT_FIELDS}; only to say which one was changed. */
  readonly digests: string;
}

/** The newest link; `signature` over {@link headText}. */
export interface ChainHead {
  readonly seq: number;
  readonly hash: string;
  readonly signature: string;
}

/** Signs with a key the database does not hold. `otherKey`: made with a key this gateway does not have. */
export interface AuditSigner {
  sign(text: string): string;
  check(text: string, signature: string): 'valid' | 'forged' | 'otherKey';
}

/** Before the first record. */
export const GENESIS = '0'.repeat(64);

/** The order in which fields are hashed; part of the format, so it only ever grows with a new version number. */
export const CONTENT_FIELDS = [
  'at',
  'actor',
  'actorName',
  'address',
  'action',
  'resource',
  'resourceId',
  'reason',
  'before',
  'after',
] as const satisfies readonly (keyof AuditContent)[];

const VERSION = 1;
const DIGEST_LENGTH = 8;

/** SHA-256, hex, of `[1, at, actor, …, after]` as JSON with sorted keys and no blanks. */
export function contentHash(content: AuditContent): string {
  return sha256(canonicalJson([VERSION, ...CONTENT_FIELDS.map((field) => content[field])]));
}

/** SHA-256, hex, of the lines place, hash before, content hash. */
export function linkHash(seq: number, prevHash: string, content: string): string {
  return sha256(`${seq}\n${prevHash}\n${content}`);
}

export function fieldDigests(content: AuditContent): string {
  return CONTENT_FIELDS.map((field) => digestOf(content, field)).join('');
}

/** The fields that no longer fit their digests; empty when the digests were changed as well. */
export function editedFields(record: ChainedRecord): (typeof CONTENT_FIELDS)[number][] {
  if (record.digests.length !== CONTENT_FIELDS.length * DIGEST_LENGTH) return [];
  return CONTENT_FIELDS.filter((field, index) => {
    const start = index * DIGEST_LENGTH;
    return record.digests.slice(start, start + DIGEST_LENGTH) !== digestOf(record, field);
  });
}

/** What the signature of a head is made over. */
export function headText(head: { readonly seq: number; readonly hash: string }): string {
  return `head\n${head.seq}\n${head.hash}`;
}

/** What the signature of a purge record is made over: everything up to `throughSeq`, which had this hash, may go. */
export function purgeText(purge: { readonly throughSeq: number; readonly hash: string }): string {
  return `purge\n${purge.throughSeq}\n${purge.hash}`;
}

/** JSON with keys in code unit order, as `JSON.stringify` writes the rest; undefined members are left out. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
    return `{${members.join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}

function digestOf(content: AuditContent, field: (typeof CONTENT_FIELDS)[number]): string {
  return sha256(canonicalJson([field, content[field]])).slice(0, DIGEST_LENGTH);
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
