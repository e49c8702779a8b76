import { join } from 'node:path';
import { createRtspRelay, createTargetGuard } from '../../../adapters/index.ts';
import { SourceError } from '../video/source.ts';
import { createCameraSources } from '../video/sources.ts';
import { createSupervisor } from '../video/supervisor/supervisor.ts';
import type { DataPath } from './data-path.ts';
import type { Foundation } from './foundation.ts';
import type { Identity } from './identity.ts';
import { createLiveView } from './live.ts';

export type Video = ReturnType<typeof createVideo>;

/** What happens outside the video stage; reached when called, since the parts name each other in both directions. */
export type VideoReactions = Record<never, never>;

/** camera → pictures, diagnosis, live view: what is seen, by whom, and what is wrong with it. */
export function createVideo(base: Foundation, identity: Identity, _path: DataPath, _outside: VideoReactions) {
  const { config, log, clock, metrics, store, db } = base;
  const supervisor = createSupervisor({
    log,
    clock,
    dir: join(config.dataDir, 'processes'),
    metrics: metrics.video,
  });
  const guard = createTargetGuard({ allowed: config.allowedTargets ?? [] });
  const { monotonic } = clock;
  const relay = createRtspRelay({ guard, log, monotonic, verifyTls: false, userAgent: 'chengyun-gateway' });
  const sources = createCameraSources({
    targets: identity.registry.probeTargets,
    async camera(key) {
      const [found] = await store.cameras.byKeys(db.autocommit, [key]);
      if (!found) return undefined;
      const { device, camera } = found;
      return { name: device.nickname ?? device.name, facts: camera.facts, connected: device.connection !== null };
    },
    describe: async () => null,
    allowed: (url) =>
      guard.resolveUrl(url).then(
        () => true,
        () => false,
      ),
    openRelay: relay.open,
    onvifSnapshot: async () => {
      throw new SourceError('notOnvif', 'snapshots over ONVIF are not joined yet');
    },
    monotonic,
  });
  return { supervisor, relay, sources, ...createLiveView(base, identity, { sources, supervisor }) };
}
