import type { CameraFacts } from '../../domain/camera.ts';
import type { CameraDevice } from '../../domain/camera-record.ts';
import { type DeviceBrief, type DeviceKey, LIFECYCLE_RIGHTS } from '../../domain/device.ts';
import { repeat, type Task } from '../../schedule.ts';
import type { CodecWatch } from './codec-watch.ts';
import type { CameraFactReader } from './facts.ts';
import { lookAtPassword } from './password-watch.ts';
import { type CamerasDeps, type CameraTarget, PATH } from './ports.ts';
import { hasTurn, inTurn } from './rounds.ts';
import { type Look, lookAtClock } from './watches.ts';

/** Every camera has its turn once an hour; facts are read again when they are a day old. */
const HOUR_MS = 3_600_000;
const FACTS_FOR_MS = 23.5 * HOUR_MS;
const TICK_MS = 10_000;
const AT_ONCE = 4;
const CALL_MS = 10_000;
/** Cameras of one statement, and of one pass over those that changed. */
const CHUNK = 200;
const CHANGED_A_PASS = 8;

/** Looks after facts, clock and default passwords, hour by hour, and tells confirmed faults. */
export interface CameraRounds {
  start(): void;
  stop(): Promise<void>;
  /** Facts were read, by a round, a person or after a change. */
  onFacts(device: DeviceKey, facts: CameraFacts): Promise<void>;
  /** Reached another way, or new: facts are read soon, and a locked account is forgotten. */
  connectionChanged(device: DeviceKey): void;
  /** One pass over these cameras, as the clock would make it. */
  visit(devices: readonly DeviceKey[], signal: AbortSignal): Promise<void>;
}

export function createCameraRounds(
  deps: CamerasDeps & {
    readonly facts: () => Pick<CameraFactReader, 'read'>;
    readonly codecs: Pick<CodecWatch, 'load'>;
    readonly everyone: () => Iterable<DeviceBrief>;
  },
): CameraRounds {
  const { db, store, clock, log } = deps;
  const changed = new Set<DeviceKey>();
  let task: Task | undefined;
  let roundedTo = clock.now();

  const one = async (key: DeviceKey): Promise<CameraDevice | undefined> =>
    (await store.byKeys(db.autocommit, [key]))[0];

  /** Told first and remembered after: what the monitor did not take is told again at the next look. */
  const settle = async (device: DeviceKey, { change, verdict }: Look) => {
    if (verdict) await deps.condition({ device, path: PATH, at: clock.now(), ...verdict });
    if (Object.keys(change).length > 0) await store.saveWatch(db.autocommit, device, change);
  };

  const visitOne = async (target: CameraTarget, signal: AbortSignal) => {
    const key = target.deviceKey;
    const found = await one(key);
    // A camera that is away has its own fault; asking it would only cost the timeout.
    if (!found || found.device.health.state === 'offline') return;
    const { factsAt, watch } = found.camera;
    if (factsAt === null || clock.now() - factsAt >= FACTS_FOR_MS) await deps.facts().read(target, signal);
    else if (target.connection.protocol === 'onvif') {
      const offset = await deps.access.clockOffset(target, { deadline: CALL_MS, signal });
      await settle(key, lookAtClock(watch, offset, clock.now()));
    }
    const mayTry = deps.settings().defaultPasswordCheck;
    const options = { deadline: CALL_MS, signal, mayTry, access: deps.access, at: clock.now() };
    await settle(key, await lookAtPassword(watch, target, options));
  };

  const eachOf = (
    targets: readonly CameraTarget[],
    signal: AbortSignal,
    work: (target: CameraTarget) => Promise<unknown>,
  ) =>
    inTurn(targets, AT_ONCE, signal, async (target) => {
      try {
        await work(target);
      } catch (error) {
        // One camera in trouble must not cost the others their turn.
        if (!signal.aborted) log.warn({ deviceId: target.deviceId, error }, 'a look at a camera failed');
      }
    });

  const visit = async (devices: readonly DeviceKey[], signal: AbortSignal) => {
    for (let start = 0; start < devices.length && !signal.aborted; start += CHUNK) {
      const targets = await deps.targets(devices.slice(start, start + CHUNK));
      await eachOf(targets, signal, (target) => visitOne(target, signal));
    }
  };

  /** The newest first: somebody may be standing on a ladder. */
  const readChanged = async (signal: AbortSignal) => {
    for (const key of changed) if (!deps.mine(key)) changed.delete(key);
    const keys = [...changed].reverse().slice(0, CHANGED_A_PASS);
    for (const key of keys) changed.delete(key);
    if (keys.length === 0) return;
    await eachOf(await deps.targets(keys), signal, async (target) => {
      const state = (await one(target.deviceKey))?.camera.watch.defaultPassword;
      if (state?.locked)
        await store.saveWatch(db.autocommit, target.deviceKey, { defaultPassword: { ...state, locked: false } });
      await deps.facts().read(target, signal);
    });
    if (changed.size > 0) task?.kick();
  };

  return {
    visit,
    async onFacts(device, facts) {
      const found = facts.clockOffsetMs === null ? undefined : await one(device);
      if (found) await settle(device, lookAtClock(found.camera.watch, facts.clockOffsetMs, clock.now()));
    },
    connectionChanged(device) {
      changed.add(device);
      task?.kick();
    },
    start() {
      roundedTo = clock.now();
      task = repeat({ name: 'camera rounds', everyMs: TICK_MS, log, firstAfterMs: 0 }, async (signal) => {
        await deps.codecs.load();
        await readChanged(signal);
        // Wall time, so that a camera's turn does not move with every start; a step back repeats nobody's.
        const from = roundedTo;
        const to = clock.now();
        roundedTo = to;
        const types = new Set(deps.cameraTypes());
        const due = [...deps.everyone()].filter(
          ({ key, type, lifecycle }) =>
            types.has(type) && LIFECYCLE_RIGHTS[lifecycle].judged && hasTurn(key, HOUR_MS, from, to) && deps.mine(key),
        );
        await visit(
          due.map(({ key }) => key),
          signal,
        );
      });
    },
    async stop() {
      await task?.stop();
      task = undefined;
    },
  };
}
