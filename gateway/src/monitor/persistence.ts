import type { DeviceKey } from '../domain/device.ts';
import type { LoadedDevice, Nows, WatchRow } from '../domain/health-rows.ts';
import type { ObservedMark } from '../domain/observed-clock.ts';
import type { Transactor } from '../domain/tx.ts';
import { isGatewayError } from '../errors.ts';
import type { Clocks } from './clocks.ts';
import type { EventQueue } from './events.ts';
import { OWN_PATH_BROKEN } from './grouping/own-path.ts';
import { looksOf, restoreWatches, watchesToSave } from './look-back.ts';
import { type DeviceMemory, type Memory, restore, toSeenRow } from './memory.ts';
import { type Directory, type HealthStore, type MonitoredType, type TypeSource, typeOf } from './ports.ts';

const SEEN_CHUNK = 5_000;
const LOAD_CHUNK = 5_000;
const DATABASE_DOWN = 'databaseDown';
/** Events received this long before the last mark may not have reached their incident when the process died. */
const MISSED_MS = 60_000;
const MISSED_LIMIT = 10_000;

export interface PersistenceOptions {
  readonly store: HealthStore;
  readonly transactor: Transactor;
  readonly clocks: Clocks;
  readonly memory: Memory;
  /** Devices whose newest evidence is only in memory. */
  readonly touched: Set<DeviceMemory>;
  readonly pending: Set<DeviceKey>;
  /** Devices whose history was not written down. */
  readonly remembered: Set<DeviceMemory>;
  readonly directory: Directory;
  readonly types: TypeSource;
  /** What a device's rules look back on is in memory again. */
  readonly restored: (device: DeviceMemory) => void;
  readonly events: EventQueue;
  readonly lifeSafety: EventQueue;
}

/** What survives the process: clocks, blind intervals, last-seen times. */
export interface Persistence {
  load(): Promise<void>;
  /** A failure is an outage of the database: all clocks stand still until a later flush succeeds. */
  flush(): Promise<void>;
  /** Why last-seen times are not saved although the database answers; null = they are. */
  trouble(): string | null;
}

export function createPersistence(options: PersistenceOptions): Persistence {
  const { store, transactor, clocks, memory, touched } = options;
  let flushing: Promise<void> | undefined;
  let trouble: string | null = null;

  /** One row that cannot be written must not keep all others from being saved. */
  async function saveSeen(devices: readonly DeviceMemory[]): Promise<void> {
    try {
      await transactor.transaction((tx) => store.saveSeen(tx, devices.map(toSeenRow)));
    } catch (error) {
      if (isGatewayError(error, 'UNAVAILABLE')) throw error;
      if (devices.length <= 1) {
        trouble = error instanceof Error ? error.message : String(error);
        for (const device of devices) touched.add(device);
        return;
      }
      const half = devices.length >> 1;
      await saveSeen(devices.slice(0, half));
      await saveSeen(devices.slice(half));
    }
  }

  const looksFor = (key: DeviceKey) => {
    const brief = options.directory.get(key);
    const type: MonitoredType | undefined = brief && typeOf(options.types, brief);
    return type ? looksOf(type) : null;
  };

  /** Most messages move a silence by less than is worth writing. */
  async function saveWatches(): Promise<void> {
    const devices = [...options.remembered];
    options.remembered.clear();
    const rows = devices.flatMap((device) => watchesToSave(device, looksFor(device.key)));
    try {
      for (let from = 0; from < rows.length; from += SEEN_CHUNK) {
        await transactor.transaction((tx) => store.saveWatches(tx, rows.slice(from, from + SEEN_CHUNK)));
      }
    } catch (error) {
      for (const device of devices) options.remembered.add(device);
      throw error;
    }
    for (const row of rows) {
      const watch = memory.get(row.device)?.history?.watches.get(row.name);
      if (watch) watch.saved = row.since;
    }
  }

  async function loadWatches(): Promise<void> {
    for (let after = -1; ; ) {
      const rows = await store.watches(transactor.autocommit, after, LOAD_CHUNK);
      const devices = new Map<DeviceKey, WatchRow[]>();
      for (const row of rows) devices.set(row.device, [...(devices.get(row.device) ?? []), row]);
      for (const [key, own] of devices) {
        const device = memory.get(key);
        if (!device) continue;
        restoreWatches(device, own, looksFor(key), clocks.of(device.path).now());
        options.restored(device);
      }
      if (devices.size < LOAD_CHUNK) return;
      after = rows.at(-1)?.device ?? after;
    }
  }

  async function write(): Promise<void> {
    clocks.tick();
    const devices = [...touched];
    const blind = clocks.unsaved();
    touched.clear();
    trouble = null;
    try {
      for (let from = 0; from < devices.length; from += SEEN_CHUNK)
        await saveSeen(devices.slice(from, from + SEEN_CHUNK));
      await transactor.transaction(async (tx) => {
        await store.saveMarks(tx, clocks.marks());
        if (blind.length > 0) await store.saveBlind(tx, blind);
      });
      await saveWatches();
      clocks.saved(blind);
      clocks.clearAll(DATABASE_DOWN);
    } catch (error) {
      for (const device of devices) touched.add(device);
      // Only a database that is away makes us blind; what it refuses for its content would stop the clocks for ever.
      if (isGatewayError(error, 'UNAVAILABLE')) clocks.obstructAll(DATABASE_DOWN);
      else {
        clocks.clearAll(DATABASE_DOWN);
        trouble = error instanceof Error ? error.message : String(error);
      }
      throw error;
    }
  }

  function take(row: LoadedDevice): void {
    if (!row.seen && row.facts.length === 0) return;
    const path = row.seen?.path ?? row.facts[0]?.path ?? 'mqtt';
    restore(memory.obtain(row.device, path), row, (name) => clocks.of(name).now());
    if (row.alarms.some((alarm) => alarm.state === 'pending')) options.pending.add(row.device);
  }

  /** Events that were committed by a process that died before it could raise them. */
  async function heal(marks: ReadonlyMap<string, ObservedMark>): Promise<void> {
    if (marks.size === 0) return;
    const since = Math.min(...[...marks.values()].map((mark) => mark.wall)) - MISSED_MS;
    for (const event of await store.missedEvents(transactor.autocommit, since, MISSED_LIMIT)) {
      if (event.severity === 'info' && !event.lifeSafety) continue;
      const path = memory.get(event.device)?.path ?? 'mqtt';
      (event.lifeSafety ? options.lifeSafety : options.events).add({ ...event, late: false, path, count: 1 });
    }
  }

  return {
    async load() {
      const tx = transactor.autocommit;
      const marks = await store.marks(tx);
      clocks.restore(marks);
      await store.closeBlind(tx, OWN_PATH_BROKEN);
      const nows: Nows = new Map([...marks].map(([path, mark]) => [path, mark.observed]));
      await store.forgetSessions(tx, nows);
      for (let after = -1, more = true; more; ) {
        const loaded = await store.load(tx, after, LOAD_CHUNK);
        for (const row of loaded) take(row);
        after = loaded.at(-1)?.device ?? after;
        more = loaded.length === LOAD_CHUNK;
      }
      await loadWatches();
      await heal(marks);
    },
    async flush() {
      // A second caller wants what was heard since the first began.
      while (flushing) await flushing.catch(() => undefined);
      flushing = write().finally(() => {
        flushing = undefined;
      });
      await flushing;
    },
    trouble: () => trouble,
  };
}
