import type { Actor } from '../../domain/actor.ts';
import type { DeviceFilter } from '../../domain/device-input.ts';
import type { FieldError } from '../../errors.ts';

export interface FileLink {
  readonly token: string;
  readonly expiresAt: number;
}

/** A file that is handed over whole. */
export interface Download {
  readonly name: string;
  readonly contentType: string;
  readonly bytes: Buffer;
}

/** What is said of a cell. */
export interface RowRemark extends FieldError {
  readonly sheetRow?: number;
  readonly columnLetter?: string;
  readonly header?: string;
  readonly value?: string;
}

/** What an import did, or why it did nothing. */
export interface ImportOutcome {
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly errors: readonly RowRemark[];
  readonly errorCount: number;
  readonly warnings: readonly RowRemark[];
  readonly warningCount: number;
  readonly credentialsFile: FileLink | null;
  readonly errorsFile: FileLink | null;
}

export interface ImportJobState {
  readonly id: string;
  readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'interrupted';
  readonly phase: string;
  readonly done: number;
  readonly total: number;
  readonly createdAt: number;
  readonly result: ImportOutcome | null;
  readonly problem: { readonly code: string; readonly detail: string } | null;
}

interface TableForm {
  readonly format: 'csv' | 'xlsx';
  readonly encoding: 'utf-8' | 'gb18030';
}

interface ImportRequest {
  readonly dryRun: boolean;
  readonly encoding?: 'utf-8' | 'gb18030';
}

/** Devices as tables. */
export interface DeviceTablePort {
  template(actor: Actor, query: TableForm & { readonly type?: string }): Promise<Download>;
  import(actor: Actor, bytes: Uint8Array, request: ImportRequest): Promise<ImportOutcome>;
  /** Answers the id of a job. */
  beginImport(actor: Actor, bytes: Uint8Array, request: ImportRequest): Promise<string>;
  job(actor: Actor, id: string): Promise<ImportJobState>;
  takeFile(actor: Actor, token: string): Promise<Download>;
  export(
    actor: Actor,
    query: TableForm & { readonly filter: DeviceFilter; readonly purpose: string },
  ): Promise<{ readonly name: string; readonly contentType: string; readonly chunks: AsyncIterable<Uint8Array> }>;
}
