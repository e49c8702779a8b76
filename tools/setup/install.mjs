// What every npm script does first, on whatever Node the host has: fetch the packages, then hand over to Node 24.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../..');
const STAMP = join(ROOT, 'node_modules/.installed-from');

/** Installs the npm packages when they are missing or older than the lockfile. */
export function ensurePackages() {
  const wanted = createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .digest('hex');
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted && existsSync(nodePath())) return;
  console.error('Installing npm packages … (正在安装依赖)');
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) fail('npm ci failed; see its message above (依赖安装失败)');
  if (!existsSync(nodePath()))
    fail('the package "node" brought no Node 24 for this platform (此平台没有可用的 Node 24)');
  writeFileSync(STAMP, wanted);
}

/** Node 24 from the npm package `node`. */
export function nodePath() {
  return join(ROOT, 'node_modules/node/bin/node');
}

/**
 * What the gateway's process is started with. V8 would let its young generation grow to 128 MiB at the first load and keep
 * it; a quarter of that collects as well here. The gateway compacts its heap once after its start (gateway/src/compaction.ts).
 */
export const NODE_FLAGS = ['--max-semi-space-size=16', '--expose-gc'];

/** Compiled modules of an earlier start: the next one reads neither TypeScript nor the tool that strips its types. */
export const COMPILE_CACHE = join(ROOT, 'node_modules/.cache/compiled');

/** What threads of the process allocate stays in few heaps: each heap more keeps pages that nothing uses. */
export const MALLOC_ARENAS = '2';

/**
 * Debian packages: installed as root, otherwise named exactly.
 * @param {Record<string, string>} needs path or command that proves the package → package name
 * @param {{ uid: number | undefined, path: string }} host who runs this, and where programs are looked for
 * @returns {string[]} packages still missing
 */
export function ensureSystemPackages(needs, host = { uid: process.getuid?.(), path: process.env.PATH ?? '' }) {
  const present = (probe) =>
    probe.startsWith('/') ? existsSync(probe) : host.path.split(':').some((folder) => existsSync(join(folder, probe)));
  const missing = () => [
    ...new Set(
      Object.entries(needs)
        .filter(([probe]) => !present(probe))
        .map(([, name]) => name),
    ),
  ];
  const before = missing();
  if (before.length === 0) return [];
  if (host.uid !== 0 || !present('apt-get')) {
    console.error(
      `Missing Debian packages (缺少系统软件包); install them with:\n  sudo apt-get install --no-install-recommends ${before.join(' ')}\nGoing on with what works (继续运行可用部分).`,
    );
    return before;
  }
  console.error(`Installing Debian packages … (正在安装系统软件包): ${before.join(' ')}`);
  const apt = (...args) =>
    spawnSync('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=120', ...args], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  apt('update');
  apt('install', '-y', '--no-install-recommends', ...before);
  return missing();
}

export function fail(message) {
  console.error(message);
  process.exit(1);
}

/** Runs a TypeScript file on Node 24 with the terminal handed on; resolves with its exit code. */
export function runOnNode24(file, args, env = process.env) {
  const { status, signal } = spawnSync(nodePath(), [join(ROOT, file), ...args], { stdio: 'inherit', env });
  return status ?? (signal ? 128 + 15 : 1);
}
