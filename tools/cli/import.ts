import { createHash } from 'node:crypto';
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { DeviceInput } from '../../gateway/src/domain/device-input.ts';
import { schemaErrors } from '../../gateway/src/domain/input.ts';
import { type FieldError, GatewayError } from '../../gateway/src/errors.ts';
import { bilingual, type MessageKey } from '../../gateway/src/messages/index.ts';
import { parseCsv } from '../../gateway/src/registry/csv.ts';
import { readFields } from '../../gateway/src/registry/device-fields.ts';
import { COLUMNS, readCells, readHeader } from '../../gateway/src/registry/import-columns.ts';
import { checkAgainst, findDuplicates, type ImportRow, type RowError } from './import-check.ts';
import { createImportClient, type ImportClient, Refusal } from './import-client.ts';
import { csvLine, decodeTable } from './table-file.ts';

const MAX_ERRORS_SHOWN = 50;
const PROGRESS_EVERY = 100;

interface Created {
  readonly device: { readonly id: string };
  /** The password is absent when this row was created by an earlier try. */
  readonly credentials: { readonly username: string; readonly password?: string };
}

/** `cgw import`: checks every row, then creates the devices one by one; answers the exit code. */
export async function importDevices(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      'dry-run': { type: 'boolean', default: false },
      url: { type: 'string', default: 'http://127.0.0.1:8080' },
      key: { type: 'string' },
      'key-file': { type: 'string' },
    },
  });
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) return refuse('import.oneFile');
  const key = values['key-file'] === undefined ? values.key : (await readText(values['key-file'])).trim();
  if (!key && !values['dry-run']) return refuse('import.needsKey');

  const { rows, errors } = readTable(decodeTable(await readBytes(file)));
  const client = key ? createImportClient(values.url.replace(/\/+$/, ''), key) : undefined;
  const faults = errors.length > 0 || !client ? errors : await checkAgainst(client, rows);
  if (faults.length > 0) return tell(faults);
  if (values['dry-run'] || !client) {
    say(client ? 'import.checked' : 'import.checkedHere', { count: rows.length });
    return 0;
  }
  return createAll(client, rows, file);
}

/** The columns for `cgw import --help`. */
export function columnHelp(): string {
  const width = Math.max(...COLUMNS.map(([path]) => path.length));
  return [bilingual('import.columns'), ...COLUMNS.map(([path, zh]) => `  ${path.padEnd(width)}  ${zh}`)].join('\n');
}

/** Every row of the table as a body, with everything that is wrong with it and needs no gateway to tell. */
export function readTable(text: string): { rows: ImportRow[]; errors: RowError[] } {
  const table = parseCsv(text);
  if (!table) return { rows: [], errors: [fault(1, 'quote', 'registry.import.quote')] };
  const [header, ...records] = table;
  if (!header || records.length === 0) return { rows: [], errors: [fault(1, 'empty', 'registry.import.empty')] };
  const { paths, errors: unknown } = readHeader(header.cells);
  if (unknown.length > 0) return { rows: [], errors: unknown.map((error) => ({ ...error, row: header.line })) };
  const rows: ImportRow[] = [];
  const errors: RowError[] = [];
  for (const { line, cells } of records) {
    if (cells.length > paths.length) {
      errors.push(fault(line, 'tooManyCells', 'registry.import.cells', { max: paths.length }));
      continue;
    }
    const body = readCells(paths, cells);
    rows.push({ row: line, body });
    errors.push(...checkBody(body).map((error) => ({ ...error, row: line })));
  }
  return { rows, errors: [...errors, ...findDuplicates(rows)].sort((a, b) => a.row - b.row) };
}

/** The rules of the gateway's own registry, applied before anything is sent. */
function checkBody(body: Readonly<Record<string, unknown>>): readonly FieldError[] {
  const errors = schemaErrors(DeviceInput, body);
  if (errors.length > 0) return errors;
  const sealing = { seal: () => '', open: () => '', hash: () => '' };
  return readFields(body as DeviceInput, { id: '', before: null, sealing }).errors;
}

async function createAll(client: ImportClient, rows: readonly ImportRow[], file: string): Promise<number> {
  const path = `${file.replace(/\.csv$/i, '')}.credentials.csv`;
  const credentials = await openNew(path);
  let done = 0;
  try {
    await credentials.write(csvLine(['line', 'id', 'username', 'password']));
    for (const { row, body } of rows) {
      const made = await client.post<Created>('/devices', body, idempotencyKey(row, body));
      const { username, password = '' } = made.credentials;
      // Written at once: a secret is shown a single time, and the run may end before the next row.
      await credentials.write(csvLine([String(row), made.device.id, username, password]));
      done++;
      if (done % PROGRESS_EVERY === 0) say('import.progress', { done, count: rows.length });
    }
  } catch (error) {
    const row = rows[done]?.row ?? 0;
    console.error(bilingual('import.stopped', { row, done, path }));
    if (error instanceof Refusal && error.errors.length > 0) tell(error.errors.map((each) => ({ ...each, row })));
    else if (error instanceof Refusal || error instanceof GatewayError) console.error(error.message);
    else throw error;
    return 1;
  } finally {
    await credentials.sync();
    await credentials.close();
  }
  say('import.done', { done, path });
  return 0;
}

/** The same row sent twice, as after a lost answer, creates one device. */
function idempotencyKey(row: number, body: Readonly<Record<string, unknown>>): string {
  return `import-${createHash('sha256')
    .update(JSON.stringify([row, body]))
    .digest('hex')
    .slice(0, 40)}`;
}

function fault(row: number, code: string, key: MessageKey, values: Record<string, string | number> = {}): RowError {
  return { row, path: '', code, message: bilingual(key, values) };
}

function tell(errors: readonly RowError[]): number {
  for (const { row, message } of errors.slice(0, MAX_ERRORS_SHOWN))
    console.error(`${bilingual('import.row', { row })}  ${message}`);
  const rest = errors.length - MAX_ERRORS_SHOWN;
  if (rest > 0) console.error(bilingual('import.more', { rest }));
  console.error(bilingual('import.nothing', { count: errors.length }));
  return 1;
}

function say(key: MessageKey, values: Record<string, string | number>): void {
  console.log(bilingual(key, values));
}

function refuse(key: MessageKey): number {
  console.error(bilingual(key));
  return 2;
}

async function readBytes(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new GatewayError('INVALID_INPUT', bilingual('import.unreadable', { path }), { cause });
  }
}

const readText = async (path: string): Promise<string> => (await readBytes(path)).toString('utf8');

async function openNew(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx', 0o600);
  } catch (cause) {
    throw new GatewayError('CONFLICT', bilingual('import.credentialsExist', { path }), { cause });
  }
}
