import type { Tx } from '../domain/tx.ts';
import type { VendorInvitation } from '../domain/vendor-input.ts';
import type { VendorUsageRow, VendorWarning } from '../domain/vendor-rows.ts';
import { sql } from './database.ts';
import { at } from './time.ts';

const COLUMNS = `id, vendor_id as "vendorId", email, created_by as "createdBy", created_at as "createdAt",
  expires_at as "expiresAt", used_at as "usedAt", revoked_at as "revokedAt"`;

const hashBytes = (placeholder: string) => `decode(${placeholder}, 'base64')`;

/** Invitations, usage and warnings of vendors. */
export function createVendorAccountStore() {
  return {
    /** A newer invitation takes the place of those not used yet. */
    async invite(tx: Tx, invitation: VendorInvitation & { tokenHash: string }): Promise<void> {
      await sql(tx).query(
        `update vendor_invitation set revoked_at = ${at('$2')}
         where vendor_id = $1 and used_at is null and revoked_at is null`,
        [invitation.vendorId, invitation.createdAt],
      );
      await sql(tx).query(
        `insert into vendor_invitation (id, vendor_id, token_hash, email, created_by, created_at, expires_at)
         values ($1, $2, ${hashBytes('$3')}, $4, $5, ${at('$6')}, ${at('$7')})`,
        [
          invitation.id,
          invitation.vendorId,
          invitation.tokenHash,
          invitation.email,
          invitation.createdBy,
          invitation.createdAt,
          invitation.expiresAt,
        ],
      );
    },

    /** The invitation a token opens now. */
    async openInvitation(tx: Tx, tokenHash: string, now: number): Promise<VendorInvitation | undefined> {
      const { rows } = await sql(tx).query<VendorInvitation>(
        `select ${COLUMNS} from vendor_invitation
         where token_hash = ${hashBytes('$1')} and used_at is null and revoked_at is null and expires_at > ${at('$2')}`,
        [tokenHash, now],
      );
      return rows[0];
    },

    /** Uses an invitation up; of two that try at once one gets it. */
    async useInvitation(tx: Tx, tokenHash: string, now: number): Promise<VendorInvitation | undefined> {
      const { rows } = await sql(tx).query<VendorInvitation>(
        `update vendor_invitation set used_at = ${at('$2')}
         where token_hash = ${hashBytes('$1')} and used_at is null and revoked_at is null and expires_at > ${at('$2')}
         returning ${COLUMNS}`,
        [tokenHash, now],
      );
      return rows[0];
    },

    async listInvitations(tx: Tx, vendorId: string): Promise<VendorInvitation[]> {
      const { rows } = await sql(tx).query<VendorInvitation>(
        `select ${COLUMNS} from vendor_invitation where vendor_id = $1 order by created_at desc, id limit 200`,
        [vendorId],
      );
      return rows;
    },

    async revokeInvitations(tx: Tx, which: { vendorId: string; id?: string }, now: number): Promise<number> {
      const { rowCount } = await sql(tx).query(
        `update vendor_invitation set revoked_at = ${at('$3')}
         where vendor_id = $1 and ($2::text is null or id = $2::text) and used_at is null and revoked_at is null`,
        [which.vendorId, which.id ?? null, now],
      );
      return rowCount;
    },

    /** Adds to what stands there; several processes add to the same rows. Answers the sums. */
    async addUsage(tx: Tx, rows: readonly VendorUsageRow[]): Promise<VendorUsageRow[]> {
      const { rows: sums } = await sql(tx).query<VendorUsageRow>(
        `insert into vendor_usage as u (vendor_id, day, messages, refused, requests)
         select r."vendorId", r.day, r.messages, r.refused, r.requests
         from jsonb_to_recordset($1::jsonb) as r ("vendorId" text, day date, messages bigint, refused bigint, requests bigint)
         where exists (select from vendor v where v.id = r."vendorId")
         on conflict (vendor_id, day) do update set messages = u.messages + excluded.messages,
           refused = u.refused + excluded.refused, requests = u.requests + excluded.requests
         returning vendor_id as "vendorId", day::text, messages::float8, refused::float8, requests::float8`,
        [JSON.stringify(rows)],
      );
      return sums;
    },

    async usageOn(tx: Tx, day: string): Promise<VendorUsageRow[]> {
      const { rows } = await sql(tx).query<VendorUsageRow>(
        `select vendor_id as "vendorId", day::text, messages::float8, refused::float8, requests::float8
         from vendor_usage where day = $1::date`,
        [day],
      );
      return rows;
    },

    async forgetUsage(tx: Tx, before: string): Promise<void> {
      await sql(tx).query('delete from vendor_usage where day < $1::date', [before]);
    },

    /** Notes warnings; answers those that were not given before. */
    async warn(tx: Tx, warnings: readonly VendorWarning[], now: number): Promise<VendorWarning[]> {
      const { rows } = await sql(tx).query<VendorWarning>(
        `insert into vendor_warning (vendor_id, what, ends_on, days_before, at)
         select w."vendorId", w.what, w."endsOn", w."daysBefore", ${at('$2')}
         from jsonb_to_recordset($1::jsonb) as w ("vendorId" text, what text, "endsOn" date, "daysBefore" int)
         where exists (select from vendor v where v.id = w."vendorId")
         on conflict do nothing
         returning vendor_id as "vendorId", what, ends_on::text as "endsOn", days_before as "daysBefore"`,
        [JSON.stringify(warnings), now],
      );
      return rows;
    },

    async mutedVendors(tx: Tx): Promise<string[]> {
      const { rows } = await sql(tx).query<{ id: string }>(
        `select distinct d.vendor_id as id from incident i join device d on d.key = i.device
         where i.state = 'open' and 'vendorAccessEnded' = any (i.suppressed) and d.vendor_id is not null`,
      );
      return rows.map(({ id }) => id);
    },

    /** Refused messages that stand for a vendor: of its login and of its devices. */
    async quarantineOf(tx: Tx, vendorId: string): Promise<number> {
      const { rows } = await sql(tx).query<{ n: number }>(
        `select count(*)::int as n from quarantine q left join device d on d.key = q.device
         where q.principal = 'vendor:' || $1 or d.vendor_id = $1`,
        [vendorId],
      );
      return rows[0]?.n ?? 0;
    },

    /** Removes the oldest refused messages of each vendor beyond its number. */
    async boundQuarantine(tx: Tx, bounds: Readonly<Record<string, number>>): Promise<number> {
      const { rowCount } = await sql(tx).query(
        `with placed as (
           select q.id, coalesce(substring(q.principal from '^vendor:(.*)$'), d.vendor_id) as vendor_id
           from quarantine q left join device d on d.key = q.device),
         ranked as (
           select id, vendor_id, row_number() over (partition by vendor_id order by id desc) as place
           from placed where vendor_id is not null)
         delete from quarantine where id in (
           select r.id from ranked r join jsonb_each_text($1::jsonb) as b (vendor_id, keep) on b.vendor_id = r.vendor_id
           where r.place > b.keep::int)`,
        [JSON.stringify(bounds)],
      );
      return rowCount;
    },
  };
}
