// `npm run check`: types, lint and format, architecture, file sizes. Every part runs; the exit code tells whether all passed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { checkArchitecture } from './architecture.ts';

const ROOT = join(import.meta.dirname, '../..');
const MAX_LINES = 500;

type Outcome = { name: string; ok: boolean; detail: string };

/** What it says is written when it ends: several run side by side. */
async function command(name: string, binary: string, args: string[]): Promise<Outcome> {
  const child = spawn(join(ROOT, 'node_modules/.bin', binary), args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => said.push(part));
  try {
    const [status] = await once(child, 'close');
    return { name, ok: status === 0, detail: '' };
  } catch (error) {
    return { name, ok: false, detail: String(error) };
  } finally {
    process.stdout.write(Buffer.concat(said));
  }
}

async function architecture(): Promise<Outcome> {
  const { modules, violations } = await checkArchitecture(ROOT);
  for (const violation of violations) console.error(`  ${violation}`);
  return {
    name: 'architecture',
    ok: modules > 0 && violations.length === 0,
    detail: `${modules} modules, ${violations.length} violations`,
  };
}

function fileSizes(): Outcome {
  const files = ['gateway', 'adapters', 'device-schemas', 'tools', 'bench', 'dashboards'].flatMap((folder) =>
    sources(join(ROOT, folder)),
  );
  const long = files.filter((file) => lines(file) > MAX_LINES).map((file) => relative(ROOT, file));
  for (const file of long) console.error(`  ${file} has more than ${MAX_LINES} lines`);
  return { name: 'file sizes', ok: files.length > 0 && long.length === 0, detail: `${files.length} files` };
}

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(
      (entry) =>
        entry.isFile() &&
        /\.(ts|tsx|mjs|js)$/.test(entry.name) &&
        // Made of the OpenAPI document before every build and check.
        entry.name !== 'schema.d.ts' &&
        !/node_modules|\/dist\//.test(entry.parentPath),
    )
    .map((entry) => join(entry.parentPath, entry.name));
}

function lines(file: string): number {
  return readFileSync(file, 'utf8').split('\n').length - 1;
}

// All at once: one after the other they leave most of a second processor idle.
const outcomes = await Promise.all([
  command('types', 'tsc', ['--noEmit', '-p', '.']),
  command('types of the console', 'tsc', ['--noEmit', '-p', 'dashboards/console']),
  command('lint and format', 'biome', ['check', '--error-on-warnings', '.']),
  architecture(),
  fileSizes(),
]);
for (const { name, ok, detail } of outcomes)
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${name}${detail ? ` (${detail})` : ''}`);
process.exitCode = outcomes.every(({ ok }) => ok) ? 0 : 1;
