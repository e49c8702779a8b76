import type {
  ServedVersion,
  TypeVersion,
  TypeVersionSource,
  TypeVersionState,
  UploadedType,
} from '../domain/device-type-version.ts';
import type { Scope } from '../domain/scope.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { createParams, type Params } from './scope.ts';
import { at } from './time.ts';

const TYPE = `t.id, t.vendor_id as "vendorId", t.shared, t.retired_at as "retiredAt", t.retired_reason as "retiredReason"`;
const VERSION = `v.type_id as "typeId", v.n as version, v.state, v.author, v.checksum, v.report, v.restored_from as "restoredFrom",
  v.created_at as "createdAt", v.updated_at as "updatedAt", v.submitted_at as "submittedAt", v.decided_at as "decidedAt",
  v.decided_by as "decidedBy", v.reason`;

/** Statements on uploaded device types and their versions. */
export function createDeviceTypeStore() {
  return {
    /** Locks the type, which is made when it does not exist yet; one that no vendor owns may be shared from the start. */
    async claim(tx: Tx, type: { id: string; vendorId: string | null; shared: boolean }): Promise<UploadedType> {
      await sql(tx).query(
        `insert into uploaded_type (id, vendor_id, shared)
         values ($1, (select id from vendor where id = $2), $3 and not exists (select from vendor where id = $2))
         on conflict (id) do update set vendor_id = coalesce(uploaded_type.vendor_id, excluded.vendor_id)`,
        [type.id, type.vendorId, type.shared],
      );
      const { rows } = await sql(tx).query<UploadedType>(
        `select ${TYPE} from uploaded_type t where t.id = $1 for update`,
        [type.id],
      );
      const [row] = rows;
      if (!row) throw new Error('the type vanished');
      return row;
    },

    /** Types the scope shows: all, or a vendor's own and the shared ones. */
    async find(tx: Tx, id: string, scope: Scope, options: { lock?: boolean } = {}): Promise<UploadedType | undefined> {
      const params = createParams(id);
      const { rows } = await sql(tx).query<UploadedType>(
        `select ${TYPE} from uploaded_type t where t.id = $1 and ${visible(scope, params)} ${options.lock ? 'for update' : ''}`,
        params.values,
      );
      return rows[0];
    },

    async versions(tx: Tx, id: string, scope: Scope): Promise<TypeVersion[]> {
      const params = createParams(id);
      const { rows } = await sql(tx).query<TypeVersion>(
        `select ${VERSION} from device_type_version v join uploaded_type t on t.id = v.type_id
         where v.type_id = $1 and ${visibleVersion(scope, params)} order by v.n desc limit 200`,
        params.values,
      );
      return rows;
    },

    async version(tx: Tx, id: string, which: number | TypeVersionState, scope: Scope) {
      const params = createParams(id, which);
      const { rows } = await sql(tx).query<TypeVersionSource>(
        `select ${VERSION}, v.source from device_type_version v join uploaded_type t on t.id = v.type_id
         where v.type_id = $1 and ${typeof which === 'number' ? 'v.n = $2::int' : 'v.state = $2'}
           and ${visibleVersion(scope, params)}`,
        params.values,
      );
      return rows[0];
    },

    /** The next version of a locked type; answers its number. */
    async insert(tx: Tx, version: Omit<TypeVersionSource, 'version'>): Promise<number> {
      const { rows } = await sql(tx).query<{ n: number }>(
        `insert into device_type_version (type_id, n, state, author, source, checksum, report, restored_from, created_at,
           updated_at, submitted_at, decided_at, decided_by, reason)
         select $1, coalesce(max(n), 0) + 1, $2, $3, $4, $5, $6::jsonb, $7, ${at('$8')}, ${at('$9')}, ${at('$10')},
           ${at('$11')}, $12, $13
         from device_type_version where type_id = $1 returning n`,
        [version.typeId, version.state, version.author, version.source, ...tail(version)],
      );
      return rows[0]?.n ?? 1;
    },

    /** Writes a version back. */
    async save(tx: Tx, version: TypeVersionSource): Promise<void> {
      await sql(tx).query(
        `update device_type_version set state = $3, author = $4, source = $5, checksum = $6, report = $7::jsonb,
           restored_from = $8, created_at = ${at('$9')}, updated_at = ${at('$10')}, submitted_at = ${at('$11')},
           decided_at = ${at('$12')}, decided_by = $13, reason = $14
         where type_id = $1 and n = $2`,
        [version.typeId, version.version, version.state, version.author, version.source, ...tail(version)],
      );
    },

    /** Makes room for the next of this state. */
    async supersede(tx: Tx, id: string, state: TypeVersionState, now: number): Promise<void> {
      await sql(tx).query(
        `update device_type_version set state = 'superseded', updated_at = ${at('$3')} where type_id = $1 and state = $2`,
        [id, state, now],
      );
    },

    async mark(tx: Tx, type: UploadedType & { readonly by: string | null }): Promise<void> {
      await sql(tx).query(
        `update uploaded_type set shared = $2, retired_at = ${at('$3')}, retired_reason = $4, retired_by = $5 where id = $1`,
        [type.id, type.shared, type.retiredAt, type.retiredReason, type.by],
      );
    },

    /** Devices that are not retired or rejected and stand on the type. */
    async living(tx: Tx, id: string): Promise<number> {
      const { rows } = await sql(tx).query<{ n: number }>(
        `select count(*)::int as n from device where type = $1 and lifecycle not in ('retired', 'rejected')`,
        [id],
      );
      return rows[0]?.n ?? 0;
    },

    /** What every process must have in memory; small, so it is asked for often. */
    async served(tx: Tx): Promise<(ServedVersion & { checksum: string })[]> {
      const { rows } = await sql(tx).query<ServedVersion & { checksum: string }>(
        `select v.type_id as "typeId", v.n as version, v.state, v.checksum, t.vendor_id as "vendorId", t.shared
         from device_type_version v join uploaded_type t on t.id = v.type_id
         where v.state in ('approved', 'submitted') and t.retired_at is null order by v.type_id, v.n`,
      );
      return rows;
    },

    async sources(tx: Tx, wanted: readonly { typeId: string; version: number }[]) {
      const { rows } = await sql(tx).query<{ typeId: string; version: number; source: string }>(
        `select v.type_id as "typeId", v.n as version, v.source
         from unnest($1::text[], $2::int[]) as w (id, n) join device_type_version v on v.type_id = w.id and v.n = w.n`,
        [wanted.map(({ typeId }) => typeId), wanted.map(({ version }) => version)],
      );
      return rows;
    },
  };
}

function tail(version: Omit<TypeVersionSource, 'version'>): unknown[] {
  return [
    version.checksum,
    JSON.stringify(version.report),
    version.restoredFrom,
    version.createdAt,
    version.updatedAt,
    version.submittedAt,
    version.decidedAt,
    version.decidedBy,
    version.reason,
  ];
}

function visible(scope: Scope, params: Params): string {
  return scope.kind === 'vendor' ? `(t.vendor_id = ${params.add(scope.vendorId)} or t.shared)` : 'true';
}

/** Of a shared type another vendor sees what is served, not what its owner works on. */
function visibleVersion(scope: Scope, params: Params): string {
  if (scope.kind !== 'vendor') return 'true';
  return `(t.vendor_id = ${params.add(scope.vendorId)} or t.shared and v.state = 'approved')`;
}
