import type { DeviceKey } from '../../domain/device.ts';
import { repeat, type Task } from '../../schedule.ts';
import type { CamerasDeps } from './ports.ts';
import { inTurn, phaseOf } from './rounds.ts';

/** Waits after the first, second, … attempt that brought no frame; the last one for good. */
const BACKOFF_MS = [5_000, 15_000, 60_000, 300_000] as const;
const LAST_WAIT_MS = 300_000;
const TICK_MS = 1_000;
/** Cameras that were registered by another process, or approved while we were away, are found this late. */
const SWEEP_MS = 60_000;
const AT_ONCE = 4;

interface Attempt {
  readonly count: number;
  /** Monotonic. */
  readonly dueAt: number;
}

/** 待推流 → 在用: asks new cameras for their first frame at once and again until there is one. */
export interface Activation {
  start(): void;
  stop(): Promise<void>;
  /** A frame of this camera was seen at this time (epoch milliseconds), by whatever way. Cheap when it is not the first. */
  firstFrame(device: DeviceKey, at: number): Promise<void>;
  /** Registered, approved, described otherwise: asked for its first frame when it has none and is not in line yet. */
  consider(devices: readonly DeviceKey[]): void;
  /** Reached another way: what was tried before says nothing, so it is asked at once. */
  anew(device: DeviceKey): void;
}

export function createActivation(deps: CamerasDeps): Activation {
  const { db, store, clock, log } = deps;
  const waiting = new Map<DeviceKey, Attempt>();
  /** Changed, and not yet looked up; true = what was tried before does not count. */
  const fresh = new Map<DeviceKey, boolean>();
  /** Those whose first frame is known, so that a picture every few minutes costs no statement. */
  const seen = new Set<DeviceKey>();
  let task: Task | undefined;
  let sweptAt = Number.NEGATIVE_INFINITY;

  const firstFrame = async (device: DeviceKey, at: number) => {
    if (seen.has(device)) return;
    const ms = await store.firstFrame(db.autocommit, device, at);
    if (ms !== null) {
      deps.onFirstFrame(ms, device);
      await store.noteInUse(db.autocommit, [device], clock.now());
      log.info({ device, seconds: ms / 1_000 }, 'first frame of a camera');
    }
    // Not the first is as good: what is known of this box needs no further look, unless it is one of the box before.
    if (ms !== null || (await store.waiting(db.autocommit, [device])).length === 0) {
      seen.add(device);
      waiting.delete(device);
    }
  };

  /** Puts those that have no frame yet in the line; `changes` null = all there are. */
  const line = async (changes: ReadonlyMap<DeviceKey, boolean> | null) => {
    const now = clock.monotonic();
    const keys = changes && [...changes.keys()];
    const found = await store.waiting(db.autocommit, keys);
    const still = new Set(found.map(({ device }) => device));
    for (const key of keys ?? [...waiting.keys()]) if (!still.has(key)) waiting.delete(key);
    for (const { device, since } of found) {
      if (!deps.mine(device)) {
        waiting.delete(device);
        continue;
      }
      if (waiting.has(device) && !changes?.get(device)) continue;
      // Old ones come one after another over the longest wait, new ones at once.
      const young = changes !== null || clock.now() - since < LAST_WAIT_MS;
      waiting.set(device, { count: 0, dueAt: young ? now : now + phaseOf(device, LAST_WAIT_MS) });
    }
  };

  const lookUp = async () => {
    if (fresh.size > 0) {
      const changes = new Map(fresh);
      for (const key of fresh.keys()) if (!deps.mine(key)) changes.delete(key);
      await store.noteInUse(db.autocommit, [...changes.keys()], clock.now());
      await line(changes);
      for (const [key, again] of fresh) if (!deps.mine(key) || changes.get(key) === again) fresh.delete(key);
    }
    if (clock.monotonic() - sweptAt < SWEEP_MS) return;
    await line(null);
    sweptAt = clock.monotonic();
  };

  const attempt = async (device: DeviceKey, signal: AbortSignal) => {
    const known = waiting.get(device);
    if (!known) return;
    try {
      const at = await deps.access.takeFirstFrame(device, signal);
      if (at !== null) await firstFrame(device, at);
    } catch (error) {
      if (!signal.aborted) log.debug({ device, error }, 'no first frame');
    }
    // Another box, or a frame seen meanwhile: then this attempt is nobody's any more.
    if (waiting.get(device) !== known) return;
    const wait = BACKOFF_MS[known.count] ?? LAST_WAIT_MS;
    waiting.set(device, { count: known.count + 1, dueAt: clock.monotonic() + wait });
  };

  return {
    firstFrame,
    consider(devices) {
      if (devices.length === 0) return;
      for (const device of devices) if (!fresh.has(device)) fresh.set(device, false);
      task?.kick();
    },
    anew(device) {
      seen.delete(device);
      fresh.set(device, true);
      task?.kick();
    },
    start() {
      task = repeat({ name: 'first frames', everyMs: TICK_MS, log, firstAfterMs: 0 }, async (signal) => {
        await lookUp();
        const now = clock.monotonic();
        const due = [...waiting].filter(([, { dueAt }]) => dueAt <= now).sort(([, a], [, b]) => a.count - b.count);
        // A pass takes few, so that a camera registered meanwhile does not wait behind all dead ones.
        await inTurn(due.slice(0, 2 * AT_ONCE), AT_ONCE, signal, ([device]) => attempt(device, signal));
      });
    },
    async stop() {
      await task?.stop();
      task = undefined;
    },
  };
}
