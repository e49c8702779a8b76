import type { Clock } from '../../../../adapters/adapter.ts';
import { type Actor, actorText } from '../../domain/actor.ts';
import type { AuditPort } from '../../domain/audit.ts';
import type { DeviceKey } from '../../domain/device.ts';
import { fieldError, parseInput, refuseIf } from '../../domain/input.ts';
import { requireRight } from '../../domain/permission.ts';
import { type CameraMasks, type MaskArea, MasksInput } from '../../domain/privacy-mask.ts';
import type { Transactor } from '../../domain/tx.ts';
import type { CameraBook, MaskStore } from './ports.ts';

export interface Masks {
  /** What is masked on a camera; every delivery asks. Rejects when it cannot know, so that nothing is shown then. */
  masksOf(device: DeviceKey): Promise<CameraMasks>;
  get(actor: Actor, deviceId: string): Promise<CameraMasks>;
  /** Replaces all areas; running views of the camera end at once. */
  put(actor: Actor, deviceId: string, input: MasksInput): Promise<CameraMasks>;
}

/** Privacy masks (隐私遮挡): areas that never leave the gateway. */
export function createMasks(deps: {
  readonly db: Transactor;
  readonly store: MaskStore;
  readonly audit: AuditPort;
  readonly cameras: CameraBook;
  readonly clock: Clock;
  /** Hears of a change after it is committed. */
  readonly onChange: (device: DeviceKey) => void;
}): Masks {
  const { db, store, clock } = deps;
  const masksOf = (device: DeviceKey) => store.read(db.autocommit, device);
  return {
    masksOf,
    async get(actor, deviceId) {
      requireRight(actor, 'cameras', 'read');
      return masksOf((await deps.cameras.get(actor, deviceId)).key);
    },
    async put(actor, deviceId, raw) {
      requireRight(actor, 'cameras', 'update');
      const input = parseInput(MasksInput, raw);
      refuseIf(
        input.areas.flatMap((area, i) => (hasArea(area) ? [] : [fieldError(`/areas/${i}`, 'empty', 'live.emptyArea')])),
      );
      const camera = await deps.cameras.get(actor, deviceId);
      const now = clock.now();
      const after = await db.transaction(async (tx) => {
        const before = await store.read(tx, camera.key);
        const written = await store.write(tx, camera.key, { areas: input.areas, at: now, by: actorText(actor) });
        await deps.audit.append(tx, [
          {
            at: now,
            actor,
            action: 'setMasks',
            resource: 'cameras',
            resourceId: camera.id,
            reason: input.reason ?? null,
            before: { areas: before.areas },
            after: { areas: written.areas },
          },
        ]);
        return written;
      });
      deps.onChange(camera.key);
      return after;
    },
  };
}

/** A mask that covers nothing would only look like protection. */
function hasArea(area: MaskArea): boolean {
  if (area.shape === 'rectangle') return area.width > 0 && area.height > 0;
  const xs = area.points.map(([x]) => x);
  const ys = area.points.map(([, y]) => y);
  return Math.max(...xs) > Math.min(...xs) && Math.max(...ys) > Math.min(...ys);
}
