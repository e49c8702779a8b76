import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MEMORY = '/dev/shm';
/** What all databases of a run need at the same time, with room to spare. */
const NEEDED = 6 * 1024 ** 3;
const NAME = /^cgw-test-(\d+)$/;

/**
 * Where databases of tests live: in memory where there is plenty of it. A database is a thousand files, and a disk's file
 * system works for a second to make as many again beside those that were just removed.
 */
export function scratch(): string {
  return process.env.CGW_TEST_SCRATCH ?? tmpdir();
}

/** Makes the folder of this run and tells the test processes; `remove` takes with it whatever a killed test left there. */
export function makeScratch(): { remove(): void } {
  if (!hasMemory()) return { remove: () => undefined };
  for (const name of readdirSync(MEMORY)) {
    const [, pid] = NAME.exec(name) ?? [];
    if (pid && !existsSync(`/proc/${pid}`)) rmSync(join(MEMORY, name), { recursive: true, force: true });
  }
  const folder = join(MEMORY, `cgw-test-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  // PostgreSQL runs as another user when the tests run as root.
  chmodSync(folder, 0o711);
  process.env.CGW_TEST_SCRATCH = folder;
  return { remove: () => rmSync(folder, { recursive: true, force: true }) };
}

function hasMemory(): boolean {
  if (!existsSync(MEMORY)) return false;
  const { bavail, bsize } = statfsSync(MEMORY);
  return Math.min(bavail * bsize, process.availableMemory()) > NEEDED;
}
