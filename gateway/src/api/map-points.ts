import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Clock } from '../../../adapters/adapter.ts';
import { CAMERA_ADAPTERS } from '../domain/camera.ts';
import type { DeviceFilter } from '../domain/device-input.ts';
import { HEALTH_STATES } from '../domain/health.ts';
import { packPoints } from '../domain/map-points.ts';
import type { Scope } from '../domain/scope.ts';
import type { Transactor } from '../domain/tx.ts';
import type { DeviceTypePort } from './ports/device-types.ts';
import type { ReadPort } from './ports/reads.ts';

const pack = promisify(gzip);
/** Consoles that look at the same map in the same moment get the same answer. */
const FRESH_MS = 2_000;
const MOST_KEPT = 16;
/** Beyond this a map is no map. */
const MOST_POINTS = 200_000;
/** A third of the time of level 6 for a tenth more bytes. */
const LEVEL = 3;

interface Packed {
  readonly etag: string;
  readonly plain: Buffer;
  readonly gzip: Buffer;
}

/** All points of a reader's map, packed once for all who ask for the same within two seconds. */
export function createMapPoints(deps: {
  readonly db: Transactor;
  readonly reads: Pick<ReadPort, 'mapPoints'>;
  readonly types: Pick<DeviceTypePort, 'get'>;
  readonly clock: Clock;
}) {
  const kept = new Map<string, { readonly at: number; readonly answer: Promise<Packed> }>();

  async function make(scope: Scope, filter: DeviceFilter): Promise<Packed> {
    const rows = await deps.reads.mapPoints(deps.db.autocommit, scope, filter, MOST_POINTS);
    const isCamera = (type: string) => CAMERA_ADAPTERS.has(deps.types.get(type)?.adapter ?? '');
    const points = packPoints(rows, HEALTH_STATES, isCamera);
    const plain = Buffer.from(JSON.stringify(points));
    const etag = `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`;
    return { etag, plain, gzip: await pack(plain, { level: LEVEL }) };
  }

  return (scope: Scope, filter: DeviceFilter): Promise<Packed> => {
    const name = JSON.stringify([scope, filter]);
    const now = deps.clock.monotonic();
    const known = kept.get(name);
    if (known && now - known.at < FRESH_MS) return known.answer;
    const answer = make(scope, filter);
    kept.delete(name);
    kept.set(name, { at: now, answer });
    for (const [other, { at }] of kept) if (kept.size > MOST_KEPT || now - at >= FRESH_MS) kept.delete(other);
    // A refusal is told to those who wait for it and to nobody later.
    answer.catch(() => kept.get(name)?.answer === answer && kept.delete(name));
    return answer;
  };
}
