import type { Clock } from '../../../adapters/adapter.ts';
import type { DeviceKey } from '../domain/device.ts';

/** Codes of a socket that never left this machine; a router far away may answer the first one as well. */
const LOCAL = /\b(ENETUNREACH|ENETDOWN|EADDRNOTAVAIL|LOCAL_SHORTAGE|EMFILE|ENFILE|ENOBUFS|ENOMEM)\b/;
/** Of a dead neighbour, too: ours only while we have no network at all. */
const NEIGHBOUR = /\bEHOSTUNREACH\b/;
const WINDOW_MS = 60_000;
/** So many different devices must fail for our own reasons, and none be reached, before we blame ourselves. */
const LEAST_DEVICES = 3;
const SHARE = 0.9;

/** What one probe said of the way to the device. */
export interface Outcome {
  readonly device: DeviceKey;
  readonly ok: boolean;
  /** Reason of the probe; `noVerdict` when it threw. */
  readonly reason: string;
  readonly detail: string;
}

/**
 * Tells our own network's outage from the cameras'. One camera behind a missing route is a fault of that camera's way;
 * all of them at once are a fault of ours, and say nothing of any camera.
 */
export function createOwnSide(options: {
  readonly clock: Pick<Clock, 'monotonic'>;
  /** Whether the machine has an interface other than loopback. */
  readonly hasNetwork: () => boolean;
  readonly broken: (reason: string) => void;
  readonly sound: () => void;
}): { note(outcome: Outcome): void; readonly isBroken: boolean } {
  const failing = new Map<DeviceKey, { at: number; local: boolean }>();
  let broken = false;

  function forgetOld(now: number): void {
    for (const [device, { at }] of failing) if (now - at > WINDOW_MS) failing.delete(device);
  }

  return {
    note({ device, ok, reason, detail }) {
      const now = options.clock.monotonic();
      const doubtful = !ok && (reason === 'hostUnreachable' || reason === 'noVerdict');
      if (!doubtful) {
        // An answer, even a refusal, has travelled: our side is sound.
        failing.clear();
        if (broken && reason !== 'targetNotAllowed' && reason !== 'timeout') {
          broken = false;
          options.sound();
        }
        return;
      }
      const alone = !options.hasNetwork();
      failing.delete(device);
      failing.set(device, { at: now, local: LOCAL.test(detail) || (alone && NEIGHBOUR.test(detail)) });
      if (broken) return;
      forgetOld(now);
      const local = [...failing.values()].filter((entry) => entry.local).length;
      if (local === 0 || (!alone && (local < LEAST_DEVICES || local < SHARE * failing.size))) return;
      broken = true;
      options.broken('ownNetworkDown');
    },
    get isBroken() {
      return broken;
    },
  };
}
