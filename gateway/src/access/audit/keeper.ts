import type { Clock, Logger } from '../../../../adapters/adapter.ts';
import { SYSTEM } from '../../domain/actor.ts';
import type { AuditSigner } from '../../domain/audit-chain.ts';
import type { Notice } from '../../domain/notice.ts';
import type { Transactor, Tx } from '../../domain/tx.ts';
import { isGatewayError } from '../../errors.ts';
import type { Task } from '../../schedule.ts';
import { repeat } from '../../schedule.ts';
import { type Anchors, createAnchors } from './anchors.ts';
import { noticeOfBreak } from './chain-alert.ts';
import { dayStart, writeDayReports } from './day-report.ts';
import type { AuditStore } from './ports.ts';
import { purgeOldRecords } from './retention.ts';
import { type Verification, verifyAudit } from './verify.ts';

export interface KeeperDeps {
  readonly db: Transactor;
  readonly audit: AuditStore;
  readonly signer: AuditSigner;
  /** Directory of the anchor files. */
  readonly directory: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly localTime: (at: number) => string;
  readonly days: () => number;
  /** Looks for bursts of changes. */
  readonly watchBulk: () => Promise<void>;
  /** Whom the rules name hears of a chain that does not hold. */
  readonly notices: (tx: Tx, notices: readonly Notice[]) => Promise<void>;
  /** Readiness of the part `audit`; the reason is a stable code. */
  readonly onState: (state: 'ready' | 'degraded', reason: string, detail?: string) => void;
  /** Set when the database was taken back to a snapshot at this start. */
  readonly recovered?: { readonly snapshotTakenAt: number } | undefined;
  readonly anchorEveryMs?: number;
  readonly watchEveryMs?: number;
}

/** Keeps the proof outside the database: anchors every minute, reports and a check every day, the retention. */
export interface Keeper {
  start(): Promise<void>;
  stop(): Promise<void>;
  readonly anchors: Pick<Anchors, 'last'>;
  /** What the directory of the anchors says: null = writable. */
  fault(): string | null;
  /** The check under way, else undefined. */
  running(): { readonly startedAt: number; readonly checked: number; readonly of: number } | undefined;
  lastVerification(): Verification | undefined;
  /** Begins a check unless one is under way; resolves with its outcome. */
  verify(): Promise<Verification>;
}

export function createKeeper(deps: KeeperDeps): Keeper {
  const { db, audit, signer, directory, clock, log, localTime } = deps;
  const anchors = createAnchors(deps);
  const ending = new AbortController();
  let tasks: Task[] = [];
  let fault: string | null = null;
  let cut = false;
  let verifying: Promise<Verification> | undefined;
  let progress: { startedAt: number; checked: number; of: number } | undefined;
  let last: Verification | undefined;
  let doneDay = '';

  const show = () => {
    if (fault !== null) deps.onState('degraded', 'ANCHOR_FAILED', fault);
    else if (cut) deps.onState('degraded', 'CHAIN_TRUNCATED');
    else if (last && !last.intact) deps.onState('degraded', 'CHAIN_BROKEN', `${last.findingCount} findings`);
    else deps.onState('ready', 'ok');
  };

  /** Never stops what is being proven: what cannot be written is an alarm and tried again. */
  const anchor = async () => {
    try {
      await anchors.write();
      fault = null;
    } catch (error) {
      // A database that is away is told by its own part, and nothing was appended meanwhile.
      if (isGatewayError(error, 'UNAVAILABLE')) return;
      const detail = error instanceof Error ? error.message : String(error);
      if (fault === null) log.error({ error, directory }, 'the head of the audit chain cannot be anchored');
      fault = detail;
    }
    show();
  };

  /** A notice that cannot be left must not hide the finding itself. */
  const tell = async (what: string, count: number) => {
    try {
      await db.transaction((tx) => deps.notices(tx, [noticeOfBreak(what, count, clock.now())]));
    } catch (error) {
      log.error({ error }, 'nobody could be told that the audit chain does not hold');
    }
  };

  /** The chain must reach at least as far as our own last anchor. */
  const compareWithAnchor = async () => {
    await anchors.open();
    const known = anchors.last;
    const head = await audit.head(db.autocommit);
    if (!known || !head) return;
    const record = await audit.get(db.autocommit, known.seq);
    const purged = ((await audit.firstSeq(db.autocommit)) ?? 1) > known.seq && head.seq >= known.seq;
    if (purged || record?.hash === known.hash) return;
    cut = true;
    const after = { anchorSeq: known.seq, anchorHash: known.hash, headSeq: head.seq };
    const reason = deps.recovered ? 'databaseFellBackToSnapshot' : 'unknown';
    log.error({ ...after, reason }, 'audit records that were anchored are gone or changed');
    await audit.append(db.autocommit, [
      {
        at: clock.now(),
        actor: SYSTEM,
        action: 'chainTruncated',
        resource: 'audit',
        resourceId: null,
        reason,
        after: { ...after, snapshotTakenAt: deps.recovered?.snapshotTakenAt ?? null },
      },
    ]);
    await tell(`truncated:${known.seq}:${head.seq}`, 1);
  };

  const verify = () => {
    verifying ??= (async () => {
      const startedAt = clock.now();
      progress = { startedAt, checked: 0, of: 0 };
      try {
        last = await verifyAudit({
          db,
          audit,
          signer,
          directory,
          now: clock.now,
          signal: ending.signal,
          onProgress: (checked, of) => {
            progress = { startedAt, checked, of };
          },
        });
        if (last.intact) log.info({ records: last.records, anchors: last.anchors }, 'audit chain checked, intact');
        else {
          log.error({ findings: last.findings.slice(0, 20), count: last.findingCount }, 'audit chain is broken');
          const [first] = last.findings;
          const where = [first?.seq, first?.toSeq, first?.file, first?.line].filter((part) => part !== undefined);
          await tell([first?.kind, ...where, last.findingCount].join(':'), last.findingCount);
        }
        show();
        return last;
      } finally {
        verifying = undefined;
        progress = undefined;
      }
    })();
    return verifying;
  };

  /** Once a day, at the first look of the day. */
  const daily = async () => {
    const now = clock.now();
    const today = localTime(now).slice(0, 10);
    if (doneDay === today) return;
    await writeDayReports({ db, audit, signer, directory, now, localTime });
    const days = deps.days();
    const removed = await purgeOldRecords({ db, audit, signer, now, days });
    if (removed > 0) log.info({ removed, days }, 'audit records beyond their retention removed');
    await anchors.purge(localTime(dayStart(today, localTime) - days * 86_400_000).slice(0, 10));
    // A start is no reason to read everything again; what was broken shows at the daily check.
    if (doneDay !== '') await verify();
    doneDay = today;
  };

  return {
    async start() {
      try {
        await compareWithAnchor();
      } catch (error) {
        log.error({ error, directory }, 'the anchors of the audit chain cannot be read');
      }
      await anchor();
      const every = (name: string, everyMs: number, work: () => Promise<void>) => repeat({ name, everyMs, log }, work);
      tasks = [
        every('audit anchor', deps.anchorEveryMs ?? 60_000, async () => {
          await anchor();
          if (fault === null) await daily();
        }),
        every('audit watch', deps.watchEveryMs ?? 10_000, deps.watchBulk),
      ];
    },
    async stop() {
      ending.abort();
      for (const task of tasks) await task.stop();
      await verifying?.catch((error: unknown) => log.debug({ error }, 'the check ended with the gateway'));
      await anchor();
    },
    anchors,
    fault: () => fault,
    running: () => progress,
    lastVerification: () => last,
    verify,
  };
}
