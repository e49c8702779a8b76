import { setTimeout as sleep } from 'node:timers/promises';
import { PROCESS_ROLES, type ProcessRole } from '../config.ts';
import { GatewayError } from '../errors.ts';
import type { Hearer, Judge } from '../evidence/ports.ts';
import { createEvidenceReader } from '../evidence/reader.ts';
import { createEvidenceWriter } from '../evidence/writer.ts';
import { createLeadership } from '../leadership/leadership.ts';
import { createLifecycle, type Part, type RolePart } from '../lifecycle.ts';
import { bilingual } from '../messages/index.ts';
import type { Monitor } from '../monitor/monitor.ts';
import { type Foundation, LEADING } from './foundation.ts';
import { createFreshness } from './freshness.ts';
import { createLeaderReport } from './leader-report.ts';

/** Where devices say how they stand. */
interface StateTopics {
  lead(on: boolean, after?: 'ourselves' | 'another'): void;
  follow?(): Promise<void>;
}

/** How long a gateway of one process waits for another one that may be dead. */
const ALONE_WITHIN_MS = 10_000;
/** One that is not waited for need not say so twice a second. */
const ALONE_BEAT_MS = 2_000;

export type Roles = ReturnType<typeof createRoles>;

/**
 * Which work this process does, and how its parts reach the one that judges: with every role in one process by a call,
 * else through the database.
 */
export function createRoles(
  base: Foundation,
  late: {
    readonly monitor: () => Monitor;
    /** Reads again what this process keeps in memory of the database; absent = nothing. */
    readonly refresh?: () => Promise<unknown>;
    readonly backlog: () => { readonly undrained: number; readonly oldestUndrainedAt: number | null };
  },
) {
  const { config, clock, log, store, db, nodes, fence } = base;
  const split = config.roles.length < PROCESS_ROLES.length;
  const runs = (role: ProcessRole) => config.roles.includes(role);
  let lose: () => void = () => undefined;
  const lost = new Promise<void>((resolve) => {
    lose = resolve;
  });

  const writer = createEvidenceWriter({
    store: store.evidence,
    transactor: db,
    source: () => nodes.self.id,
    node: nodes.self.id,
    paths: [
      ...(runs('ingest') ? [{ path: 'mqtt', kept: late.backlog }] : []),
      ...(runs('video') ? [{ path: 'rtsp', kept: null }] : []),
    ],
    clock,
    log,
  });
  const here: Hearer & Pick<Judge, 'pathUp' | 'pathDown'> = {
    observe: (evidence) => late.monitor().observe(evidence),
    link: (evidence) => late.monitor().link(evidence),
    probe: (evidence) => late.monitor().probe(evidence),
    sign: (evidence) => late.monitor().sign(evidence),
    condition: (evidence) => late.monitor().condition(evidence),
    vendorLink: (evidence) => late.monitor().vendorLink(evidence),
    lifecycleChanged: (device) => late.monitor().lifecycleChanged(device),
    decideAgain: (devices) => late.monitor().decideAgain(devices),
    pathUp: (path) => late.monitor().pathUp(path),
    pathDown: (path, reason) => late.monitor().pathDown(path, reason),
  };
  const reader = createEvidenceReader({
    store: store.evidence,
    transactor: db,
    judge: { ...here, sweep: () => late.monitor().sweep(), flush: () => late.monitor().flush() },
    clock,
    log,
  });

  /** The epoch we were elected under; stays after the loss, so that what starts late is refused instead of unfenced. */
  let ledUnder: number | undefined;
  let ledBefore: string | undefined;
  /** What the broker keeps for the leader, it need not keep for us while another process leads. */
  let follow: () => Promise<void> = async () => undefined;
  let elected: (epoch: number) => void = () => undefined;
  const election = new Promise<number>((resolve) => {
    elected = resolve;
  });
  const leadership = createLeadership({
    role: LEADING,
    open: () => store.leadership.open(nodes.self.id),
    onElected(epoch, before) {
      ledUnder = epoch;
      ledBefore = before;
      elected(epoch);
    },
    onFollows(leader) {
      if (leader === nodes.self.id) return;
      follow().catch((error: unknown) => log.warn({ error }, 'the broker goes on keeping states for this process'));
    },
    onLost: lose,
    ...(!split && { times: { beat: ALONE_BEAT_MS } }),
    clock,
    log,
  });
  /** An embedded database lets nobody else in. */
  const contested = db.kind === 'postgres';
  const leads = () => (contested ? leadership.epoch() !== undefined : true);
  base.metrics.leadership(leads, () => ({ ...writer.stats(), ...reader.stats() }));
  const freshness = createFreshness(base, split, async () => late.refresh?.());
  const report = createLeaderReport({
    base,
    split,
    monitor: late.monitor,
    epoch: leadership.epoch,
    reader,
  });

  /** What the leader starts is fenced, with all it starts in its turn. */
  const fenced = (part: RolePart): RolePart => ({
    ...part,
    start: () => {
      if (ledUnder === undefined) return part.start?.();
      return fence.asLeader(ledUnder, () => part.start?.());
    },
  });

  /** One process that does everything works alone on its database: another one is refused, not waited for. */
  const alone: Part = {
    name: 'leadership',
    async start() {
      if (!contested) return;
      leadership.start();
      const giveUp = new AbortController();
      const patience = sleep(ALONE_WITHIN_MS, undefined, giveUp).catch(() => undefined);
      await Promise.race([election, patience]);
      giveUp.abort();
      if (leadership.epoch() !== undefined) return;
      await leadership.stop();
      throw new GatewayError('CONFLICT', bilingual('start.notAlone', { node: leadership.leader() ?? '?' }));
    },
    stop: leadership.stop,
  };

  /** Stands by, and leads once elected. */
  const candidate = (parts: readonly RolePart[]): Part => {
    const life = createLifecycle(parts, log);
    let leading: Promise<void> | undefined;
    return {
      name: 'leadership',
      start() {
        leadership.start();
        void election.then(() => {
          leading = life.start().catch((error: unknown) => {
            log.error({ error }, 'this process cannot lead; it stands by again');
            lose();
          });
        });
      },
      async stop() {
        await leading;
        await life.stop();
        await leadership.stop();
      },
    };
  };

  return {
    split,
    runs,
    leads,
    /** Resolves when another process leads in our place: this one has to begin anew. */
    lost,
    freshness,
    /** Heard by who leads. */
    stateTopics(broker: StateTopics): RolePart {
      follow = async () => broker.follow?.();
      const after = () => (ledBefore === undefined || ledBefore === nodes.self.id ? 'ourselves' : 'another');
      return {
        name: 'state topics',
        on: 'leader',
        start: () => broker.lead(true, after()),
        stop: () => broker.lead(false),
      };
    },
    /** Who judges, wherever it is. */
    judge: split ? writer : here,
    keep: split ? writer.keep : undefined,
    judgement: report.judgement,
    /** Before which time everything that a path heard was judged by; null = no bound. */
    oldestUndrainedAt: (path: string) => {
      if (split) return reader.heardTo(path);
      return path === 'mqtt' ? late.backlog().oldestUndrainedAt : null;
    },
    /** The parts of a life that this process starts, in their order. */
    partsOf(parts: readonly RolePart[]): readonly Part[] {
      const all = parts.map((part) => (part.on === 'leader' ? fenced(part) : part));
      if (!split) return [...base.ground, alone, ...all];
      const own = all.filter(({ on }) => on === undefined || (on !== 'leader' && runs(on)));
      const leader = [...all.filter(({ on }) => on === 'leader'), fenced({ name: 'evidence read', ...reader })];
      return [
        ...base.ground,
        { name: 'secret key', start: report.agreeOnKey },
        { name: 'evidence', ...writer },
        ...own,
        freshness.part,
        { name: 'leader report', ...report },
        ...(runs('monitor') ? [candidate(leader)] : []),
      ];
    },
  };
}
