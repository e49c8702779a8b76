import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Clock, Logger } from '../../adapters/adapter.ts';
import { isGatewayError } from './errors.ts';
import type { Metrics } from './metrics.ts';
import { repeat, type Task } from './schedule.ts';

type State = 'ready' | 'degraded' | 'down';

export interface SelfCheckDeps {
  readonly readiness: { set(part: string, state: State, reason: string, detail?: string): void };
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly log: Logger;
  readonly ping: () => Promise<void>;
  /** Of a time-series store beside the database. */
  readonly pingSeries?: (() => Promise<void>) | undefined;
  readonly spool: {
    status(): {
      undrained: number;
      bytes: number;
      capacityBytes: number;
      oldestUndrainedAt: number | null;
      level: string;
      lost: number;
    };
  };
  readonly ingest: { readonly trouble: { readonly code: string } | null };
  readonly broker: { stats(): { readonly sessions: number } };
  readonly probing: { stats(): { readonly running: number; readonly queued: number } };
  /** Whether devices are judged. */
  readonly judgement: {
    status(): {
      readonly state: 'ready' | 'degraded';
      readonly reason: string;
      readonly paths: readonly { readonly path: string; readonly reasons: readonly string[] }[];
      readonly trouble: string | null;
    };
  };
  readonly counts: () => Promise<{
    readonly states: Readonly<Record<string, number>>;
    readonly incidents: number;
    readonly stages: Readonly<Record<string, number>>;
    /** One row a queue; `oldest` in epoch milliseconds. */
    readonly outbox: readonly { readonly pending: number; readonly oldest: number | null }[];
  }>;
}

const EVERY_MS = 1_000;
/** A database that takes longer is as good as away: its own timeouts are made for long statements. */
const ANSWER_WITHIN_MS = 3_000;
const LOOP_RESOLUTION_MS = 10;
/** A spool that holds more than this is a backlog worth saying. */
const BACKLOG_MS = 10_000;

/** Looks at the gateway itself once a second and says aloud what is not well, on `/readyz` and in the metrics. */
export function createSelfCheck(deps: SelfCheckDeps) {
  const { readiness, metrics } = deps;
  const loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  let task: Task | undefined;

  const ping = withDeadline(deps.ping);
  const counts = withDeadline(deps.counts);

  const database = async () => {
    try {
      await ping();
      readiness.set('database', 'ready', 'ok');
    } catch (error) {
      // Messages are still taken in: without its database the gateway is degraded, not down.
      readiness.set('database', 'degraded', 'DATABASE_UNREACHABLE', error instanceof Error ? error.message : undefined);
    }
  };

  const pingSeries = deps.pingSeries && withDeadline(deps.pingSeries);
  const timeseries = async () => {
    try {
      await pingSeries?.();
      if (pingSeries) readiness.set('timeseries', 'ready', 'ok');
    } catch (error) {
      const reason = isGatewayError(error) ? error.extra.reason : undefined;
      const detail = error instanceof Error ? error.message : undefined;
      readiness.set('timeseries', 'degraded', typeof reason === 'string' ? reason : 'TIMESERIES_UNREACHABLE', detail);
    }
  };

  const spool = () => {
    const { undrained, bytes, capacityBytes, oldestUndrainedAt, level, lost } = deps.spool.status();
    const oldestMs = oldestUndrainedAt === null ? 0 : deps.clock.now() - oldestUndrainedAt;
    metrics.spool({ records: undrained, bytes, limitBytes: capacityBytes, oldestMs, lost });
    const trouble = deps.ingest.trouble;
    if (level === 'full') readiness.set('spool', 'down', 'SPOOL_FULL', `${undrained} messages`);
    else if (lost > 0) readiness.set('spool', 'degraded', 'SPOOL_DAMAGED', `${lost} messages lost`);
    else if (level !== 'ok') readiness.set('spool', 'degraded', 'SPOOL_FILLING', `${bytes} of ${capacityBytes} bytes`);
    else if (trouble) readiness.set('spool', 'degraded', 'NOT_DRAINING', trouble.code);
    else if (oldestMs > BACKLOG_MS) readiness.set('spool', 'degraded', 'BACKLOG', `${undrained} messages`);
    else readiness.set('spool', 'ready', 'ok');
  };

  const monitor = () => {
    const { state, reason, paths, trouble } = deps.judgement.status();
    const detail =
      paths.map(({ path, reasons }) => `${path}: ${reasons.join(', ')}`).join('; ') || (trouble ?? undefined);
    readiness.set('monitor', state, reason, detail);
  };

  const look = async () => {
    spool();
    monitor();
    metrics.process.loopDelay('p50', loop.percentile(50) / 1e6);
    metrics.process.loopDelay('p99', loop.percentile(99) / 1e6);
    metrics.process.loopDelay('max', loop.max / 1e6);
    metrics.process.memory(process.memoryUsage.rss());
    metrics.mqtt.connections(deps.broker.stats().sessions);
    const probes = deps.probing.stats();
    metrics.probes.load(probes.running, probes.queued);
    await Promise.all([database(), timeseries()]);
  };

  metrics.onCollect(spool);
  metrics.onCollectShared(async () => {
    const { states, incidents, stages, outbox } = await counts();
    metrics.monitor.devices(states);
    metrics.monitor.incidents(incidents);
    metrics.tickets.stages(stages);
    const oldest = Math.min(...outbox.map((queue) => queue.oldest ?? Number.POSITIVE_INFINITY));
    const pending = outbox.reduce((sum, queue) => sum + queue.pending, 0);
    metrics.outbox.pending(pending, Number.isFinite(oldest) ? deps.clock.now() - oldest : 0);
  });

  return {
    async start() {
      loop.enable();
      await look();
      task = repeat({ name: 'self-check', everyMs: EVERY_MS, log: deps.log }, look);
    },
    async stop() {
      loop.disable();
      await task?.stop();
    },
  };
}

/** Asks once at a time: a question that hangs is waited for again, never heaped up behind a server that is frozen. */
function withDeadline<T>(ask: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  return async () => {
    running ??= ask().finally(() => {
      running = undefined;
    });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${ANSWER_WITHIN_MS} ms`)), ANSWER_WITHIN_MS);
    });
    return Promise.race([running, late]).finally(() => clearTimeout(timer));
  };
}
