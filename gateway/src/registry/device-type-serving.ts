import { mkdir, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Logger } from '../../../adapters/adapter.ts';
import { actorText, SYSTEM } from '../domain/actor.ts';
import type { AuditPort } from '../domain/audit.ts';
import type { DeviceType } from '../domain/device-type/index.ts';
import type { Transactor } from '../domain/tx.ts';
import { buildSource, listTypeFiles } from './device-type-file.ts';
import { checksumOf, type DeviceTypeStore, reportOf } from './device-type-rules.ts';
import type { DeviceTypeCatalogue, Upload } from './device-types.ts';

export interface DeviceTypeServing {
  /** Once, before the first message: files of an older installation become versions, then everything is loaded. */
  start(): Promise<void>;
  /** Serves what the database says; cheap when nothing changed. Call it every few seconds and after a change. */
  refresh(): Promise<void>;
}

/** Keeps the catalogue in memory equal to the approved and submitted versions in the database. */
export function createDeviceTypeServing(deps: {
  readonly db: Transactor;
  readonly store: DeviceTypeStore;
  readonly types: DeviceTypeCatalogue;
  readonly audit: AuditPort;
  /** Folder uploads were kept in before they had versions. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Logger;
}): DeviceTypeServing {
  const { db, store, types, log, clock } = deps;
  /** Compiled texts by type, version and checksum. */
  let compiled = new Map<string, DeviceType | null>();
  let fingerprint = '';
  let running: Promise<void> | undefined;
  let again = false;

  const load = async () => {
    const rows = await store.served(db.autocommit);
    const print = JSON.stringify(rows);
    if (print === fingerprint) return;
    const keyOf = (row: (typeof rows)[number]) => `${row.typeId}@${row.version}@${row.checksum}`;
    const wanted = rows.filter((row) => !compiled.has(keyOf(row)));
    const texts = wanted.length > 0 ? await store.sources(db.autocommit, wanted) : [];
    const next = new Map<string, DeviceType | null>();
    const uploads = new Map<string, Upload>();
    for (const row of rows) {
      const text = texts.find(({ typeId, version }) => typeId === row.typeId && version === row.version)?.source;
      const type = compiled.get(keyOf(row)) ?? (text === undefined ? null : compile(row.typeId, row.version, text));
      next.set(keyOf(row), type);
      const { typeId: id, vendorId, shared } = row;
      const upload = uploads.get(id) ?? { id, vendorId, shared, approved: null, trial: null };
      uploads.set(id, row.state === 'approved' ? { ...upload, approved: type } : { ...upload, trial: type });
    }
    compiled = next;
    types.serve([...uploads.values()]);
    fingerprint = print;
  };

  /** An upgrade may know more rules than the one who uploaded it: the type is named in the log and not served. */
  const compile = (id: string, version: number, source: string): DeviceType | null => {
    const built = buildSource(source);
    if (built.ok) return built.type;
    log.error({ type: id, version, fault: built.errors[0] }, 'an uploaded device type is not served');
    return null;
  };

  const importFolder = async () => {
    const files = await listTypeFiles(deps.folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    for (const file of files) await importFile(file);
    if (files.length === 0) return;
    // Kept for the administrator, out of the way of the next start.
    await mkdir(`${deps.folder}-imported`, { recursive: true });
    for (const name of await readdir(deps.folder)) {
      await rename(join(deps.folder, name), join(`${deps.folder}-imported`, name));
    }
  };

  const importFile = async (file: string) => {
    const source = await readFile(file, 'utf8');
    const built = buildSource(source);
    if (!built.ok || types.isBuiltIn(built.type.id)) {
      log.error({ file, fault: built.ok ? 'built in' : built.errors[0] }, 'an uploaded device type was not imported');
      return;
    }
    const { id } = built.type;
    const now = clock.now();
    await db.transaction(async (tx) => {
      await store.claim(tx, { id, vendorId: id.split('/')[0] ?? null, shared: true });
      if ((await store.versions(tx, id, { kind: 'all' })).length > 0) return;
      const by = actorText(SYSTEM);
      const times = { createdAt: now, updatedAt: now, submittedAt: null, decidedAt: now };
      const text = {
        author: by,
        source,
        checksum: checksumOf(source),
        report: reportOf(built.type),
        restoredFrom: null,
      };
      const decided = { decidedBy: by, reason: 'imported from the data directory' };
      await store.insert(tx, { typeId: id, state: 'approved', ...text, ...times, ...decided });
      const entry = { at: now, actor: SYSTEM, action: 'import', resource: 'deviceTypes', resourceId: id };
      await deps.audit.append(tx, [{ ...entry, after: { version: 1, checksum: text.checksum } }]);
    });
    log.info({ type: id }, 'an uploaded device type became a version in the database');
  };

  return {
    async start() {
      await importFolder();
      await load();
    },
    /** Two at once are one, run again when the second came in the middle. */
    async refresh() {
      again = true;
      running ??= (async () => {
        try {
          while (again) {
            again = false;
            await load();
          }
        } finally {
          running = undefined;
        }
      })();
      await running;
    },
  };
}
