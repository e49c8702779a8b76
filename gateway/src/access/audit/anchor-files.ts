import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type AuditSigner, canonicalJson } from '../../domain/audit-chain.ts';

/** One line of an anchor file: the head of the chain as it was, chained to the line before and signed. */
export interface AnchorLine {
  readonly v: 1;
  /** Random name of this row of files. */
  readonly series: string;
  /** Gapless from 1. */
  readonly n: number;
  /** SHA-256, hex, of the line before; zeros before the first. */
  readonly prev: string;
  /** ISO 8601. */
  readonly at: string;
  readonly seq: number;
  readonly hash: string;
  /** Records in the database. */
  readonly count: number;
  readonly signature: string;
}

const ANCHOR_FILE = /^\d{4}-\d{2}-\d{2}\.jsonl$/;
const REPORT_FILE = /^\d{4}-\d{2}-\d{2}\.report\.json$/;

/** Names of the anchor files in their order; none when the directory is missing. */
export const listAnchorFiles = (directory: string) => list(directory, ANCHOR_FILE);
export const listReportFiles = (directory: string) => list(directory, REPORT_FILE);

async function list(directory: string, pattern: RegExp): Promise<string[]> {
  try {
    return (await readdir(directory)).filter((name) => pattern.test(name)).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

export function lineHash(line: string): string {
  return createHash('sha256').update(line).digest('hex');
}

/** Anything flat with a signature over all the rest. */
export function signed<T extends object>(signer: AuditSigner, facts: T): T & { signature: string } {
  return { ...facts, signature: signer.sign(canonicalJson(facts)) };
}

export function checkSigned(signer: AuditSigner, value: Readonly<Record<string, unknown>>) {
  const { signature, ...facts } = value;
  return signer.check(canonicalJson(facts), String(signature));
}

/** The lines of a file with their numbers; undefined where a line is no JSON object. */
export async function* readLines(path: string): AsyncGenerator<{ line: number; text: string; value: unknown }> {
  const input = createReadStream(path, 'utf8');
  let line = 0;
  for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    line++;
    if (text !== '') yield { line, text, value: parse(text) };
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The last whole line of the newest file. What a cut left unfinished behind it was never promised and is removed. */
export async function openAnchors(directory: string): Promise<{ file: string; text: string; line: AnchorLine } | null> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  for (const file of (await listAnchorFiles(directory)).reverse()) {
    const path = join(directory, file);
    const content = await readFile(path, 'utf8');
    const whole = content.slice(0, content.lastIndexOf('\n') + 1);
    if (whole.length < content.length) {
      const handle = await open(path, 'r+');
      try {
        await handle.truncate(Buffer.byteLength(whole));
        await handle.sync();
      } finally {
        await handle.close();
      }
    }
    const text = whole.trimEnd().split('\n').at(-1) ?? '';
    const line = parse(text) as AnchorLine | undefined;
    if (typeof line?.series === 'string' && Number.isInteger(line.n)) return { file, text, line };
  }
  return null;
}

/** Appends and makes it durable; a new file's name as well. */
export async function appendLine(directory: string, file: string, text: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const handle = await open(join(directory, file), 'a', 0o600);
  try {
    const fresh = (await handle.stat()).size === 0;
    await handle.appendFile(`${text}\n`);
    await handle.sync();
    if (fresh) await syncDirectory(directory);
  } finally {
    await handle.close();
  }
}

/** Whole or not at all. */
export async function writeReport(directory: string, file: string, text: string): Promise<void> {
  const draft = join(directory, `${file}.${process.pid}`);
  const handle = await open(draft, 'w', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, join(directory, file));
  await syncDirectory(directory);
}

export const removeFile = (directory: string, file: string) => rm(join(directory, file), { force: true });

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
