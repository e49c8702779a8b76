import type { Clock, Logger } from '../../../adapters/adapter.ts';
import { CAMERA_EVENTS, type CameraEvent } from '../domain/camera-events.ts';
import type { DeviceKey } from '../domain/device.ts';
import type { ConditionEvidence } from '../domain/evidence.ts';
import type { DeviceEvent } from '../domain/reading.ts';
import { repeat, type Task } from '../schedule.ts';

/** One thing a camera said, in neutral words. */
export interface NoticedEvent {
  readonly code: CameraEvent;
  /** null = it does not say whether this begins or ends. */
  readonly state: boolean | null;
  /** `initialized` tells how things stand, which is no news. */
  readonly operation: 'initialized' | 'changed' | 'deleted';
  /** The camera's name of the picture source, input or disk. */
  readonly source: string | null;
  /** Epoch milliseconds, as near to our clock as the camera lets us say; null = not told. */
  readonly at: number | null;
}

export interface EventIntakeOptions {
  /** Keeps events; repeated ones are left out. When it rejects, they are offered again. */
  readonly save: (events: readonly DeviceEvent[]) => Promise<void>;
  /** The picture is to be looked at. */
  readonly look: (device: DeviceKey) => void;
  readonly condition: (evidence: ConditionEvidence) => void;
  /** Events by what became of them, for metrics. */
  readonly counted?: (outcome: 'kept' | 'nothingNew' | 'lost') => void;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Turns what cameras say into kept events, looks at pictures and faults. Remembers states, so that repeating is no news. */
export interface EventIntake {
  start(): void;
  /** Writes what waits. */
  stop(): Promise<void>;
  take(device: DeviceKey, events: readonly NoticedEvent[]): void;
  /** Whether the camera says that this is so now; undefined = it has not said. */
  stands(device: DeviceKey, code: CameraEvent): boolean | undefined;
  forget(device: DeviceKey): void;
}

const FLUSH_MS = 300;
const MAX_WAITING = 10_000;
const BATCH = 500;
/** Inputs and disks of one device; a camera that names ever new ones fills no memory. */
const MAX_STATES = 64;
/** The time a camera names is taken within this window around ours. */
const PAST_MS = 86_400_000;
const AHEAD_MS = 600_000;

export function createEventIntake(options: EventIntakeOptions): EventIntake {
  const { clock, log, counted = () => undefined } = options;
  const states = new Map<DeviceKey, Map<string, boolean>>();
  const lastKept = new Map<string, number>();
  let waiting: DeviceEvent[] = [];
  let task: Task | undefined;

  const statesOf = (device: DeviceKey): Map<string, boolean> => {
    const known = states.get(device) ?? new Map<string, boolean>();
    states.set(device, known);
    return known;
  };
  const flush = async () => {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, BATCH);
      await options.save(batch);
      waiting = waiting.slice(batch.length);
    }
  };
  const keep = (device: DeviceKey, code: string, { source, at, operation }: NoticedEvent) => {
    const now = clock.now();
    const time = at !== null && at > now - PAST_MS && at < now + AHEAD_MS ? at : now;
    const data = {
      via: 'onvif',
      ...(source === null ? {} : { source }),
      ...(operation === 'changed' ? {} : { operation }),
    };
    // No fault of its own: what follows from it is decided here, and a restart of the monitor must not read a fault into it.
    waiting.push({ device, code, time, receivedAt: now, severity: 'info', lifeSafety: false, data });
    counted('kept');
    if (waiting.length <= MAX_WAITING) return;
    waiting.shift();
    counted('lost');
    log.error({ waiting: waiting.length }, 'the database takes no events of cameras: the oldest is given up');
  };

  const begins = (device: DeviceKey, event: NoticedEvent) => {
    const { quietMs, look } = CAMERA_EVENTS[event.code];
    const name = `${device} ${event.code}`;
    const now = clock.monotonic();
    if (quietMs > 0 && now - (lastKept.get(name) ?? Number.NEGATIVE_INFINITY) < quietMs) return counted('nothingNew');
    if (quietMs > 0) lastKept.set(name, now);
    keep(device, event.code, event);
    if (look) options.look(device);
  };
  const tell = (device: DeviceKey, { code, source }: NoticedEvent, active: boolean) => {
    const { fault } = CAMERA_EVENTS[code];
    if (fault === null) return;
    const evidence = { event: code, ...(source === null ? {} : { source }) };
    options.condition({ device, path: 'rtsp', at: clock.now(), code: fault, active, evidence });
  };

  const turns = (device: DeviceKey, event: NoticedEvent, was: boolean | undefined, othersStand: boolean) => {
    const { look, ends } = CAMERA_EVENTS[event.code];
    if (event.state) {
      begins(device, event);
      tell(device, event, true);
      return;
    }
    if (was === true && ends) keep(device, `${event.code}Cleared`, event);
    else counted('nothingNew');
    // Whether it is over shows in the picture, too.
    if (was === true && look) options.look(device);
    if (!othersStand) tell(device, event, false);
  };
  /** How things stand is no news. A disk that never was put in is told as broken by some: only one that breaks is a fault. */
  const initially = (device: DeviceKey, event: NoticedEvent) => {
    if (!event.state) tell(device, event, false);
    if (event.state && CAMERA_EVENTS[event.code].look) begins(device, event);
    else counted('nothingNew');
  };
  const takeOne = (device: DeviceKey, event: NoticedEvent) => {
    if (event.state === null) return begins(device, event);
    const known = statesOf(device);
    const name = `${event.code} ${event.source ?? ''}`;
    const was = known.get(name);
    if (was === event.state) return counted('nothingNew');
    if (was === undefined && known.size >= MAX_STATES) return counted('lost');
    known.set(name, event.state);
    if (event.operation === 'initialized' && was === undefined) initially(device, event);
    else turns(device, event, was, stand(known, event.code));
  };

  return {
    start() {
      task = repeat({ name: 'camera events', everyMs: FLUSH_MS, log }, flush);
    },
    async stop() {
      await task?.stop();
      await flush();
    },
    take(device, events) {
      for (const event of events) takeOne(device, event);
    },
    stands(device, code) {
      const known = states.get(device);
      const said = known && [...known.keys()].some((name) => name.startsWith(`${code} `));
      return said ? stand(known, code) : undefined;
    },
    forget(device) {
      states.delete(device);
      for (const code of Object.keys(CAMERA_EVENTS)) lastKept.delete(`${device} ${code}`);
    },
  };
}

function stand(known: ReadonlyMap<string, boolean>, code: string): boolean {
  return [...known].some(([name, state]) => state && name.startsWith(`${code} `));
}
