import type { DeviceKey } from '../domain/device.ts';
import type { ConditionEvidence, SignEvidence } from '../domain/evidence.ts';
import { createEventIntake } from '../probing/event-intake.ts';
import { createEventRounds } from '../probing/event-rounds.ts';
import { shareOf } from '../probing/share.ts';
import type { DataPath } from './data-path.ts';
import type { Foundation } from './foundation.ts';
import type { Identity } from './identity.ts';

const LEAST_EVERY_MS = 1_000;

/** What ONVIF cameras notice by themselves: kept as events of the device, and a reason to look at the picture at once. */
export function createCameraEvents(
  base: Foundation,
  { registry, settings }: Identity,
  { onvif, refusals, answers, probing }: DataPath,
  outside: {
    look(device: DeviceKey): void;
    condition(evidence: ConditionEvidence): void;
    sign(evidence: SignEvidence): void;
  },
) {
  const { log, clock, metrics, store, db } = base;
  const intake = createEventIntake({
    log,
    clock,
    save: (events) => db.transaction(async (tx) => void (await store.ingest.insertEvents(tx, events))),
    look: outside.look,
    condition: outside.condition,
    counted: metrics.cameraEvents.counted,
  });
  const rounds = createEventRounds({
    log,
    clock,
    targets: shareOf(registry.probeTargets, base.share),
    source: onvif.client,
    until: ({ until }) => until,
    take(device, events) {
      // Asked whether it has news, it answered: a sign of life, whatever the news.
      outside.sign({ device, path: 'rtsp', at: clock.now() });
      intake.take(device, events);
    },
    answers,
    refusals,
    doubt: probing.soon,
    counted: metrics.cameraEvents.visited,
    forgotten: intake.forget,
    pace: () => {
      const everyMs = settings.ms('eventsEvery');
      return {
        everyMs: everyMs === 0 ? 0 : Math.max(LEAST_EVERY_MS, everyMs),
        atOnce: settings.current().eventsAtOnce,
      };
    },
  });
  metrics.onCollect(() => metrics.cameraEvents.subscriptions(rounds.stats().subscriptions));
  return {
    soon: rounds.soon,
    async start(): Promise<void> {
      intake.start();
      await rounds.start();
    },
    async stop(): Promise<void> {
      await rounds.stop();
      await intake.stop();
    },
    /** Whether a fault that only the camera can see is over; undefined = not one of those. */
    inspect(device: DeviceKey, fault: string): { ok: boolean; detail: unknown } | undefined {
      if (fault !== 'storageFailure') return undefined;
      const failing = intake.stands(device, fault);
      return failing === undefined ? undefined : { ok: !failing, detail: { said: 'onvif', failing } };
    },
  };
}
