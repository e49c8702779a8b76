import {
  type AuditContent,
  type AuditSigner,
  type ChainHead,
  contentHash,
  fieldDigests,
  GENESIS,
  headText,
  linkHash,
} from '../domain/audit-chain.ts';
import { type Session, sql } from './database.ts';
import { storableJson } from './storable.ts';
import { at } from './time.ts';

/** An entry ready to be linked: hashed outside the lock, so that only the linking itself is done under it. */
export interface PreparedEntry {
  readonly content: AuditContent;
  readonly contentHash: string;
  readonly digests: string;
}

/** Rows a statement: a long import stays one transaction, but no parameter of a hundred megabytes. */
const BATCH = 1_000;
const COLUMNS = `time float8, actor text, "actorName" text, address text, action text, resource text, "resourceId" text,
  reason text, before jsonb, after jsonb, seq bigint, "prevHash" text, hash text, digests text`;

/** Hashes what will be read back: after a round trip through JSON, without what PostgreSQL cannot hold. */
export function prepareEntry(content: AuditContent): PreparedEntry {
  const stored = JSON.parse(storableJson(content) ?? 'null') as AuditContent;
  return { content: stored, contentHash: contentHash(stored), digests: fieldDigests(stored) };
}

/**
 * Links the entries to the chain. Called right before a commit: from here to the commit nobody else can, and nobody who
 * waits for the head holds up others for anything else.
 */
export async function linkEntries(session: Session, signer: AuditSigner, entries: readonly PreparedEntry[]) {
  const head = await lockHead(session);
  const doubt = headDoubt(head, signer);
  // Signing on top of a head we did not sign would make a forgery ours: the chain says so instead, for ever.
  const all = doubt ? [prepareEntry(doubtful(head, doubt, entries)), ...entries] : entries;
  let { seq, hash } = head;
  for (let start = 0; start < all.length; start += BATCH) {
    const rows = all.slice(start, start + BATCH).map(({ content, contentHash, digests }) => {
      const prevHash = hash;
      seq++;
      hash = linkHash(seq, prevHash, contentHash);
      const { at: time, ...fields } = content;
      return { ...fields, time, seq, prevHash, hash, digests };
    });
    await session.query(
      `with added as (
         insert into audit (at, actor, actor_name, address, action, resource, resource_id, reason, before, after, seq,
           prev_hash, hash, digests)
         select ${at('e.time')}, e.actor, e."actorName", e.address, e.action, e.resource, e."resourceId", e.reason,
           e.before, e.after, e.seq, e."prevHash", e.hash, e.digests
         from jsonb_to_recordset($1::jsonb) as e (${COLUMNS}) order by e.seq)
       update audit_head set seq = $2::bigint, hash = $3, signature = $4`,
      [JSON.stringify(rows), seq, hash, signer.sign(headText({ seq, hash }))],
    );
  }
}

/** Links the rows that stood before the chain began, in the order of their ids; answers how many there were. */
export async function linkOldRows(session: Session, signer: AuditSigner): Promise<number> {
  const head = await lockHead(session);
  const { rows } = await session.query<AuditContent & { id: number }>(
    `select id, ${CONTENT_COLUMNS} from audit where seq is null order by id limit ${BATCH}`,
  );
  if (rows.length === 0) return 0;
  let { seq, hash } = head;
  const links = rows.map(({ id, ...content }) => {
    const prevHash = hash;
    seq++;
    hash = linkHash(seq, prevHash, contentHash(content));
    return { id, seq, prevHash, hash, digests: fieldDigests(content) };
  });
  await session.query(
    `with linked as (
       update audit a set seq = e.seq, prev_hash = e."prevHash", hash = e.hash, digests = e.digests
       from jsonb_to_recordset($1::jsonb) as e (id bigint, seq bigint, "prevHash" text, hash text, digests text)
       where a.id = e.id)
     update audit_head set seq = $2::bigint, hash = $3, signature = $4`,
    [JSON.stringify(links), seq, hash, signer.sign(headText({ seq, hash }))],
  );
  return rows.length;
}

export const CONTENT_COLUMNS = `at, actor, actor_name as "actorName", address, action, resource,
  resource_id as "resourceId", reason, before, after`;

export async function readHead(session: Session): Promise<ChainHead | undefined> {
  const { rows } = await session.query<ChainHead>('select seq, hash, signature from audit_head');
  return rows[0];
}

async function lockHead(session: Session): Promise<ChainHead> {
  const { rows } = await session.query<ChainHead>('select seq, hash, signature from audit_head for update');
  if (rows[0]) return rows[0];
  // Somebody removed the head: it is put back where the rows end, unsigned, which the next entry will tell.
  await session.query(
    `insert into audit_head (seq, hash, signature)
     select coalesce(max(seq), 0), coalesce((select hash from audit order by seq desc nulls last limit 1), $1), 'missing'
     from audit on conflict do nothing`,
    [GENESIS],
  );
  const again = await session.query<ChainHead>('select seq, hash, signature from audit_head for update');
  return again.rows[0] ?? { seq: 0, hash: GENESIS, signature: 'missing' };
}

/** What is wrong with the head; undefined = signed by us, or the very beginning. */
export function headDoubt(head: ChainHead, signer: AuditSigner): 'forged' | 'otherKey' | undefined {
  if (head.seq === 0 && head.hash === GENESIS && head.signature === '') return undefined;
  const verdict = signer.check(headText(head), head.signature);
  return verdict === 'valid' ? undefined : verdict;
}

function doubtful(head: ChainHead, verdict: string, entries: readonly PreparedEntry[]): AuditContent {
  return {
    at: entries[0]?.content.at ?? 0,
    actor: 'system',
    actorName: 'system',
    address: null,
    action: 'chainDoubt',
    resource: 'audit',
    resourceId: null,
    reason: verdict,
    before: null,
    after: { seq: head.seq, hash: head.hash, signature: head.signature },
  };
}

/** The rows behind a place with the head of the same moment, so that a running gateway does not look truncated. */
export async function readChain(session: Session, after: number, limit: number) {
  const { rows } = await session.query<Record<string, unknown>>(
    `select h.seq as "headSeq", h.hash as "headHash", h.signature as "headSignature", r.*
     from (select 1) one left join audit_head h on true
     left join lateral (
       select seq, prev_hash as "prevHash", hash, digests, ${CONTENT_COLUMNS}
       from audit where seq > $1::bigint order by seq limit $2::int) r on true
     order by r.seq`,
    [after, limit],
  );
  return rows;
}

/** Rows without a place in the chain: written past the gateway. */
export async function countUnlinked(session: Session): Promise<number> {
  const { rows } = await session.query<{ n: number }>('select count(*)::int as n from audit where seq is null');
  return rows[0]?.n ?? 0;
}

export async function linkAllOldRows(autocommit: Parameters<typeof sql>[0], signer: AuditSigner): Promise<number> {
  let linked = 0;
  for (;;) {
    const count = await inTransaction(sql(autocommit), (session) => linkOldRows(session, signer));
    if (count === 0) return linked;
    linked += count;
  }
}

/** In the session's transaction, or one of its own when there is none. */
export function inTransaction<T>(session: Session, work: (session: Session) => Promise<T>): Promise<T> {
  return session.inTransaction ? session.inTransaction(work) : work(session);
}
