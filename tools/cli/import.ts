import { type FileHandle, open, readFile, rm, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { GatewayError } from '../../gateway/src/errors.ts';
import { bilingual, type MessageKey } from '../../gateway/src/messages/index.ts';
import { OFFERED } from '../../gateway/src/registry/import/columns.ts';
import type { RowError } from '../../gateway/src/registry/import/header.ts';
import { createImportClient, type ImportClient, Refusal } from './import-client.ts';

const MAX_ERRORS_SHOWN = 50;
const POLL_MS = 500;
const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

interface Outcome {
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly errors: readonly RowError[];
  readonly errorCount: number;
  readonly credentialsFile: string | null;
  readonly errorsFile: string | null;
}

interface Job {
  readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'interrupted';
  readonly phase: 'waiting' | 'reading' | 'checking' | 'writing' | 'refreshing' | 'done';
  readonly done: number;
  readonly total: number;
  readonly result: Outcome | null;
  readonly problem: { readonly code: string; readonly detail: string } | null;
}

/** `cgw import`: sends the file to a running gateway, which imports all of it or nothing; answers the exit code. */
export async function importDevices(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      'dry-run': { type: 'boolean', default: false },
      url: { type: 'string', default: 'http://127.0.0.1:8080' },
      key: { type: 'string' },
      'key-file': { type: 'string' },
      encoding: { type: 'string' },
    },
  });
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) return refuse('import.oneFile');
  const key = values['key-file'] === undefined ? values.key : (await readBytes(values['key-file'])).toString().trim();
  if (!key) return refuse('import.needsKey');
  const { encoding } = values;
  if (encoding !== undefined && encoding !== 'utf-8' && encoding !== 'gb18030') return refuse('import.encoding');

  const bytes = await readBytes(file);
  const xlsx = bytes.subarray(0, 2).toString('latin1') === 'PK';
  const stem = file.replace(/\.(csv|xlsx)$/i, '');
  const form = xlsx ? 'xlsx' : 'csv';
  const client = createImportClient(values.url.replace(/\/+$/, ''), key);
  const credentials = values['dry-run'] ? undefined : await openNew(`${stem}.credentials.${form}`);
  let kept = false;
  let waiting: string | null = null;
  try {
    const query = `async=true&dryRun=${values['dry-run']}${encoding ? `&encoding=${encoding}` : ''}`;
    const outcome = await run(client, query, bytes, xlsx ? XLSX : 'text/csv');
    if (outcome.errorCount > 0) return await tellErrors(client, outcome, `${stem}.errors.${form}`);
    if (outcome.credentialsFile && credentials) {
      waiting = outcome.credentialsFile;
      // A secret is handed out a single time: it is on the disk before anything is said.
      await credentials.handle.write(await client.download(outcome.credentialsFile));
      await credentials.handle.sync();
      kept = true;
    }
    const { created, updated, unchanged } = outcome;
    say(values['dry-run'] ? 'import.checked' : 'import.done', { created, updated, unchanged });
    if (kept && credentials) say('import.credentials', { path: credentials.path });
    return 0;
  } catch (error) {
    if (!(error instanceof Refusal) && !(error instanceof GatewayError)) throw error;
    console.error(error.message);
    if (waiting) console.error(bilingual('import.credentialsLost', { path: waiting }));
    return 1;
  } finally {
    await credentials?.handle.close();
    if (credentials && !kept) await rm(credentials.path, { force: true });
  }
}

/** The columns for `cgw import --help`. */
export function columnHelp(): string {
  const width = Math.max(...OFFERED.map(({ path }) => path.length));
  return [bilingual('import.columns'), ...OFFERED.map(({ path, zh }) => `  ${path.padEnd(width)}  ${zh}`)].join('\n');
}

async function run(client: ImportClient, query: string, bytes: Buffer, contentType: string): Promise<Outcome> {
  const { jobId } = await client.upload<{ jobId: string }>(`/devices/import?${query}`, bytes, contentType);
  const bar = createBar();
  for (;;) {
    const job = await client.get<Job>(`/devices/import/jobs/${jobId}`);
    if (job) bar.show(job);
    if (job?.result) {
      bar.end();
      return job.result;
    }
    if (!job || job.state === 'failed' || job.state === 'interrupted') {
      bar.end();
      throw new GatewayError('CONFLICT', job?.problem?.detail ?? bilingual('import.interrupted'));
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** One line that grows on a terminal, one line a phase elsewhere. */
function createBar() {
  let last = '';
  const live = process.stderr.isTTY;
  return {
    show({ phase, done, total }: Job) {
      const share = total > 0 ? done / total : 0;
      const line = `${bilingual(`import.phase.${phase}`)}${total > 0 ? ` ${'█'.repeat(Math.round(share * 20)).padEnd(20, '░')} ${done}/${total}` : ''}`;
      if (live) process.stderr.write(`\r\u001b[K${line}`);
      else if (phase !== last) console.error(line);
      last = phase;
    },
    end() {
      if (live && last) process.stderr.write('\n');
    },
  };
}

async function tellErrors(client: ImportClient, { errors, errorCount, errorsFile }: Outcome, path: string) {
  for (const { row, sheetRow, columnLetter, header, message } of errors.slice(0, MAX_ERRORS_SHOWN)) {
    const place = bilingual('import.row', { row: sheetRow ?? row ?? 0 });
    console.error(`${place}${columnLetter ? `  ${columnLetter} ${header ?? ''}` : ''}  ${message}`);
  }
  const rest = errorCount - MAX_ERRORS_SHOWN;
  if (rest > 0) console.error(bilingual('import.more', { rest }));
  console.error(bilingual('import.nothing', { count: errorCount }));
  if (errorsFile) {
    await writeFile(path, await client.download(errorsFile), { mode: 0o600 });
    console.error(bilingual('import.errorsFile', { path }));
  }
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

/** Opened before anything is imported: secrets that cannot be kept must not be made. */
async function openNew(path: string): Promise<{ handle: FileHandle; path: string }> {
  try {
    return { handle: await open(path, 'wx', 0o600), path };
  } catch (cause) {
    throw new GatewayError('CONFLICT', bilingual('import.credentialsExist', { path }), { cause });
  }
}
