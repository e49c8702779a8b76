import { Worker } from 'node:worker_threads';
import { GatewayError } from '../errors.ts';
import { bilingual } from '../messages/index.ts';
import type { CsvEncoding } from './csv-read.ts';
import { refusalError, type SheetRefusal } from './fault.ts';
import { DEFAULT_LIMITS, MAX_FILE, type SheetLimits, type SheetMeta, type SheetRow, type Table } from './table.ts';

export interface ReadJob {
  readonly bytes: Uint8Array;
  readonly limits: SheetLimits;
  readonly encoding?: CsvEncoding;
  readonly sheets: readonly string[];
}

export type ReadMessage =
  | { readonly kind: 'meta'; readonly meta: SheetMeta }
  | { readonly kind: 'rows'; readonly rows: readonly SheetRow[] }
  | { readonly kind: 'refused'; readonly refusal: SheetRefusal };

export interface ReadOptions {
  readonly limits?: Partial<SheetLimits>;
  /** Of CSV; absent = found out. */
  readonly encoding?: CsvEncoding;
  /** Names of the sheet to read; absent = the first visible one. */
  readonly sheets?: readonly string[];
  /** Milliseconds the parsing may take; default 60,000. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
}

const THREAD = new URL('./read-thread.ts', import.meta.url);
const HEAP_MB = 768;

/**
 * Reads a CSV or XLSX file in a thread of its own. Throws INVALID_INPUT (what is wrong with the file and what to do) or
 * PAYLOAD_TOO_LARGE.
 */
export async function readSheet(bytes: Uint8Array, options: ReadOptions = {}): Promise<Table> {
  if (bytes.byteLength > MAX_FILE) {
    throw new GatewayError('PAYLOAD_TOO_LARGE', bilingual('sheets.file', { max: MAX_FILE / 1_048_576 }));
  }
  const { promise, resolve, reject } = Promise.withResolvers<Table>();
  const job: ReadJob = {
    bytes,
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    ...(options.encoding === undefined ? {} : { encoding: options.encoding }),
    sheets: options.sheets ?? [],
  };
  const worker = new Worker(THREAD, {
    workerData: job,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB, maxYoungGenerationSizeMb: 64, stackSizeMb: 4 },
  });
  const tooBig = () => new GatewayError('PAYLOAD_TOO_LARGE', bilingual('sheets.tooBig'));
  const timer = setTimeout(() => reject(tooBig()), options.deadlineMs ?? 60_000);
  const abort = () => reject(options.signal?.reason);
  options.signal?.addEventListener('abort', abort, { once: true });

  const rows: SheetRow[] = [];
  let meta: SheetMeta | undefined;
  worker.on('message', (message: ReadMessage) => {
    if (message.kind === 'refused') return reject(refusalError(message.refusal));
    if (message.kind === 'meta') meta = message.meta;
    else {
      for (const row of message.rows) rows.push(row);
      if (message.rows.length === 0 && meta) return resolve({ meta, rows });
    }
    worker.postMessage('next');
  });
  worker.on('error', (error: Error & { code?: string }) => {
    reject(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? tooBig() : error);
  });
  worker.on('exit', () => reject(new GatewayError('INTERNAL', 'The reading thread ended early')));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', abort);
    await worker.terminate();
  }
}
