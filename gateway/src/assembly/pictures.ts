import { join } from 'node:path';
import type { DeviceKey } from '../domain/device.ts';
import type { MaskArea } from '../domain/privacy-mask.ts';
import { isGatewayError } from '../errors.ts';
import { findFont } from '../video/live/watermark.ts';
import { createPictures } from '../video/pictures/pictures.ts';
import { createDrawing } from '../video/snapshots/drawing.ts';
import type { RecordViewing } from '../video/snapshots/ports.ts';
import { createSnapshots } from '../video/snapshots/snapshots.ts';
import { createPictureViews } from '../video/snapshots/views.ts';
import type { CameraSources } from '../video/source.ts';
import type { Supervisor } from '../video/supervisor/interface.ts';
import type { Foundation } from './foundation.ts';
import type { Identity } from './identity.ts';

/** Single pictures: kept, taken now, and shown to people. */
export function createPicturePart(
  { config, log, clock, metrics, store, db, room }: Foundation,
  { registry }: Identity,
  { sources, supervisor }: { readonly sources: CameraSources; readonly supervisor: Supervisor },
) {
  const pictures = createPictures({
    store: store.pictures,
    db,
    dir: join(config.dataDir, 'pictures'),
    clock,
    log,
    onDamaged: metrics.pictures.damaged,
    room,
  });
  metrics.onCollect(() => metrics.pictures.bytes(pictures.bytes() ?? 0));
  const snapshots = createSnapshots({ sources, supervisor, pictures, clock, log, onTaken: metrics.pictures.taken });
  registry.directory.onChange((changes) =>
    snapshots.forget(changes.filter(({ before }) => before !== null).map(({ after }) => after.key)),
  );
  const font = findFont();
  if (font === undefined) log.warn({}, 'no Chinese font: pictures cannot be marked or exported');
  const drawing = createDrawing({ supervisor, dir: join(config.dataDir, 'drawing'), font });

  return {
    pictures,
    snapshots,
    /** Needs who masks and who keeps the register. */
    createViews: (people: {
      readonly masksOf: (device: DeviceKey) => Promise<readonly MaskArea[]>;
      readonly recordViewing: RecordViewing;
    }) => ({
      ...createPictureViews({
        ...people,
        snapshots,
        pictures,
        drawing,
        audit: store.audit,
        db,
        clock,
        log,
        timeZone: config.timeZone,
      }),
      start: drawing.start,
    }),
    /** The first picture of a new camera is its first reference; null while it shows none. */
    async takeFirstFrame(device: DeviceKey, signal: AbortSignal): Promise<number | null> {
      try {
        const { jpeg, takenAt, origin } = await snapshots.take(device, { signal });
        await pictures
          .save({ device, jpeg, takenAt, origin, purpose: 'reference' })
          .catch((error) => log.warn({ device, error }, 'the first frame could not be kept'));
        return takenAt;
      } catch (error) {
        if (isGatewayError(error)) return null;
        throw error;
      }
    },
  };
}
