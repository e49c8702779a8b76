import { join } from 'node:path';
import { createSupervisor } from '../video/supervisor/supervisor.ts';
import type { DataPath } from './data-path.ts';
import type { Foundation } from './foundation.ts';
import type { Identity } from './identity.ts';

export type Video = ReturnType<typeof createVideo>;

/** What happens outside the video stage; reached when called, since the parts name each other in both directions. */
export type VideoReactions = Record<never, never>;

/** camera → pictures, diagnosis, live view: what is seen, by whom, and what is wrong with it. */
export function createVideo(base: Foundation, _identity: Identity, _path: DataPath, _outside: VideoReactions) {
  const { config, log, clock, metrics } = base;
  const supervisor = createSupervisor({
    log,
    clock,
    dir: join(config.dataDir, 'processes'),
    metrics: metrics.video,
  });
  return { supervisor };
}
