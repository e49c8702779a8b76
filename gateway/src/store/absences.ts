import type { Absence, RosterPerson } from '../domain/duty-rows.ts';
import type { Scope } from '../domain/scope.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { createParams, orgInScope, type Params } from './scope.ts';

const ABSENCE = `a.id, a.user_id as "userId", (extract(epoch from a.from_at) * 1000)::float8 as "from",
  (extract(epoch from a.to_at) * 1000)::float8 as "to", a.substitute_id as "substituteId", a.reason`;

/** Absences show to whom the absent person's organisation does. */
const visible = (scope: Scope, params: Params) =>
  scope.kind === 'all'
    ? 'true'
    : `a.user_id in (select u.id from app_user u where ${orgInScope(scope, params, 'u.org_id')})`;

/** Who is away from duty, and who may work at all. */
export const absences = {
  async absences(tx: Tx, from: number, to: number): Promise<Absence[]> {
    const { rows } = await sql(tx).query<Absence>(
      `select ${ABSENCE} from duty_absence a where a.to_at > to_timestamp($1::float8 / 1000.0)
         and a.from_at < to_timestamp($2::float8 / 1000.0) order by a.from_at, a.id`,
      [from, to],
    );
    return rows;
  },

  async active(tx: Tx, userIds: readonly string[]): Promise<ReadonlySet<string>> {
    if (userIds.length === 0) return new Set();
    const { rows } = await sql(tx).query<{ id: string }>(
      'select id from app_user where id = any($1::text[]) and disabled_at is null',
      [userIds],
    );
    return new Set(rows.map((row) => row.id));
  },

  /** Of these the ones who may work and whom the scope holds: their own organisation is in it, or the shift's. */
  async rosterable(
    tx: Tx,
    scope: Scope,
    userIds: readonly string[],
    orgId: string | null,
  ): Promise<ReadonlySet<string>> {
    const params = createParams(userIds, orgId);
    const { rows } = await sql(tx).query<{ id: string }>(
      `select u.id from app_user u where u.id = any($1::text[]) and u.disabled_at is null
         and u.role not in ('vendor', 'auditor')
         and (u.org_id = $2 or ${orgInScope(scope, params, 'u.org_id')})`,
      params.values,
    );
    return new Set(rows.map((row) => row.id));
  },

  /** Whom the scope may put on duty, and whoever is on a roster of its organisations, so that no shift stands without a name. */
  async rosterPeople(tx: Tx, scope: Scope): Promise<RosterPerson[]> {
    const params = createParams();
    const own = orgInScope(scope, params, 'u.org_id');
    const rostered = orgInScope(scope, params, 'r.org_id');
    const { rows } = await sql(tx).query<RosterPerson>(
      `select p.* from (
         select u.id, u.display_name as name, u.org_id as "orgId",
           u.disabled_at is null and u.role not in ('vendor', 'auditor') and coalesce(${own}, false) as "mayServe"
         from app_user u) p
       where p."mayServe" or p.id in (select r.user_id from duty_roster r where ${rostered})
       order by p.name, p.id limit 5000`,
      params.values,
    );
    return rows;
  },

  async listAbsences(tx: Tx, scope: Scope, filter: { userId?: string; after: number }): Promise<Absence[]> {
    const params = createParams(filter.userId ?? null, filter.after);
    const { rows } = await sql(tx).query<Absence>(
      `select ${ABSENCE} from duty_absence a where ($1::text is null or a.user_id = $1)
         and a.to_at > to_timestamp($2::float8 / 1000.0) and ${visible(scope, params)} order by a.from_at, a.id limit 1000`,
      params.values,
    );
    return rows;
  },

  /** Locked until the transaction ends; undefined for unknown and foreign ids alike. */
  async getAbsence(tx: Tx, scope: Scope, id: string): Promise<Absence | undefined> {
    const params = createParams(id);
    const { rows } = await sql(tx).query<Absence>(
      `select ${ABSENCE} from duty_absence a where a.id = $1 and ${visible(scope, params)} for update of a`,
      params.values,
    );
    return rows[0];
  },

  async addAbsence(tx: Tx, absence: Absence, by: string, now: number): Promise<void> {
    await sql(tx).query(
      `insert into duty_absence (id, user_id, from_at, to_at, substitute_id, reason, created_by, created_at)
       values ($1, $2, to_timestamp($3::float8 / 1000.0), to_timestamp($4::float8 / 1000.0), $5, $6, $7,
         to_timestamp($8::float8 / 1000.0))`,
      [absence.id, absence.userId, absence.from, absence.to, absence.substituteId, absence.reason, by, now],
    );
  },

  async removeAbsence(tx: Tx, id: string): Promise<void> {
    await sql(tx).query('delete from duty_absence where id = $1', [id]);
  },
};
