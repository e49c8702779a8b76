import type { DeviceKey } from '../domain/device.ts';

export interface TimeWindow {
  /** How far back a device's own time is believed: the raw retention. */
  readonly pastMs: number;
  readonly futureMs: number;
}

export const DEFAULT_WINDOW: TimeWindow = { pastMs: 90 * 86_400_000, futureMs: 10 * 60_000 };

export interface Timing {
  /** Time the values are stored under, epoch milliseconds. */
  readonly time: number;
  /** The device's clock is wild: its time is kept beside the values, not used. */
  readonly skew: boolean;
}

/**
 * The resolution of stored times. A time between two microseconds would be rounded one way by the engine's arithmetic and
 * the other way by ours, and a redelivered message would no longer find its first time.
 */
export function wholeMicroseconds(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}

/** Judged against the receive time, never against "now", so that a replay decides the same. */
export function timeOf(deviceTime: number | undefined, receivedAt: number, window: TimeWindow): Timing {
  if (deviceTime === undefined) return { time: receivedAt, skew: false };
  const wild = deviceTime < receivedAt - window.pastMs || deviceTime > receivedAt + window.futureMs;
  return wild ? { time: receivedAt, skew: true } : { time: wholeMicroseconds(deviceTime), skew: false };
}

/** A lag is the same lag again when it moved by less than this although time passed. */
const SAME_LAG_MS = 5_000;
const MAX_TRACKED = 50_000;

/**
 * Tells history that is sent late (补报) from a live device whose clock is slow. Both carry old times; but while a
 * backlog is read out its lag shrinks, and a slow clock's lag stays as it is.
 */
export function createLateness(): (
  device: DeviceKey,
  lagMs: number,
  receivedAt: number,
  lateAfterMs: number,
) => boolean {
  const last = new Map<DeviceKey, { lag: number; at: number }>();
  return (device, lag, receivedAt, lateAfter) => {
    if (lag <= lateAfter) {
      if (last.size > 0) last.delete(device);
      return false;
    }
    const before = last.get(device);
    if (!before || receivedAt - before.at >= SAME_LAG_MS) {
      if (last.size >= MAX_TRACKED) last.clear();
      last.set(device, { lag, at: receivedAt });
    }
    return !(before && receivedAt - before.at >= SAME_LAG_MS && Math.abs(lag - before.lag) < SAME_LAG_MS);
  };
}

const STEP_MS = 0.001;
/** Receive times this close are one burst; a replayed message keeps its own, old place. */
const BURST_MS = 1_000;

/** Times for readings that have none of their own. */
export interface Spacing {
  (device: DeviceKey, receivedAt: number): number;
  /** What was given out since the last call is stored. */
  keep(): void;
  /** It is not, and the same messages will come again: they get the same times. */
  drop(): void;
}

/**
 * Receive times that several readings of one device would share, or cross, are moved apart by a microsecond each. An
 * array gives its items times of their own, and the device's next message may have come within the same millisecond.
 */
export function createSpacing(): Spacing {
  const last = new Map<DeviceKey, number>();
  const given = new Map<DeviceKey, number>();
  const space = (device: DeviceKey, receivedAt: number) => {
    const before = given.get(device) ?? last.get(device) ?? 0;
    const crowded = before >= receivedAt && before - receivedAt < BURST_MS;
    const time = wholeMicroseconds(crowded ? before + STEP_MS : receivedAt);
    if (time > before) given.set(device, time);
    return time;
  };
  return Object.assign(space, {
    keep() {
      if (last.size >= MAX_TRACKED) last.clear();
      for (const [device, time] of given) last.set(device, time);
      given.clear();
    },
    drop: () => given.clear(),
  });
}
