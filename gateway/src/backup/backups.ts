import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Logger } from '../../../adapters/adapter.ts';
import { type Actor, actorText, SYSTEM } from '../domain/actor.ts';
import type { AuditPort } from '../domain/audit.ts';
import type { BackupRun, BackupStanding, BackupState } from '../domain/backup-rows.ts';
import type { Notice } from '../domain/notice.ts';
import type { Page } from '../domain/page.ts';
import { requireRight } from '../domain/permission.ts';
import type { Transactor, Tx } from '../domain/tx.ts';
import { GatewayError } from '../errors.ts';
import { bilingual, text } from '../messages/index.ts';
import { repeat, type Task } from '../schedule.ts';
import { noticeOfTrouble } from './notice.ts';
import type { BackupSource, RunStore } from './ports.ts';
import { checkBackup, requireKey, writeBackup } from './write.ts';

/** A daily backup and two hours for making it. */
const TOO_OLD_MS = 26 * 3_600_000;
const RETRY_AFTER_MS = 3_600_000;
const LOOK_EVERY_MS = 30_000;
/** A start has enough to do. */
const FIRST_LOOK_MS = 10_000;
export const BACKUP_ENDING = '.cgwbak';

export interface BackupsDeps {
  readonly transactor: Transactor;
  readonly store: RunStore;
  readonly audit: AuditPort;
  readonly source: BackupSource;
  readonly clock: Clock;
  readonly log: Logger;
  readonly dataDir: string;
  /** CGW_BACKUP_KEY; null = nothing is backed up, and the page says so. */
  readonly key: string | null;
  readonly secretKeyId: string;
  /** Version of the gateway. */
  readonly version: string;
  readonly localTime: (at: number) => string;
  /** `at`: `HH:MM` in the gateway's zone or `off`; `keep`: files. */
  readonly settings: () => { readonly at: string; readonly keep: number };
  readonly notices: (tx: Tx, notices: readonly Notice[]) => Promise<void>;
  readonly onState: (state: 'ready' | 'degraded', reason: string, detail?: string) => void;
  /** Age of the newest usable backup in milliseconds. */
  readonly onAge: (ms: number) => void;
  /** Whether the disk has room for one more; absent = it has. */
  readonly room?: { allows(what: 'backups'): boolean };
  /** Times of the embedded database's own copies, which no key is needed for and which do not leave the machine. */
  readonly snapshots: () => Promise<readonly number[]>;
  /** False when readings live outside the database; absent = they are in it. */
  readonly withReadings?: boolean;
}

export interface Backups {
  start(): Promise<void>;
  stop(): Promise<void>;
  list(
    actor: Actor,
    query: { limit: number; cursor?: string },
  ): Promise<Page<BackupRun> & { readonly standing: BackupStanding }>;
  /** Begins one now. Throws BACKUP_NO_KEY, BACKUP_RUNNING. */
  make(actor: Actor): Promise<{ readonly id: string }>;
}

/** The daily backup: makes it, keeps the newest, checks each by reading it back, and says aloud when there is none. */
export function createBackups(deps: BackupsDeps): Backups {
  const { transactor, store, clock, log, audit } = deps;
  const folder = join(deps.dataDir, 'backups');
  const ending = new AbortController();
  let task: Task | undefined;
  let working: Promise<void> | undefined;
  let running: BackupStanding['running'] = null;
  let told: string | undefined;

  const begin = async (trigger: BackupRun['trigger'], actor: Actor): Promise<string> => {
    requireKey(deps.key);
    if (running) throw new GatewayError('BACKUP_RUNNING');
    if (deps.room?.allows('backups') === false) throw new GatewayError('STORAGE_FULL', bilingual('backup.diskFull'));
    const run = { id: `bk_${randomUUID()}`, trigger, startedBy: actorText(actor), startedAt: clock.now() };
    await transactor.transaction(async (tx) => {
      if (!(await store.begin(tx, run))) throw new GatewayError('BACKUP_RUNNING');
      const entry = { at: run.startedAt, actor, action: 'create', resource: 'backups', resourceId: run.id };
      await audit.append(tx, [{ ...entry, after: { trigger } }]);
    });
    running = { id: run.id, startedAt: run.startedAt, at: '', rows: 0, files: 0, checking: false };
    working = work(run).finally(() => {
      running = null;
      working = undefined;
      task?.kick();
    });
    return run.id;
  };

  const work = async (run: Pick<BackupRun, 'id' | 'startedAt'>): Promise<void> => {
    const key = requireKey(deps.key);
    const name = `${deps.localTime(run.startedAt).slice(0, 19).replace('T', '_').replaceAll(':', '')}${BACKUP_ENDING}`;
    const file = join(folder, name);
    const failed = { id: run.id, file: null, bytes: null, rows: null, tables: null, files: null, checkedAt: null };
    try {
      const { bytes, summary } = await writeBackup({
        file,
        key,
        source: deps.source,
        dataDir: deps.dataDir,
        facts: { gateway: deps.version, secretKeyId: deps.secretKeyId },
        now: clock.now,
        signal: ending.signal,
        onProgress: (progress) => {
          if (running) running = { ...running, ...progress };
        },
      });
      if (running) running = { ...running, checking: true };
      await checkBackup(file, key, ending.signal);
      const rows = Object.values(summary.rows).reduce((sum, count) => sum + count, 0);
      const made = { ...failed, file: name, bytes, rows, tables: summary.rows, files: summary.files, error: null };
      await store.end(transactor.autocommit, { ...made, state: 'done', endedAt: clock.now(), checkedAt: clock.now() });
      log.info({ file, bytes, rows }, 'backup made and read back');
      await makeRoom();
    } catch (error) {
      // What was written and cannot be read back is no backup.
      await rm(file, { force: true });
      if (ending.signal.aborted) return;
      log.error({ error }, 'the backup failed');
      const words = error instanceof Error ? error.message : String(error);
      await store
        .end(transactor.autocommit, { ...failed, state: 'failed', endedAt: clock.now(), error: words })
        .catch((cause: unknown) => log.error({ error: cause }, 'the failed backup could not be noted'));
    }
  };

  const makeRoom = async () => {
    const names = (await readdir(folder)).filter((name) => name.endsWith(BACKUP_ENDING)).sort();
    const kept = names.slice(-deps.settings().keep);
    for (const name of names) if (!kept.includes(name)) await rm(join(folder, name));
    await store.forgetFiles(transactor.autocommit, kept);
  };

  const due = (now: number, daily: number | null, last: BackupRun | undefined): boolean => {
    const { at } = deps.settings();
    if (at === 'off' || running) return false;
    if (last?.state === 'failed' && now - (last.endedAt ?? 0) < RETRY_AFTER_MS) return false;
    const local = deps.localTime(now);
    if (local.slice(11, 16) < at) return false;
    const doneToday = daily !== null && deps.localTime(daily).slice(0, 10) === local.slice(0, 10);
    return !doneToday || last?.state === 'failed';
  };

  const stateOf = (good: BackupRun | undefined, last: BackupRun | undefined): BackupState => {
    if (deps.key === null) return 'noKey';
    if (last?.state === 'failed') return 'failed';
    if (!good) return 'none';
    return deps.settings().at !== 'off' && clock.now() - good.startedAt > TOO_OLD_MS ? 'overdue' : 'ok';
  };

  const look = async () => {
    const { good, last, daily } = await store.newest(transactor.autocommit);
    if (good) deps.onAge(clock.now() - good.startedAt);
    const state = stateOf(good, last);
    if (state === 'failed') deps.onState('degraded', 'BACKUP_FAILED', last?.error ?? undefined);
    else if (state === 'overdue') deps.onState('degraded', 'BACKUP_OVERDUE');
    else if (state !== 'noKey') deps.onState('ready', 'ok');
    await tell(state, good, last);
    if (deps.key !== null && due(clock.now(), daily, last)) await begin('daily', SYSTEM);
  };

  /** Once for each failed run and each backup that grew too old; the outbox knows the key after a restart as well. */
  const tell = async (state: BackupState, good: BackupRun | undefined, last: BackupRun | undefined) => {
    if (state !== 'failed' && state !== 'overdue') return;
    const subject = `backup:${state}:${(state === 'failed' ? last?.id : good?.id) ?? ''}`;
    if (told === subject) return;
    const words =
      state === 'failed'
        ? text('zh-CN', 'backup.told.failed', { error: last?.error ?? '' })
        : text('zh-CN', 'backup.told.overdue', {
            last: good ? deps.localTime(good.startedAt).slice(0, 16).replace('T', ' ') : '',
          });
    await transactor.transaction((tx) => deps.notices(tx, [noticeOfTrouble(state, subject, words, clock.now())]));
    told = subject;
  };

  return {
    async start() {
      await store.interrupted(transactor.autocommit, clock.now(), text('zh-CN', 'backup.interrupted'));
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const names = await readdir(folder);
      for (const name of names) if (name.endsWith('.part')) await rm(join(folder, name));
      await store.forgetFiles(transactor.autocommit, names);
      task = repeat({ name: 'backups', everyMs: LOOK_EVERY_MS, firstAfterMs: FIRST_LOOK_MS, log }, look);
    },
    async stop() {
      ending.abort(new GatewayError('UNAVAILABLE', text('zh-CN', 'backup.interrupted')));
      await task?.stop();
      await working;
    },
    async list(actor, query) {
      requireRight(actor, 'settings', 'read');
      const page = await store.list(transactor.autocommit, query);
      const { good, last } = await store.newest(transactor.autocommit);
      const { at, keep } = deps.settings();
      const standing: BackupStanding = {
        state: stateOf(good, last),
        keySet: deps.key !== null,
        dailyAt: at,
        keep,
        folder,
        secretKeyId: deps.secretKeyId,
        lastGood: good ?? null,
        lastError: last?.state === 'failed' ? last.error : null,
        running,
        snapshots: await deps.snapshots(),
        withReadings: deps.withReadings ?? true,
      };
      return { ...page, standing };
    },
    async make(actor) {
      requireRight(actor, 'settings', 'update');
      return { id: await begin('manual', actor) };
    },
  };
}
