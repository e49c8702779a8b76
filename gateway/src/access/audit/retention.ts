import { SYSTEM } from '../../domain/actor.ts';
import { type AuditSigner, purgeText } from '../../domain/audit-chain.ts';
import type { Transactor } from '../../domain/tx.ts';
import type { AuditStore } from './ports.ts';

const DAY_MS = 86_400_000;
const BATCH = 5_000;

/**
 * Removes whole beginnings of the chain older than the retention. First a signed record says up to where, then the rows
 * go; a stop in between is made up for by the next run, and a check accepts any part of what the record names.
 */
export async function purgeOldRecords(deps: {
  readonly db: Transactor;
  readonly audit: Pick<AuditStore, 'append' | 'lastBefore' | 'firstSeq' | 'purge' | 'latest'>;
  readonly signer: AuditSigner;
  readonly now: number;
  readonly days: number;
}): Promise<number> {
  const { db, audit, signer, now, days } = deps;
  const last = await audit.lastBefore(db.autocommit, now - days * DAY_MS);
  const known = Number(
    ((await audit.latest(db.autocommit, 'purge', 'audit'))?.after as Purge | undefined)?.throughSeq ?? 0,
  );
  const first = (await audit.firstSeq(db.autocommit)) ?? 1;
  // A purge record a day keeps the chain readable; the rest of a day waits for the next.
  const throughSeq = last && last.seq > known ? last.seq : known;
  if (last && last.seq > known) {
    const purge = { throughSeq: last.seq, hash: last.hash };
    await audit.append(db.autocommit, [
      {
        at: now,
        actor: SYSTEM,
        action: 'purge',
        resource: 'audit',
        resourceId: null,
        after: { fromSeq: first, ...purge, signature: signer.sign(purgeText(purge)), days, lastAt: last.at },
      },
    ]);
  }
  let removed = 0;
  while (first + removed <= throughSeq) {
    const count = await audit.purge(db.autocommit, throughSeq, BATCH);
    if (count === 0) break;
    removed += count;
  }
  return removed;
}

interface Purge {
  readonly throughSeq?: number;
}
