import type { Logger } from '../../../adapters/adapter.ts';
import type { ReadinessBoard } from '../api/readiness.ts';
import { PROCESS_ROLES } from '../config.ts';
import { every, type Part } from '../lifecycle.ts';
import type { Metrics } from '../metrics.ts';
import type { Nodes } from '../nodes/nodes.ts';
import { standingOf } from '../nodes/standing.ts';

const LOOK_MS = 2_000;

/** What every process says of all of them; one that is alone has nothing to say. */
export function createStandingReport(
  { log, metrics, readiness }: { log: Logger; metrics: Metrics; readiness: ReadinessBoard },
  nodes: Nodes,
): Part {
  const look = () => {
    const all = nodes.all();
    if (all.length === 1 && nodes.self.roles.length === PROCESS_ROLES.length) return;
    const { reason, detail, waiting } = standingOf(all, PROCESS_ROLES);
    readiness.set('processes', reason === 'ok' ? 'ready' : 'degraded', reason, detail);
    metrics.processes(all, waiting);
  };
  return every('standing of the processes', LOOK_MS, log, look);
}
