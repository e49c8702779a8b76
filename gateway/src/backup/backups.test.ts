import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createManualClock } from '../clock.ts';
import { SYSTEM } from '../domain/actor.ts';
import type { BackupRun } from '../domain/backup-rows.ts';
import type { Tx } from '../domain/tx.ts';
import { createLogger } from '../log.ts';
import { createBackups } from './backups.ts';
import type { DatabaseView, RunStore } from './ports.ts';

const VIEW: DatabaseView = {
  engine: 'none',
  facts: async () => ({ schema: [], sequences: [], partitions: [], auditSeq: 0 }),
  tables: async () => [],
  async *rows() {
    yield* [];
  },
};

it('makes one at a time, keeps the newest, tells of a failed one and knows an overdue one', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'cgw-backups-'));
  const clock = createManualClock();
  const runs: BackupRun[] = [];
  const store: RunStore = {
    async begin(_tx, run) {
      const empty = { endedAt: null, file: null, bytes: null, rows: null, tables: null, files: null };
      runs.unshift({ ...run, ...empty, state: 'running', checkedAt: null, error: null });
      return true;
    },
    async end(_tx, outcome) {
      const at = runs.findIndex(({ id }) => id === outcome.id);
      const run = runs[at];
      if (run) runs[at] = { ...run, ...outcome };
    },
    interrupted: async () => undefined,
    forgetFiles: async () => undefined,
    newest: async () => ({
      last: runs.find(({ state }) => state !== 'running'),
      good: runs.find(({ checkedAt }) => checkedAt !== null),
      daily: clock.now(),
    }),
    list: async () => ({ items: runs, nextCursor: null, total: runs.length }),
  };
  const told: string[] = [];
  const states: string[] = [];
  let broken = false;
  const tx = {} as Tx;
  const backups = createBackups({
    transactor: { transaction: (work) => work(tx), autocommit: tx },
    store,
    audit: { append: async () => undefined },
    source: { atOneMoment: (work) => (broken ? Promise.reject(new Error('disk full')) : work(VIEW)) },
    clock,
    log: createLogger('error', () => undefined),
    dataDir,
    key: 'a-backup-key-for-tests-of-32-characters',
    secretKeyId: '0',
    version: '0',
    localTime: (at) => new Date(at).toISOString(),
    settings: () => ({ at: '00:00', keep: 2 }),
    notices: async (_tx, notices) => void told.push(...notices.map(({ fault }) => fault)),
    onState: (state, reason) => void states.push(`${state} ${reason}`),
    onAge: () => undefined,
    snapshots: async () => [],
  });
  const standing = async () => (await backups.list(SYSTEM, { limit: 1 })).standing;
  const make = async () => {
    await backups.make(SYSTEM);
    await expect(backups.make(SYSTEM)).rejects.toMatchObject({ code: 'BACKUP_RUNNING' });
    await expect.poll(async () => (await standing()).running).toBeNull();
  };
  await backups.start();
  try {
    for (let n = 0; n < 3; n++) {
      await make();
      clock.advance(60_000);
    }
    expect([(await standing()).state, (await readdir(join(dataDir, 'backups'))).length]).toEqual(['ok', 2]);
    broken = true;
    await make();
    await expect.poll(() => [told, states.at(-1)]).toEqual([['backupFailed'], 'degraded BACKUP_FAILED']);
    expect(await standing()).toMatchObject({ state: 'failed', lastError: 'disk full' });
    runs.shift();
    clock.advance(27 * 3_600_000);
    expect((await standing()).state).toBe('overdue');
    expect((await readdir(join(dataDir, 'backups'))).length).toBe(2);
  } finally {
    await backups.stop();
    await rm(dataDir, { recursive: true });
  }
});
