import { join } from 'node:path';
import { createTimes } from '../api/times.ts';
import type { DeviceKey } from '../domain/device.ts';
import { createClips } from '../video/live/clips.ts';
import { createLive } from '../video/live/live.ts';
import { createMasks } from '../video/live/masks.ts';
import { createViewingLog } from '../video/live/viewing-log.ts';
import type { CameraSources } from '../video/source.ts';
import type { Supervisor } from '../video/supervisor/interface.ts';
import type { Foundation } from './foundation.ts';
import type { Identity } from './identity.ts';

/** Who sees which camera live, what nobody sees, and the log of both. */
export function createLiveView(
  base: Foundation,
  { registry, settings }: Identity,
  {
    sources,
    supervisor,
    masksChanged,
  }: {
    readonly sources: CameraSources;
    readonly supervisor: Supervisor;
    readonly masksChanged: (device: DeviceKey) => void;
  },
) {
  const { config, log, clock, store, db } = base;
  const common = { db, audit: store.audit, cameras: registry.devices, clock, log };
  const viewings = createViewingLog({ ...common, store: store.viewings });
  const cameraMasks = createMasks({ ...common, store: store.cameraMasks, onChange: masksChanged });
  const { masksOf } = cameraMasks;
  const live = createLive({
    ...common,
    sources,
    supervisor,
    masksOf,
    viewings,
    node: base.nodes.self.id,
    dir: join(config.dataDir, 'live'),
    settings: () => ({ idleMs: settings.ms('liveIdle'), tokenMs: settings.ms('liveToken') }),
  });
  const cameraClips = createClips({
    ...common,
    store: store.cameraClips,
    sources,
    supervisor,
    masksOf,
    viewings,
    dir: join(config.dataDir, 'clips'),
    room: base.room,
    zoneOffset: zoneOffset(config.timeZone),
  });
  registry.directory.onChange((changes) => {
    for (const { before, after } of changes) if (before) live.deviceChanged(after.key, after.lifecycle);
  });
  return { live, viewings, cameraMasks, cameraClips };
}

/** Milliseconds by which a zone is ahead of UTC at a time. */
function zoneOffset(timeZone: string): (at: number) => number {
  const { iso } = createTimes(timeZone);
  return (at) => Date.parse(`${iso(at).slice(0, 23)}Z`) - at;
}
