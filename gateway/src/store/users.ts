import type { User, UserFilter } from '../domain/access-input.ts';
import type { UserChange, UserRecord } from '../domain/access-rows.ts';
import type { Scope } from '../domain/scope.ts';
import type { Tx } from '../domain/tx.ts';
import { GatewayError } from '../errors.ts';
import { bilingual } from '../messages/index.ts';
import { sql } from './database.ts';
import { isUniqueViolation } from './pg-errors.ts';
import { containing, createParams, orgInScope, type Params } from './scope.ts';
import { at } from './time.ts';
import { totalOf } from './totals.ts';

export const USER_COLUMNS = `u.id, u.username, u.display_name as name, u.role, u.org_id as "orgId",
  u.scope_org_ids as "scopeOrgIds", u.module_ids as "moduleIds", u.vendor_id as "vendorId", u.phone, u.email,
  u.must_change_password as "mustChangePassword", u.password_changed_at as "passwordChangedAt",
  u.disabled_at is not null as disabled,
  exists (select 1 from second_factor f where f.user_id = u.id and f.confirmed_at is not null) as "secondFactor",
  exists (select 1 from identity i where i.user_id = u.id and i.subject is not null) as "singleSignOn", u.created_at as "createdAt"`;

/** Column and cast of every field that may change. */
const CHANGEABLE = {
  name: ['display_name', (p: string) => p],
  role: ['role', (p: string) => p],
  orgId: ['org_id', (p: string) => p],
  scopeOrgIds: ['scope_org_ids', (p: string) => `${p}::text[]`],
  moduleIds: ['module_ids', (p: string) => `${p}::text[]`],
  vendorId: ['vendor_id', (p: string) => p],
  phone: ['phone', (p: string) => p],
  email: ['email', (p: string) => p],
  disabled: ['disabled_at', (p: string) => `case when ${p}::boolean then coalesce(disabled_at, now()) end`],
  passwordHash: ['password_hash', (p: string) => p],
  mustChangePassword: ['must_change_password', (p: string) => p],
  passwordChangedAt: ['password_changed_at', at],
} as const satisfies Record<keyof UserChange, readonly [column: string, cast: (placeholder: string) => string]>;

/** What only lists and details show. */
const MORE = `(select max(s.created_at) from session s where s.user_id = u.id) as "lastLoginAt",
  array(select o.id from org o where o.responsible ->> 'userId' = u.id order by o.id) as "responsibleFor"`;

/** Statements on people and their former passwords. */
export function createUserStore() {
  const one = async (tx: Tx, condition: string, value: string): Promise<UserRecord | undefined> => {
    const { rows } = await sql(tx).query<UserRecord>(
      `select ${USER_COLUMNS}, u.password_hash as "passwordHash" from app_user u where ${condition}`,
      [value],
    );
    return rows[0];
  };

  return {
    async count(tx: Tx): Promise<number> {
      const { rows } = await sql(tx).query<{ n: number }>('select count(*)::int as n from app_user');
      return rows[0]?.n ?? 0;
    },

    byUsername: (tx: Tx, username: string) => one(tx, 'lower(u.username) = lower($1)', username),

    byId: (tx: Tx, id: string, options: { lock?: boolean } = {}) =>
      one(tx, `u.id = $1 ${options.lock ? 'for update of u' : ''}`, id),

    /** As somebody sees it: undefined for unknown and foreign ids alike. */
    async seen(tx: Tx, id: string, scope: Scope): Promise<User | undefined> {
      const params = createParams(id);
      const { rows } = await sql(tx).query<User>(
        `select ${USER_COLUMNS}, ${MORE} from app_user u where u.id = $1 and ${userInScope(scope, params)}`,
        params.values,
      );
      return rows[0];
    },

    async list(
      tx: Tx,
      scope: Scope,
      query: UserFilter & { readonly limit: number; readonly after: string | null },
    ): Promise<{ items: User[]; total: number | null }> {
      const params = createParams();
      const parts = [userInScope(scope, params)];
      if (query.role !== undefined) parts.push(`u.role = ${params.add(query.role)}`);
      if (query.orgId !== undefined)
        parts.push(`u.org_id in (select org_subtree(array[${params.add(query.orgId)}::text]))`);
      if (query.disabled !== undefined)
        parts.push(`(u.disabled_at is not null) = ${params.add(query.disabled)}::boolean`);
      if (query.q !== undefined) {
        const pattern = params.add(containing(query.q));
        parts.push(`(u.username ilike ${pattern} or u.display_name ilike ${pattern})`);
      }
      const condition = parts.join(' and ');
      const total = await totalOf(tx, `from app_user u where ${condition}`, params.values);
      const after = query.after === null ? 'true' : `lower(u.username) > lower(${params.add(query.after)})`;
      const { rows } = await sql(tx).query<User>(
        `select ${USER_COLUMNS}, ${MORE} from app_user u where ${condition} and ${after}
         order by lower(u.username) limit ${params.add(query.limit)}`,
        params.values,
      );
      return { items: rows, total };
    },

    async insert(tx: Tx, user: UserRecord): Promise<void> {
      try {
        await sql(tx).query(
          `insert into app_user (id, username, display_name, role, org_id, scope_org_ids, module_ids, vendor_id, phone,
             email, password_hash, must_change_password, password_changed_at, created_at)
           values ($1, $2, $3, $4, $5, $6::text[], $7::text[], $8, $9, $10, $11, $12, ${at('$13')},
             ${at('$14')})`,
          [
            user.id,
            user.username,
            user.name,
            user.role,
            user.orgId,
            user.scopeOrgIds,
            user.moduleIds,
            user.vendorId,
            user.phone,
            user.email,
            user.passwordHash,
            user.mustChangePassword,
            user.passwordChangedAt,
            user.createdAt,
          ],
        );
      } catch (cause) {
        if (!isUniqueViolation(cause)) throw cause;
        const message = bilingual('input.duplicate', { field: '/username', value: user.username });
        throw new GatewayError('CONFLICT', message, {
          errors: [{ path: '/username', code: 'duplicate', message }],
          cause,
        });
      }
    },

    async update(tx: Tx, id: string, change: UserChange): Promise<void> {
      const params = createParams(id);
      const sets = Object.entries(change).map(([field, value]) => {
        const [column, cast] = CHANGEABLE[field as keyof UserChange];
        return `${column} = ${cast(params.add(value))}`;
      });
      await sql(tx).query(
        `update app_user set ${[...sets, 'updated_at = now()'].join(', ')} where id = $1`,
        params.values,
      );
    },

    async otherAdmins(tx: Tx, id: string): Promise<number> {
      // Locked, so that two administrators cannot demote each other at the same time.
      const { rows } = await sql(tx).query(
        `select id from app_user where role = 'admin' and disabled_at is null and id <> $1 order by id for update`,
        [id],
      );
      return rows.length;
    },

    async passwordHistory(tx: Tx, id: string, count: number): Promise<string[]> {
      const { rows } = await sql(tx).query<{ hash: string }>(
        'select hash from password_history where user_id = $1 order by id desc limit $2',
        [id, count],
      );
      return rows.map(({ hash }) => hash);
    },

    async rememberPassword(tx: Tx, id: string, hash: string, time: number, keep: number): Promise<void> {
      await sql(tx).query(`insert into password_history (user_id, hash, at) values ($1, $2, ${at('$3')})`, [
        id,
        hash,
        time,
      ]);
      await sql(tx).query(
        `delete from password_history where user_id = $1 and id < coalesce(
           (select id from password_history where user_id = $1 order by id desc offset $2 limit 1), 0)`,
        [id, keep - 1],
      );
    },

    async knowsAddress(tx: Tx, id: string, address: string, since: number): Promise<boolean> {
      const { rowCount } = await sql(tx).query(
        `select 1 from session where user_id = $1 and address = $2 and created_at >= ${at('$3')} limit 1`,
        [id, address, since],
      );
      return rowCount > 0;
    },
  };
}

/** People of the organisations in scope; a vendor sees its own. */
function userInScope(scope: Scope, params: Params): string {
  return scope.kind === 'vendor'
    ? `u.vendor_id = ${params.add(scope.vendorId)}`
    : orgInScope(scope, params, 'u.org_id');
}
