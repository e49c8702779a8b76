/** The narrow port to ONVIF cameras. Two implementations answer it; each call says which one did. */
export interface OnvifTarget {
  readonly host: string;
  /** Default 80, or 443 with `tls`. */
  readonly port?: number;
  readonly tls?: boolean;
  readonly username?: string;
  readonly password?: string;
}

export interface OnvifCallOptions {
  /** Milliseconds from the call, name lookup included. */
  readonly deadline: number;
  readonly signal: AbortSignal;
}

export interface OnvifStream {
  readonly role: 'main' | 'sub';
  readonly profile: string;
  readonly codec: string;
  readonly width: number | null;
  readonly height: number | null;
  readonly fps: number | null;
  /** RTSP URI without credentials, its host checked against the allowed targets; null when the camera gave none. */
  readonly uri: string | null;
}

/** What a camera says of itself. */
export interface OnvifDescription {
  readonly manufacturer: string | null;
  readonly model: string | null;
  readonly firmware: string | null;
  readonly serial: string | null;
  readonly hardwareId: string | null;
  readonly streams: readonly OnvifStream[];
  readonly snapshotUri: string | null;
  readonly ptz: boolean;
  /** Device clock minus ours in milliseconds; null = not told. */
  readonly clockOffsetMs: number | null;
  readonly answeredBy: 'node-onvif' | 'onvif';
}

export interface PtzPreset {
  readonly token: string;
  readonly name: string;
}

/** −1 … 1 on each axis. */
export interface PtzVelocity {
  readonly pan: number;
  readonly tilt: number;
  readonly zoom: number;
}

/** Every method throws {@link OnvifError}; none follows a redirect or dials an address that is not allowed. */
export interface OnvifClient {
  describe(target: OnvifTarget, options: OnvifCallOptions): Promise<OnvifDescription>;
  /** Asked without login; the cheapest proof of life. */
  clockOffset(target: OnvifTarget, options: OnvifCallOptions): Promise<number | null>;
  /** The JPEG behind a snapshot URI, whole, at most 8 MiB, magic checked. Never Basic before it is asked for. */
  snapshot(target: OnvifTarget, uri: string, options: OnvifCallOptions): Promise<Uint8Array>;
  /** Moves until `stop` or for at most `timeoutMs`. */
  move(
    target: OnvifTarget,
    profile: string,
    velocity: PtzVelocity,
    timeoutMs: number,
    options: OnvifCallOptions,
  ): Promise<void>;
  stop(target: OnvifTarget, profile: string, options: OnvifCallOptions): Promise<void>;
  presets(target: OnvifTarget, profile: string, options: OnvifCallOptions): Promise<readonly PtzPreset[]>;
  gotoPreset(target: OnvifTarget, profile: string, preset: string, options: OnvifCallOptions): Promise<void>;
  reboot(target: OnvifTarget, options: OnvifCallOptions): Promise<void>;
  close(): Promise<void>;
}

/** Reasons are those of a probe, so a failed call is evidence like any other. */
export type OnvifReason =
  | 'hostUnreachable'
  | 'portClosed'
  | 'timeout'
  | 'wrongPassword'
  | 'noSuchStream'
  | 'serverError'
  | 'notOnvif'
  | 'connectionLost'
  | 'targetNotAllowed';

/** The camera, the network or our own limits; `detail` never holds a credential. */
export class OnvifError extends Error {
  readonly reason: OnvifReason;
  constructor(reason: OnvifReason, detail: string, cause?: unknown) {
    super(detail, cause === undefined ? undefined : { cause });
    this.name = 'OnvifError';
    this.reason = reason;
  }
}
