import { join } from 'node:path';
import { createTypePreview } from '../registry/device-type-preview.ts';
import { createDeviceTypeServing } from '../registry/device-type-serving.ts';
import { createDeviceTypeVersions, type VersionsDeps } from '../registry/device-type-versions.ts';
import type { Foundation } from './foundation.ts';
import type { Identity } from './identity.ts';

const CHANNEL = 'device-types';
const DAY_MS = 86_400_000;
const AHEAD_MS = 10 * 60_000;

export type Mapping = ReturnType<typeof createMapping>;

/** How payloads become readings: uploaded device types, their versions, and what every process serves of them. */
export function createMapping(base: Foundation, outside: Required<Pick<VersionsDeps, 'room'>>) {
  const { config, log, clock, types, store, db } = base;
  const deps = { db, types, log, clock, store: store.deviceTypes, audit: store.audit };
  const serving = createDeviceTypeServing({ ...deps, folder: join(config.dataDir, 'device-types') });
  const again = () => {
    serving.refresh().catch((error) => log.error({ error }, 'device types could not be loaded again'));
  };
  let unsubscribe: (() => void) | undefined;
  const typeVersions = createDeviceTypeVersions({
    ...deps,
    room: outside.room,
    async changed() {
      await serving.refresh();
      // A hint that is lost costs the other processes five seconds, no more.
      await store.bus.publish(CHANNEL, {}).catch((error) => log.warn({ error }, 'no hint of new device types'));
    },
  });
  return {
    typeVersions,
    /** Joined with the devices later, because the registry needs the types first. */
    previewWith: ({ registry, settings }: Identity) =>
      createTypePreview({
        types,
        clock,
        versions: typeVersions,
        directory: registry.directory,
        window: () => ({ pastMs: settings.current().rawDays * DAY_MS, futureMs: AHEAD_MS }),
      }),
    refreshTypes: serving.refresh,
    deviceTypes: {
      async start() {
        await serving.start();
        unsubscribe = store.bus.subscribe(CHANNEL, again, again);
      },
      stop: () => unsubscribe?.(),
    },
  };
}
