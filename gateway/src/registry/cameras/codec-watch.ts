import type { CameraDevice } from '../../domain/camera-record.ts';
import type { DeviceKey } from '../../domain/device.ts';
import { mainCodec } from './archive.ts';
import { type CamerasDeps, PATH } from './ports.ts';
import { lookAtCodec } from './watches.ts';

/** Codecs are read anew this often, for archives that other processes changed. */
const RELOAD_MS = 3_600_000;

/** Whether cameras still send the codec their archives confirm. */
export interface CodecWatch {
  load(): Promise<void>;
  /** The main stream's codec as the facts say it. */
  inFacts(device: DeviceKey, codec: string | null): Promise<void>;
  /**
   * A probe saw this codec: costs nothing unless it deviates. Counts only for cameras connected by an RTSP address; behind
   * ONVIF a probe may look at another stream than the archive speaks of.
   */
  inProbe(device: DeviceKey, codec: string): void;
  /** An archive changed: a fault that only its entry made ends at once. */
  onArchive(camera: CameraDevice): void;
}

export function createCodecWatch(deps: CamerasDeps): CodecWatch {
  const { db, store, clock, log } = deps;
  const confirmed = new Map<DeviceKey, string>();
  /** Those whose last look deviated; they are looked at until they do not. */
  const deviating = new Set<DeviceKey>();
  let loadedAt = Number.NEGATIVE_INFINITY;

  const look = async (device: DeviceKey, seen: string | null, fits: (camera: CameraDevice) => boolean = () => true) => {
    const [found] = await store.byKeys(db.autocommit, [device]);
    if (!found || !fits(found)) return;
    const { archive, watch } = found.camera;
    const { change, verdict } = lookAtCodec(watch, { confirmed: archive.codec, seen }, clock.now());
    const after = change.codecChanged;
    if (!after) return;
    if (after.streak > 0) deviating.add(device);
    else deviating.delete(device);
    const same = after.active === watch.codecChanged?.active && after.streak === watch.codecChanged.streak;
    if (verdict) await deps.condition({ device, path: PATH, at: clock.now(), ...verdict });
    if (!same) await store.saveWatch(db.autocommit, device, change);
  };
  const inBackground = (device: DeviceKey, work: Promise<void>) =>
    void work.catch((error) => log.warn({ device, error }, 'the codec of a camera was not compared'));

  const know = ({ device, camera }: CameraDevice) => {
    if (camera.archive.codec === undefined) confirmed.delete(device.key);
    else confirmed.set(device.key, camera.archive.codec);
    if (camera.watch.codecChanged?.active) deviating.add(device.key);
  };

  return {
    async load() {
      if (clock.monotonic() - loadedAt < RELOAD_MS) return;
      const rows = await store.codecs(db.autocommit);
      loadedAt = clock.monotonic();
      confirmed.clear();
      for (const { device, codec, deviates } of rows) {
        confirmed.set(device, codec);
        if (deviates) deviating.add(device);
      }
    },
    async inFacts(device, codec) {
      const [found] = await store.byKeys(db.autocommit, [device]);
      if (found) know(found);
      await look(device, codec);
    },
    inProbe(device, codec) {
      const expected = confirmed.get(device);
      if (expected === undefined || (codec === expected && !deviating.has(device))) return;
      inBackground(
        device,
        look(device, codec, ({ device: { connection } }) => connection?.protocol === 'rtsp'),
      );
    },
    onArchive(camera) {
      know(camera);
      if (!camera.camera.watch.codecChanged?.active) return;
      inBackground(camera.device.key, look(camera.device.key, mainCodec(camera.camera.facts)));
    },
  };
}
