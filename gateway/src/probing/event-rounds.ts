import type { Clock, Logger, ProbeResult } from '../../../adapters/adapter.ts';
import type { DeviceKey } from '../domain/device.ts';
import { repeat, type Task } from '../schedule.ts';
import { createEventVisits, type EventVisitOptions } from './event-visits.ts';
import type { ProbeTargets, ScheduledTarget, TargetProbe } from './ports.ts';
import type { Probing } from './probing.ts';
import { createProbing } from './scheduler.ts';

/** Read anew now and then; a change begins the round anew, subscriptions stay. */
export interface EventPace {
  /** Milliseconds between two visits to a camera; 0 = none is visited. */
  readonly everyMs: number;
  /** Visits, and so sockets, at once. */
  readonly atOnce: number;
}

export interface EventRoundsOptions<S> extends Omit<EventVisitOptions<S>, 'waitMs' | 'lifetimeMs'> {
  readonly targets: ProbeTargets;
  readonly pace: () => EventPace;
  /** The device is no target any more, or another one. */
  readonly forgotten?: (device: DeviceKey) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The events of all ONVIF cameras, by short visits in turn. */
export interface EventRounds {
  start(): Promise<void>;
  /** Gives subscriptions back as far as there is time; the rest lapse at the cameras within their lifetime. */
  stop(): Promise<void>;
  /** Visited within seconds, whatever went wrong before. */
  soon(device: DeviceKey): void;
  stats(): { readonly cameras: number; readonly subscriptions: number; readonly visiting: number };
}

const LOOK_MS = 2_000;
/** What a visit costs beside waiting: connections, logins, a parser thread. */
const OVERHEAD_MS = 400;
const LEAST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 50_000;
/** Places for waiting; the rest is for cameras that are slow, new or lost. */
const WAITING_SHARE = 0.8;
const GOODBYE_MS = 1_500;

/**
 * How long a pull may wait for an event, so that everybody's turn comes every `everyMs`. With fewer cameras than places
 * somebody listens nearly all the time; with many the pull only fetches what the camera has kept since.
 */
export function waitOf({ everyMs, atOnce }: EventPace, cameras: number): number {
  const share = (WAITING_SHARE * atOnce * everyMs) / Math.max(1, cameras) - OVERHEAD_MS;
  return Math.round(Math.max(LEAST_WAIT_MS, Math.min(share, everyMs * 0.9, LONGEST_WAIT_MS)));
}

/** Long enough to outlive a few missed turns, short enough to free a camera's few places when we are gone. */
export const lifetimeOf = ({ everyMs }: EventPace) => Math.max(120_000, Math.min(4 * everyMs, 600_000));

export function createEventRounds<S>(options: EventRoundsOptions<S>): EventRounds {
  const { targets, pace, clock, log } = options;
  const visits = createEventVisits<S>({
    ...options,
    waitMs: () => waitOf(pace(), probing?.stats().targets ?? 1),
    lifetimeMs: () => lifetimeOf(pace()),
  });
  let probing: Probing | undefined;
  let watching: Task | undefined;

  const visit: TargetProbe = async (target, pass): Promise<ProbeResult> => {
    const detail = await visits.visit(pass.deviceKey, target.connection, pass.signal);
    // Nobody is judged by his events: the pace stays as it is, and the next visit is not held for a doubtful one.
    return { ok: true, reason: 'ok', detail, rttMs: 0 };
  };
  const paced = (found: readonly ScheduledTarget[]) => {
    const { everyMs } = pace();
    return found.map((target) => ({ ...target, intervalMs: everyMs, retryMs: everyMs }));
  };
  const drop = (key: DeviceKey) => {
    visits.forget(key);
    options.forgotten?.(key);
  };

  const begin = async () => {
    const { everyMs, atOnce } = pace();
    if (everyMs === 0) return;
    const next = createProbing({
      targets: {
        async list() {
          const found = await targets.list();
          const present = new Set(found.map(({ deviceKey }) => deviceKey));
          for (const key of visits.known()) if (!present.has(key)) drop(key);
          return paced(found);
        },
        async find(keys) {
          const found = await targets.find(keys);
          for (const key of keys) if (!found.some(({ deviceKey }) => deviceKey === key)) drop(key);
          return paced(found);
        },
        onChange: targets.onChange,
      },
      probe: { onvif: visit },
      report: () => undefined,
      clock,
      log,
      deadlineMs: everyMs + 60_000,
      maxConcurrent: atOnce,
      doubtfulShare: 1,
      urgentExtra: 0,
      perHost: 2,
      perParent: 2,
      firstPerSecond: Math.max(5, atOnce),
    });
    probing = next;
    await next.start();
  };

  return {
    async start() {
      let before = pace();
      await begin();
      watching = repeat({ name: 'event pace', everyMs: LOOK_MS, log }, async () => {
        const now = pace();
        if (now.everyMs === before.everyMs && now.atOnce === before.atOnce) return;
        await probing?.stop();
        probing = undefined;
        await begin();
        before = now;
      });
    },
    async stop() {
      await watching?.stop();
      await probing?.stop();
      await visits.goodbye(pace().atOnce, GOODBYE_MS);
    },
    soon(device) {
      visits.forgive(device);
      probing?.soon(device);
    },
    stats: () => ({
      cameras: probing?.stats().targets ?? 0,
      subscriptions: visits.subscriptions,
      visiting: probing?.stats().running ?? 0,
    }),
  };
}
