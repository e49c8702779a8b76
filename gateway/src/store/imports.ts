import type { OwnArchive } from '../domain/camera-archive.ts';
import type { DeviceKey } from '../domain/device.ts';
import type { DeviceFilter } from '../domain/device-input.ts';
import type { DeviceRecord } from '../domain/device-record.ts';
import type { Scope } from '../domain/scope.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { type DeviceRow, RECORD_COLUMNS, readRecord } from './device-rows.ts';
import { filterCondition } from './devices.ts';
import { createParams, deviceInScope, orgInScope } from './scope.ts';
import { toJson } from './storable.ts';
import { at } from './time.ts';

/** A device with the camera's own fields, as tables of devices are made of. */
export interface ListedDevice {
  readonly device: DeviceRecord;
  readonly archive: OwnArchive;
  readonly prefilled: readonly string[];
}

interface ListedRow extends DeviceRow {
  archive: OwnArchive | null;
  prefilled: string[] | null;
}

const LISTED = `${RECORD_COLUMNS}, c.archive, c.prefilled`;
const FROM = 'from device d left join camera c on c.device = d.key';

const readListed = (row: ListedRow): ListedDevice => ({
  device: readRecord(row),
  archive: row.archive ?? {},
  prefilled: row.prefilled ?? [],
});

/** Where names of references stand. An organisation of a kind, a site, …: id, name and who may see it. */
const NAMED = {
  org: { from: 'org t', name: 't.name', scoped: 't.id', more: `t.kind <> 'maintenance'` },
  unit: { from: 'org t', name: 't.name', scoped: null, more: `t.kind = 'maintenance'` },
  site: { from: 'site t', name: 't.name', scoped: 't.org_id', more: 'true' },
  module: { from: 'module t', name: 't.name_zh', scoped: null, more: 'true' },
  vendor: { from: 'vendor t', name: 't.name', scoped: null, more: 'true' },
} as const;
export type NamedReference = keyof typeof NAMED;

/** Bulk import and export of devices. */
export function createImportStore() {
  return {
    /** Devices in scope that have one of these ids, or, while they live, one of these serial numbers. */
    async existing(
      tx: Tx,
      named: { readonly ids: readonly string[]; readonly serials: readonly string[] },
      scope: Scope,
    ): Promise<ListedDevice[]> {
      const params = createParams(named.ids, named.serials);
      const { rows } = await sql(tx).query<ListedRow>(
        `select ${LISTED} ${FROM}
         where (d.id = any ($1::text[]) or (d.serial = any ($2::text[]) and d.lifecycle not in ('retired', 'rejected')))
           and ${deviceInScope(scope, params)}`,
        params.values,
      );
      return rows.map(readListed);
    },

    /** Locks devices in key order; answers the revision and archive each has now. */
    async lockRevisions(tx: Tx, keys: readonly DeviceKey[]): Promise<ReadonlyMap<DeviceKey, number>> {
      const { rows } = await sql(tx).query<{ key: number; revision: number }>(
        `select key, revision::float8 as revision from device where key = any ($1::int[]) order by key for update`,
        [keys],
      );
      return new Map(rows.map(({ key, revision }) => [key, revision]));
    },

    async saveArchives(
      tx: Tx,
      cameras: readonly {
        readonly device: DeviceKey;
        readonly archive: OwnArchive;
        readonly prefilled: readonly string[];
      }[],
    ): Promise<void> {
      await sql(tx).query(
        `insert into camera (device, archive, prefilled)
         select n.device, n.archive, array(select jsonb_array_elements_text(n.prefilled))
         from jsonb_to_recordset($1::jsonb) as n (device integer, archive jsonb, prefilled jsonb)
         on conflict (device) do update set archive = excluded.archive, prefilled = excluded.prefilled, updated_at = now()`,
        [toJson(cameras)],
      );
    },

    /** Which of these names exist within the scope, with every id that has them. */
    async referenceIds(
      tx: Tx,
      wanted: Readonly<Record<NamedReference, readonly string[]>>,
      scope: Scope,
    ): Promise<{ reference: NamedReference; name: string; id: string }[]> {
      // A vendor hangs its device anywhere in the tree, so it may name any place.
      const places: Scope = scope.kind === 'vendor' ? { kind: 'all' } : scope;
      const params = createParams();
      const parts = (Object.keys(NAMED) as NamedReference[]).map((reference) => {
        const { from, name, scoped, more } = NAMED[reference];
        const seen = scoped === null ? 'true' : orgInScope(places, params, scoped);
        const own = reference === 'vendor' && scope.kind === 'vendor' ? `t.id = ${params.add(scope.vendorId)}` : 'true';
        return `select '${reference}' as reference, ${name} as name, t.id from ${from}
          where ${name} = any (${params.add(wanted[reference])}::text[]) and ${seen} and ${own} and ${more}`;
      });
      const { rows } = await sql(tx).query<{ reference: NamedReference; name: string; id: string }>(
        parts.join(' union all '),
        params.values,
      );
      return rows;
    },

    /** Names a person may choose from in the template, at most `limit` of each kind. */
    async choices(
      tx: Tx,
      scope: Scope,
      limit: number,
    ): Promise<{ reference: NamedReference; name: string; id: string }[]> {
      const params = createParams(limit);
      const parts = (Object.keys(NAMED) as NamedReference[]).map((reference) => {
        const { from, name, scoped, more } = NAMED[reference];
        const seen = scoped === null ? 'true' : orgInScope(scope, params, scoped);
        // Who else there is, is nothing a vendor is told.
        const told = scope.kind === 'vendor' && reference !== 'module' ? 'false' : 'true';
        return `(select '${reference}' as reference, ${name} as name, t.id from ${from}
          where ${seen} and ${told} and ${more} order by t.id limit $1)`;
      });
      const { rows } = await sql(tx).query<{ reference: NamedReference; name: string; id: string }>(
        parts.join(' union all '),
        params.values,
      );
      return rows;
    },

    async count(tx: Tx, filter: DeviceFilter, scope: Scope): Promise<number> {
      const params = createParams();
      const { rows } = await sql(tx).query<{ n: number }>(
        `select count(*)::int as n from device d left join health h on h.device = d.key
         where ${filterCondition(filter, params)} and ${deviceInScope(scope, params)}`,
        params.values,
      );
      return rows[0]?.n ?? 0;
    },

    /** In key order. */
    async page(
      tx: Tx,
      filter: DeviceFilter,
      scope: Scope,
      { after, limit }: { readonly after: DeviceKey; readonly limit: number },
    ): Promise<ListedDevice[]> {
      const params = createParams(after, limit);
      const { rows } = await sql(tx).query<ListedRow>(
        `select ${LISTED} ${FROM} left join health h on h.device = d.key
         where d.key > $1 and ${filterCondition(filter, params)} and ${deviceInScope(scope, params)}
         order by d.key limit $2`,
        params.values,
      );
      return rows.map(readListed);
    },

    ...files,
    ...jobs,
  };
}

/** A file that waits to be fetched. Times in epoch milliseconds. */
export interface ImportFileRow {
  readonly tokenHash: string;
  readonly owner: string;
  readonly kind: 'credentials' | 'errors';
  readonly name: string;
  readonly contentType: string;
  readonly sealed: string;
  readonly createdAt: number;
  readonly expiresAt: number;
}

const files = {
  async addFile(tx: Tx, file: ImportFileRow): Promise<void> {
    await sql(tx).query(
      `insert into import_file (token_hash, owner, kind, name, content_type, sealed, created_at, expires_at)
       values ($1, $2, $3, $4, $5, $6, ${at('$7')}, ${at('$8')})`,
      [file.tokenHash, file.owner, file.kind, file.name, file.contentType, file.sealed, file.createdAt, file.expiresAt],
    );
  },

  /** The owner's file, if it is still to be had; one of credentials is gone with this. */
  async takeFile(
    tx: Tx,
    wanted: { readonly tokenHash: string; readonly owner: string; readonly now: number },
  ): Promise<Pick<ImportFileRow, 'kind' | 'name' | 'contentType' | 'sealed'> | undefined> {
    const { rows } = await sql(tx).query<Pick<ImportFileRow, 'kind' | 'name' | 'contentType' | 'sealed'>>(
      `with found as (
         select token_hash, sealed from import_file
         where token_hash = $1 and owner = $2 and expires_at > ${at('$3')} and sealed is not null for update)
       update import_file f set taken_at = ${at('$3')}, sealed = case f.kind when 'credentials' then null else f.sealed end
       from found where f.token_hash = found.token_hash
       returning f.kind, f.name, f.content_type as "contentType", found.sealed`,
      [wanted.tokenHash, wanted.owner, wanted.now],
    );
    return rows[0];
  },

  /** Forgets what nobody can fetch any more, and error files of one owner beyond the newest `keep`. */
  async purgeFiles(tx: Tx, now: number, keep: number): Promise<void> {
    await sql(tx).query(
      `delete from import_file f where f.expires_at < ${at('$1')} or (f.kind = 'errors' and f.token_hash in (
         select token_hash from (
           select token_hash, row_number() over (partition by owner order by created_at desc) as n
           from import_file where kind = 'errors') numbered where n > $2))`,
      [now, keep],
    );
  },
};

/** An import as it is kept. Times in epoch milliseconds. */
export interface ImportJobRow {
  readonly id: string;
  readonly owner: string;
  readonly state: 'waiting' | 'running' | 'done' | 'failed';
  readonly phase: string;
  readonly done: number;
  readonly total: number;
  /** Sealed. */
  readonly result: string | null;
  readonly createdAt: number;
  readonly beatAt: number;
}

const jobs = {
  async saveJob(tx: Tx, job: ImportJobRow): Promise<void> {
    await sql(tx).query(
      `insert into import_job (id, owner, state, phase, done, total, result, created_at, beat_at, finished_at)
       values ($1, $2, $3, $4, $5, $6, $7, ${at('$8')}, ${at('$9')},
         case when $3 in ('done', 'failed') then ${at('$9')} end)
       on conflict (id) do update set state = excluded.state, phase = excluded.phase, done = excluded.done,
         total = excluded.total, result = excluded.result, beat_at = excluded.beat_at, finished_at = excluded.finished_at
       where import_job.finished_at is null`,
      [job.id, job.owner, job.state, job.phase, job.done, job.total, job.result, job.createdAt, job.beatAt],
    );
  },

  async job(tx: Tx, id: string, owner: string): Promise<ImportJobRow | undefined> {
    const { rows } = await sql(tx).query<ImportJobRow>(
      `select id, owner, state, phase, done, total, result, created_at as "createdAt", beat_at as "beatAt"
       from import_job where id = $1 and owner = $2`,
      [id, owner],
    );
    return rows[0];
  },

  async purgeJobs(tx: Tx, before: number): Promise<void> {
    await sql(tx).query(`delete from import_job where created_at < ${at('$1')}`, [before]);
  },
};
