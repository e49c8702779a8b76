import { createHash } from 'node:crypto';
import type { Clock, Logger } from '../../../../adapters/adapter.ts';
import type { DeviceKey } from '../../domain/device.ts';
import type { PictureOrigin } from '../../domain/picture.ts';
import { GatewayError, isGatewayError } from '../../errors.ts';
import { grabKeyFrame } from '../ffmpeg/key-frame.ts';
import { readJpeg } from '../pictures/jpeg.ts';
import type { Pictures } from '../pictures/pictures.ts';
import type { CameraSource, CameraSources } from '../source.ts';
import type { Supervisor } from '../supervisor/interface.ts';
import { noPicture, reasonOf } from './failure.ts';
import { createFlights, untilAborted } from './flights.ts';
import { createGate } from './gate.ts';
import { createRepeats } from './repeats.ts';

/** A picture of one camera, with what proves it. */
export interface Snapshot {
  readonly device: DeviceKey;
  readonly jpeg: Uint8Array;
  /** Epoch milliseconds; the picture is not older than this. */
  readonly takenAt: number;
  readonly origin: PictureOrigin;
  /** Hex, of `jpeg`. */
  readonly sha256: string;
  readonly width: number;
  readonly height: number;
}

export interface TakenSnapshot extends Snapshot {
  /** Milliseconds since `takenAt`. */
  readonly ageMs: number;
  /** Older than a shared picture may be: it comes from the store, because the asker allowed it. */
  readonly stale: boolean;
  /** Id in the picture store, when it comes from there. */
  readonly pictureId: string | null;
}

export interface TakeOptions {
  /** Milliseconds from the call; default 15,000. */
  readonly deadline?: number;
  readonly signal?: AbortSignal;
  /** A stored picture not older than this (milliseconds) will do, unless it was taken before `notBefore`. */
  readonly maxAgeMs?: number;
  /** Epoch milliseconds: since then the camera is what it is now. */
  readonly notBefore?: number;
}

export interface Snapshots {
  /**
   * A picture of exactly this camera, taken now (or at most two seconds ago, with its age). Throws CAMERA_UNAVAILABLE with
   * the `reason`, NOT_FOUND or UNPROCESSABLE as `CameraSources`, UNAVAILABLE when too many are asked for.
   */
  take(device: DeviceKey, options?: TakeOptions): Promise<TakenSnapshot>;
  /** The camera behind these devices may be another one now: nothing of before is shown for it. */
  forget(devices: readonly DeviceKey[]): void;
}

export interface SnapshotDeps {
  readonly sources: CameraSources;
  readonly supervisor: Supervisor;
  readonly pictures: Pick<Pictures, 'latest' | 'read'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Cameras asked at once. */
  readonly atOnce?: number;
  readonly onTaken?: (origin: PictureOrigin, outcome: 'ok' | 'failed' | 'old') => void;
}

const DEADLINE_MS = 15_000;
const HTTP_MS = 4_000;
const KEY_FRAME_MS = 10_000;
/** One picture serves everybody who asks within this time. */
const SHARED_MS = 2_000;
const AT_ONCE = 16;
const WAITING = 1_000;

export function createSnapshots(deps: SnapshotDeps): Snapshots {
  const { sources, supervisor, pictures, clock } = deps;
  const log = deps.log.child({ part: 'snapshots' });
  const gate = createGate(deps.atOnce ?? AT_ONCE, WAITING);
  const repeats = createRepeats(() => clock.monotonic());
  const recent = new Map<DeviceKey, { readonly snapshot: Snapshot; readonly at: number }>();

  const byHttp = async (source: CameraSource, signal: AbortSignal): Promise<Snapshot | null> => {
    if (!source.snapshot || !repeats.trusted(source.device)) return null;
    const takenAt = clock.now();
    const bytes = await untilAborted(
      source.snapshot({ deadline: HTTP_MS, signal: AbortSignal.any([signal, AbortSignal.timeout(HTTP_MS)]) }),
      signal,
    );
    const snapshot = describe(source.device, bytes, takenAt, 'snapshot');
    if (!repeats.isOld(source.device, snapshot.sha256)) return snapshot;
    log.warn({ device: source.deviceId }, 'the camera answers with the same old snapshot; its key frames are used');
    throw noPicture('oldPicture');
  };

  const byKeyFrame = async (source: CameraSource, signal: AbortSignal): Promise<Snapshot> => {
    const stream = source.streams.find(({ role }) => role === 'main') ?? source.streams[0];
    if (!stream) throw noPicture('noSuchStream');
    const frame = await grabKeyFrame({
      supervisor,
      stream,
      kind: 'snapshot',
      deadlineMs: KEY_FRAME_MS,
      signal,
      label: source.deviceId,
    });
    // The time the process ran, not the time it waited for its place.
    return describe(source.device, frame.jpeg, clock.now() - Math.ceil(frame.wallMs), 'keyFrame');
  };

  const attempt = async (origin: PictureOrigin, work: () => Promise<Snapshot | null>) => {
    try {
      const snapshot = await work();
      if (snapshot) deps.onTaken?.(origin, 'ok');
      return { snapshot, error: null };
    } catch (error) {
      deps.onTaken?.(origin, isOldPicture(error) ? 'old' : 'failed');
      return { snapshot: null, error };
    }
  };

  const shoot = async (device: DeviceKey, asked: AbortSignal): Promise<Snapshot> => {
    const leave = await gate.enter(asked);
    // Askers that keep coming must not keep a flight alive that leads nowhere.
    const signal = AbortSignal.any([asked, AbortSignal.timeout(DEADLINE_MS)]);
    try {
      const source = await untilAborted(sources.find(device), signal);
      // Guards the promise this stage is for; a source of another camera is a mistake of ours.
      if (source.device !== device) throw new GatewayError('INTERNAL', 'the source of another camera was found');
      const http = await attempt('snapshot', () => byHttp(source, signal));
      if (http.snapshot) return http.snapshot;
      signal.throwIfAborted();
      const frame = await attempt('keyFrame', () => byKeyFrame(source, signal));
      if (frame.snapshot) return frame.snapshot;
      signal.throwIfAborted();
      log.debug({ device: source.deviceId, http: http.error, keyFrame: frame.error }, 'no picture');
      throw isOldPicture(http.error) ? http.error : frame.error;
    } finally {
      leave();
    }
  };

  const flights = createFlights<Snapshot>(shoot, (device, snapshot) => {
    const kept = { snapshot, at: clock.monotonic() };
    recent.set(device, kept);
    setTimeout(() => {
      if (recent.get(device) === kept) recent.delete(device);
    }, SHARED_MS).unref();
  });

  const ageOf = ({ takenAt }: Snapshot) => Math.max(0, clock.now() - takenAt);
  const shared = (device: DeviceKey): TakenSnapshot | null => {
    const kept = recent.get(device);
    if (!kept || clock.monotonic() - kept.at > SHARED_MS) return null;
    return { ...kept.snapshot, ageMs: ageOf(kept.snapshot), stale: false, pictureId: null };
  };
  const stored = async (device: DeviceKey, maxAgeMs: number, notBefore: number): Promise<TakenSnapshot | null> => {
    const newest = await pictures.latest(device);
    const now = clock.now();
    if (!newest || newest.takenAt > now || newest.takenAt < notBefore || now - newest.takenAt > maxAgeMs) return null;
    try {
      const { id, jpeg, takenAt, origin, sha256, width, height, device: owner } = await pictures.read(newest.id);
      if (owner !== device) return null;
      const snapshot = { device, jpeg, takenAt, origin, sha256, width, height };
      const ageMs = ageOf(snapshot);
      return { ...snapshot, ageMs, stale: ageMs > SHARED_MS, pictureId: id };
    } catch (error) {
      if (isGatewayError(error, 'PICTURE_DAMAGED') || isGatewayError(error, 'NOT_FOUND')) return null;
      throw error;
    }
  };

  return {
    async take(device, options = {}) {
      const { deadline = DEADLINE_MS, maxAgeMs, notBefore = 0 } = options;
      const late = AbortSignal.timeout(deadline);
      const signal = options.signal ? AbortSignal.any([late, options.signal]) : late;
      const found =
        shared(device) ?? (maxAgeMs === undefined ? null : await stored(device, maxAgeMs, notBefore)) ?? null;
      if (found) return found;
      try {
        const snapshot = await flights.join(device, signal);
        // Once more at the door: no mistake on the way may show somebody the wrong place.
        if (snapshot.device !== device) throw new GatewayError('INTERNAL', 'a picture of another camera came back');
        return { ...snapshot, ageMs: ageOf(snapshot), stale: false, pictureId: null };
      } catch (error) {
        if (signal.aborted) throw noPicture(late.aborted ? 'timeout' : 'aborted', error);
        throw reasonOf(error);
      }
    },
    forget(devices) {
      for (const device of devices) {
        flights.detach(device);
        recent.delete(device);
        repeats.forget(device);
      }
    },
  };
}

const isOldPicture = (error: unknown) =>
  isGatewayError(error, 'CAMERA_UNAVAILABLE') && error.extra.reason === 'oldPicture';

/** Proved before it counts as a picture; what stands behind its end is cut. */
function describe(device: DeviceKey, bytes: Uint8Array, takenAt: number, origin: PictureOrigin): Snapshot {
  const { width, height, length } = readJpeg(bytes);
  const jpeg = bytes.subarray(0, length);
  const sha256 = createHash('sha256').update(jpeg).digest('hex');
  return { device, jpeg, takenAt, origin, sha256, width, height };
}
