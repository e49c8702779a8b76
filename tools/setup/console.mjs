// Builds the console when what it is made of has changed: the server itself has no build step.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { fail, nodePath, ROOT } from './install.mjs';

const FOLDER = join(ROOT, 'dashboards/console');
const DIST = join(FOLDER, 'dist');
const STAMP = join(DIST, '.built-from');
const SNAPSHOT = join(ROOT, 'gateway/src/api/openapi.snapshot.json');
/** The guides are read inside the console. */
const GUIDES = join(ROOT, 'docs');
/** The editor of device types is made of them. */
const GRAMMAR = ['device-schemas/device-type.schema.json', 'tools/device-types/grammar-words.ts'];
const MADE = /^(dist|node_modules)(\/|$)|^src\/api\/schema\.d\.ts$/;

/** Leaves a console in `dashboards/console/dist` that fits its sources and the API. */
export function ensureConsole() {
  const wanted = fingerprint();
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return;
  console.error('Building the console … (正在构建控制台)');
  generateTypes();
  run('vite', ['build', '--logLevel', 'warn']);
  for (const name of files(DIST)) {
    if (!/\.(js|css|svg|json)$/.test(name)) continue;
    writeFileSync(join(DIST, `${name}.gz`), gzipSync(readFileSync(join(DIST, name)), { level: 9 }));
  }
  writeFileSync(STAMP, wanted);
}

/** Types of the API from the document the gateway publishes: a console that no longer fits it does not compile. */
export function generateTypes() {
  run('openapi-typescript', [SNAPSHOT, '-o', 'src/api/schema.d.ts']);
}

function fingerprint() {
  const hash = createHash('sha256');
  const sources = files(FOLDER).filter((name) => !MADE.test(name));
  for (const name of sources.sort()) hash.update(name).update(readFileSync(join(FOLDER, name)));
  for (const name of files(GUIDES).sort()) {
    if (/\.md$|^screenshots\//.test(name)) hash.update(name).update(readFileSync(join(GUIDES, name)));
  }
  for (const name of GRAMMAR) hash.update(readFileSync(join(ROOT, name)));
  hash.update(readFileSync(SNAPSHOT)).update(readFileSync(join(ROOT, 'package-lock.json')));
  return hash.digest('hex');
}

/** @param {string} folder */
function files(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((name) => !name.startsWith('node_modules/'));
}

/**
 * @param {string} tool of `node_modules/.bin`
 * @param {string[]} args
 */
function run(tool, args) {
  // npm puts a tool beside the console when the rest of the project cannot share it.
  const binary = [FOLDER, ROOT].map((place) => join(place, 'node_modules/.bin', tool)).find(existsSync) ?? tool;
  const { status } = spawnSync(nodePath(), [binary, ...args], {
    cwd: FOLDER,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) fail(`building the console failed at '${tool}'; see above (控制台构建失败)`);
}
