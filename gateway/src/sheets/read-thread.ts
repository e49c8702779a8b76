// Worker: a file that takes all its memory or never ends takes this thread with it, not the gateway.
import { parentPort, workerData } from 'node:worker_threads';
import { readCsv } from './csv-read.ts';
import { SheetFault } from './fault.ts';
import type { ReadJob, ReadMessage } from './read.ts';
import type { SheetRow, Table } from './table.ts';
import { isZip } from './xlsx-parts.ts';
import { readWorkbook } from './xlsx-read.ts';

const BATCH = 250;
const job = workerData as ReadJob;

function read(): Table {
  if (isZip(job.bytes)) return readWorkbook(job.bytes, job.limits, job.sheets);
  // Workbooks of Excel 97 and password-protected ones.
  const [a, b, c, d] = job.bytes;
  if (a === 0xd0 && b === 0xcf && c === 0x11 && d === 0xe0) throw new SheetFault('sheets.oldWorkbook');
  return readCsv(job.bytes, job.limits, job.encoding);
}

function send(message: ReadMessage): void {
  parentPort?.postMessage(message);
}

let rows: readonly SheetRow[] = [];
let sent = 0;
// Rows go batch by batch as they are asked for: unpacking a large message would hold up whoever receives it.
parentPort?.on('message', () => {
  send({ kind: 'rows', rows: rows.slice(sent, sent + BATCH) });
  sent += BATCH;
  if (sent >= rows.length + BATCH) parentPort?.close();
});
try {
  const table = read();
  rows = table.rows;
  send({ kind: 'meta', meta: table.meta });
} catch (error) {
  if (!(error instanceof SheetFault)) throw error;
  send({ kind: 'refused', refusal: error.refusal });
}
