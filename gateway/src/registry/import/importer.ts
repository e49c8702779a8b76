import type { Actor } from '../../domain/actor.ts';
import type { DeviceFilter } from '../../domain/device-input.ts';
import { requireRight } from '../../domain/permission.ts';
import type { CsvEncoding } from '../../sheets/csv-read.ts';
import { CONTENT_TYPES, type Encoding, type Format, sheetBytes } from '../../sheets/write.ts';
import { type DeviceExport, exportDevices } from './export.ts';
import { createImportFiles, type Download } from './files.ts';
import { createImportJobs, type JobView } from './jobs.ts';
import type { ImportDeps } from './ports.ts';
import { type ImportResult, importFile } from './run.ts';
import { type TemplateQuery, templateSheets } from './template.ts';

export interface ImportRequest {
  readonly dryRun: boolean;
  /** Of CSV; absent = found out. */
  readonly encoding?: CsvEncoding;
}

/** Devices as tables: out, in, and what belongs to that. */
export interface DeviceTables {
  template(actor: Actor, query: TemplateQuery): Promise<Download>;
  /** Answers when all is done. Throws TOO_MANY_REQUESTS when others wait already. */
  import(actor: Actor, bytes: Uint8Array, request: ImportRequest): Promise<ImportResult>;
  /** Answers at once with the id of a job. */
  beginImport(actor: Actor, bytes: Uint8Array, request: ImportRequest): Promise<string>;
  job(actor: Actor, id: string): Promise<JobView>;
  /** A file of an import; one of credentials is handed out a single time. */
  takeFile(actor: Actor, token: string): Promise<Download>;
  export(
    actor: Actor,
    query: {
      readonly filter: DeviceFilter;
      readonly purpose: string;
      readonly format: Format;
      readonly encoding: Encoding;
    },
  ): Promise<DeviceExport>;
  stop(): Promise<void>;
}

export function createDeviceTables(deps: ImportDeps): DeviceTables {
  const files = createImportFiles(deps);
  const jobs = createImportJobs(deps);
  const mayImport = (actor: Actor) => {
    requireRight(actor, 'devices', 'create');
    requireRight(actor, 'devices', 'update');
  };
  return {
    async template(actor, query) {
      const bytes = await sheetBytes(await templateSheets(actor, query, deps), query);
      const contentType =
        query.format === 'csv' ? `${CONTENT_TYPES.csv}; charset=${query.encoding}` : CONTENT_TYPES.xlsx;
      return { name: `devices-template.${query.format}`, contentType, bytes };
    },
    async import(actor, bytes, request) {
      mayImport(actor);
      return jobs.wait((signal) => importFile(actor, bytes, { ...request, signal }, deps));
    },
    async beginImport(actor, bytes, request) {
      mayImport(actor);
      return jobs.begin(actor, (signal, progress, onCommit) =>
        importFile(actor, bytes, { ...request, signal, progress, onCommit }, deps),
      );
    },
    job: jobs.get,
    takeFile: files.take,
    export: (actor, query) => exportDevices(actor, query, deps),
    stop: jobs.stop,
  };
}
