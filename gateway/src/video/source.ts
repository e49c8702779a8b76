import type { ProbeReason } from '../../../adapters/adapter.ts';
import type { StreamRole, VideoCodec } from '../domain/camera.ts';
import type { DeviceKey } from '../domain/device.ts';

/**
 * Finds how a camera is reached now. Throws NOT_FOUND (unknown or not to be connected), UNPROCESSABLE (no connection) or
 * {@link SourceError}: the camera does not say what it offers, or refused our login a short while ago.
 */
export interface CameraSources {
  find(device: DeviceKey): Promise<CameraSource>;
}

/** One camera as the video stage reaches it. */
export interface CameraSource {
  readonly device: DeviceKey;
  readonly deviceId: string;
  readonly name: string;
  /** At least one, the main stream first. */
  readonly streams: readonly CameraStream[];
  /**
   * The camera's own JPEG by HTTP, whole and size-checked; absent when it offers none.
   * Throws {@link SourceError}. `deadline` is milliseconds from the call.
   */
  readonly snapshot?: (options: { deadline: number; signal: AbortSignal }) => Promise<Uint8Array>;
}

export interface CameraStream {
  readonly role: StreamRole;
  readonly codec: VideoCodec | null;
  readonly width: number | null;
  readonly height: number | null;
  /** Opens a way for one ffmpeg. */
  open(options: { signal: AbortSignal }): Promise<StreamAccess>;
}

/** A loopback URL without credentials that leads to one camera only; the camera's login never reaches a command line. */
export interface StreamAccess {
  readonly url: string;
  /** Ends the connection to the camera; may be called twice. */
  close(): void;
  /** Why the camera refused; null while nothing speaks against it. */
  failure(): ProbeReason | null;
}

/** The camera, not we, is the reason that there is no picture. */
export class SourceError extends Error {
  readonly reason: ProbeReason;
  constructor(reason: ProbeReason, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'SourceError';
    this.reason = reason;
  }
}
