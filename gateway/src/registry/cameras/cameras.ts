import { type Actor, actorText } from '../../domain/actor.ts';
import {
  ArchiveInput,
  ArchivePatch,
  COMPLETE_FIELDS,
  DEVICE_FIELDS,
  OWN_FIELDS,
  stageOf,
} from '../../domain/camera-archive.ts';
import { type ArchiveView, type CameraDevice, CameraQuery, type CameraView } from '../../domain/camera-record.ts';
import type { DevicePatch } from '../../domain/device-input.ts';
import { type Crs, locationIn } from '../../domain/geo.ts';
import { parseInput } from '../../domain/input.ts';
import type { Page } from '../../domain/page.ts';
import { requireRight } from '../../domain/permission.ts';
import type { Tx } from '../../domain/tx.ts';
import { GatewayError } from '../../errors.ts';
import { refuse } from '../refusal.ts';
import {
  applyArchive,
  archiveDifference,
  archiveErrors,
  cameraView,
  differencesOf,
  missingFields,
  withDirection,
} from './archive.ts';
import type { CamerasDeps } from './ports.ts';
import { archiveWarnings } from './warnings.ts';

/** Cameras as people see them: the device, its archive, its stage, what it says of itself. */
export interface Cameras {
  list(actor: Actor, query: CameraQuery, crs?: Crs): Promise<Page<CameraView>>;
  get(actor: Actor, id: string, crs?: Crs): Promise<CameraView>;
  archive(actor: Actor, id: string, crs?: Crs): Promise<ArchiveView>;
  /** Own fields that are not named are emptied; fields every device has stay unless named. */
  putArchive(actor: Actor, id: string, input: ArchiveInput): Promise<ArchiveView>;
  /** What is not named stays, null empties. */
  patchArchive(actor: Actor, id: string, patch: ArchivePatch): Promise<ArchiveView>;
}

export function createCameras(deps: CamerasDeps & { onArchive: (camera: CameraDevice) => void }): Cameras {
  const { db, store } = deps;

  const find = async (tx: Tx, actor: Actor, id: string): Promise<CameraDevice> => {
    const found = await store.get(tx, id, deps.cameraTypes(), actor.scope);
    if (!found) throw new GatewayError('NOT_FOUND');
    return found;
  };
  const pictures = async (found: readonly CameraDevice[]) =>
    (await deps.pictures?.(
      db.autocommit,
      found.map(({ device }) => device.key),
    )) ?? new Map();

  const show = async (found: CameraDevice, crs: Crs = 'wgs84'): Promise<ArchiveView> => {
    const { device, camera } = found;
    const missing = missingFields(device, camera.archive);
    const own = Object.fromEntries(OWN_FIELDS.map((field) => [field, camera.archive[field] ?? null]));
    const shared = Object.fromEntries(DEVICE_FIELDS.map((field) => [field, device[field]]));
    return {
      archive: { ...shared, location: locationIn(device.location, crs), ...own },
      complete: missing.length === 0,
      missing: missing.map((field) => ({ field, ...COMPLETE_FIELDS[field] })),
      stage: stageOf(missing.length === 0, camera.firstFrameAt),
      prefilled: camera.prefilled,
      differences: differencesOf(device, camera),
      warnings: await archiveWarnings(db.autocommit, device, store),
    };
  };

  const write = async (actor: Actor, id: string, input: ArchiveInput | ArchivePatch, whole: boolean) => {
    requireRight(actor, 'devices', 'update');
    const patch = Object.fromEntries(
      DEVICE_FIELDS.filter((field) => input[field] !== undefined).map((field) => [field, input[field]]),
    ) as DevicePatch;
    const { change, found } = await db.transaction(async (tx) => {
      // Locks the device first, so that two people at one archive do not overwrite each other.
      const turned = await deps.devices.change(tx, actor, id, patch);
      const before = await find(tx, actor, id);
      const archive = withDirection(applyArchive(before.camera.archive, input, { whole }));
      refuse(archiveErrors(archive));
      await saveOwn(tx, actor, before, { ...before.camera, archive }, deps);
      const [after] = await store.byKeys(tx, [before.device.key]);
      if (!after) throw new GatewayError('NOT_FOUND');
      return { change: turned, found: after };
    });
    await deps.devices.follow([change]);
    deps.onArchive(found);
    return show(found);
  };

  return {
    async list(actor, raw, crs) {
      requireRight(actor, 'cameras', 'read');
      const query = parseInput(CameraQuery, raw);
      const page = await store.list(
        db.autocommit,
        { ...query, limit: query.limit ?? 50 },
        deps.cameraTypes(),
        actor.scope,
      );
      const shots = await pictures(page.items);
      return {
        ...page,
        items: page.items.map((item) => cameraView(item, { ...(crs && { crs }), picture: shots.get(item.device.key) })),
      };
    },

    async get(actor, id, crs) {
      requireRight(actor, 'cameras', 'read');
      const found = await find(db.autocommit, actor, id);
      const shots = await pictures([found]);
      return cameraView(found, { ...(crs && { crs }), picture: shots.get(found.device.key) });
    },

    async archive(actor, id, crs) {
      requireRight(actor, 'devices', 'read');
      return show(await find(db.autocommit, actor, id), crs);
    },
    putArchive: async (actor, id, input) => write(actor, id, parseInput(ArchiveInput, input), true),
    patchArchive: async (actor, id, patch) => write(actor, id, parseInput(ArchivePatch, patch), false),
  };
}

/** Keeps own fields with history and audit; nothing is written when nothing differs. */
async function saveOwn(
  tx: Tx,
  actor: Actor,
  { device, camera }: CameraDevice,
  next: CameraDevice['camera'],
  deps: CamerasDeps,
): Promise<void> {
  const { before, after } = archiveDifference(camera.archive, next.archive);
  const touched = Object.keys(after);
  if (touched.length === 0) return;
  const at = deps.clock.now();
  // What a person wrote is no longer the camera's own word.
  const prefilled = camera.prefilled.filter((field) => !touched.includes(field));
  await deps.store.saveArchive(tx, device.key, { archive: next.archive, prefilled });
  await deps.history.addTurns(tx, [
    { device: device.key, at, by: actorText(actor), what: 'archive', reason: null, before, after },
  ]);
  await deps.audit.append(tx, [
    { at, actor, action: 'update', resource: 'cameras', resourceId: device.id, before, after },
  ]);
}
