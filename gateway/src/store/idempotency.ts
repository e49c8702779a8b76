import type { ClaimedSlot, SlotClaim, StoredAnswer } from '../domain/idempotency.ts';
import type { Transactor } from '../domain/tx.ts';
import { sql } from './database.ts';
import { at } from './time.ts';

/** Answers to write requests with an Idempotency-Key. A dead request's lease and an old answer free their slot. */
export function createIdempotencyStore(db: Transactor) {
  return {
    async begin(claim: SlotClaim): Promise<ClaimedSlot> {
      const { rowCount } = await sql(db.autocommit).query(
        `insert into idempotent_request as r (slot, fingerprint, lease_until, keep_until)
         values ($1, $2, ${at('$4')}, ${at('$5')})
         on conflict (slot) do update set fingerprint = excluded.fingerprint, lease_until = excluded.lease_until,
           keep_until = excluded.keep_until, status = null, content_type = null, body = null
         where r.keep_until <= ${at('$3')}
           or (r.status is null and r.lease_until <= ${at('$3')} and r.fingerprint = excluded.fingerprint)`,
        [claim.slot, claim.fingerprint, claim.now, claim.leaseUntil, claim.keepUntil],
      );
      if (rowCount === 1) return { state: 'new' };
      const { rows } = await sql(db.autocommit).query<{
        fingerprint: string;
        status: number | null;
        content_type: string | null;
        body: string | null;
      }>('select fingerprint, status, content_type, body from idempotent_request where slot = $1', [claim.slot]);
      const [row] = rows;
      if (row && row.fingerprint !== claim.fingerprint) return { state: 'mismatch' };
      // Abandoned between the two statements: the caller is told to try again.
      if (!row || row.status === null) return { state: 'running' };
      return {
        state: 'done',
        answer: { status: row.status, contentType: row.content_type ?? 'application/json', body: row.body ?? '' },
      };
    },

    async finish(slot: string, answer: StoredAnswer): Promise<void> {
      await sql(db.autocommit).query(
        'update idempotent_request set status = $2, content_type = $3, body = $4 where slot = $1',
        [slot, answer.status, answer.contentType, answer.body],
      );
    },

    async abandon(slot: string): Promise<void> {
      await sql(db.autocommit).query('delete from idempotent_request where slot = $1 and status is null', [slot]);
    },

    /** Removes what is no longer kept. */
    async purge(now: number): Promise<number> {
      const { rowCount } = await sql(db.autocommit).query(
        `delete from idempotent_request where keep_until <= ${at('$1')}`,
        [now],
      );
      return rowCount;
    },
  };
}
