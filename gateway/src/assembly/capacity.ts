import { createCapacity, SAMPLE_EVERY_MS } from '../capacity/capacity.ts';
import { createDiskWatch } from '../capacity/disk.ts';
import { createRetention } from '../capacity/retention.ts';
import { createSampler } from '../capacity/samples.ts';
import type { KeptDays } from '../domain/capacity.ts';
import { repeat, type Task } from '../schedule.ts';
import type { Care } from './care.ts';
import type { DataPath } from './data-path.ts';
import type { Foundation } from './foundation.ts';
import type { Identity } from './identity.ts';

const MINUTE_MS = 60_000;
/** TimescaleDB compresses days older than this. */
const COMPRESS_AFTER_DAYS = 7;
/** Refused messages together; their number has a setting of its own. */
const QUARANTINE_BYTES = 2 * 1024 ** 3;

/** How much room there is, what is kept how long, and what goes. */
export function createCapacityPart(
  { config, log, clock, metrics, readiness, store, db, nodes, room }: Foundation,
  { settings }: Identity,
  { readings }: Pick<DataPath, 'readings'>,
  { outbox }: Pick<Care, 'outbox'>,
) {
  const embedded = store.db.kind === 'pglite';
  const shared = {
    store: store.capacity,
    db,
    clock,
    node: nodes.self.id,
    dataDir: config.dataDir,
    series: readings,
    pictureBytes: async () => (await store.pictures.usage(db.autocommit)).bytes,
  };
  let usedBytes: number | null = null;
  const disks = createDiskWatch({
    ...shared,
    log,
    embedded,
    databaseBudget: () => settings.current().databaseBudgetBytes,
    room,
    notices: outbox.add,
    onState: (state, reason, detail) => readiness.set('disk', state, reason, detail),
    onDisk(disk) {
      if (disk.area === 'data') usedBytes = disk.usedBytes;
      metrics.disk(disk);
    },
  });
  const retention = createRetention({ store: store.retention, db, settings: settings.current, clock, log });
  const sampler = createSampler(shared);
  const kept = (): KeptDays => {
    const { rawDays: raw, hourlyDays: hourly, dailyDays: daily } = settings.current();
    return { raw, compressAfter: COMPRESS_AFTER_DAYS, hourly, daily };
  };
  const tasks: Task[] = [];
  return {
    capacity: createCapacity({
      ...shared,
      embedded,
      room,
      kept,
      settings: settings.current,
      oldest: () => store.retention.oldest(db.autocommit),
    }),
    /** Every process looks at its own disk. */
    disks: {
      start() {
        tasks.push(
          repeat({ name: 'disks', everyMs: MINUTE_MS, firstAfterMs: 0, log }, disks.look),
          repeat({ name: 'disk samples', everyMs: SAMPLE_EVERY_MS, firstAfterMs: MINUTE_MS, log }, () =>
            sampler.own(usedBytes),
          ),
        );
      },
      stop: () => Promise.all(tasks.splice(0).map((task) => task.stop())),
    },
    /** Hourly, in one process of all. */
    async upkeep(): Promise<void> {
      await retention.run();
      await store.retention.boundQuarantineBytes(db.autocommit, QUARANTINE_BYTES);
      await disks.forget();
      await sampler.shared();
    },
  };
}
