import type { OnvifPull, OnvifSubscription } from './events.ts';

/** Where an ONVIF camera is and who asks it. */
export interface OnvifTarget {
  readonly host: string;
  /** Default 80, or 443 with `tls`. */
  readonly port?: number;
  readonly tls?: boolean;
  /** Path of the device service; default `/onvif/device_service`. */
  readonly path?: string;
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
  /** RTSP URI without credentials, its host checked against the allowed targets; null when there is none to be had. */
  readonly uri: string | null;
  /**
   * `hostReplaced`: the camera named a host that may not be dialled or does not answer (NAT), so its own takes the place;
   * `targetNotAllowed`: no permitted address left, `uri` is null; `notNamed`: the camera gave no RTSP address.
   */
  readonly note: StreamNote | null;
}

export type StreamNote = 'hostReplaced' | 'targetNotAllowed' | 'notNamed';

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

/**
 * `ok`: the login was asked for and taken; `open`: nothing the camera was asked wanted a login, so nothing is proven;
 * else why it failed.
 */
export type LoginResult = 'ok' | 'open' | OnvifReason;

export interface OnvifGreeting {
  readonly login: 'ok' | 'open';
  readonly model: string | null;
  /** As in {@link OnvifDescription}. */
  readonly clockOffsetMs: number | null;
}

/**
 * Events by PullPoint; answered by the library `onvif`. No state is held here and no socket stays open between two calls.
 * What a camera says of its subscription is an answer, not an error: `unsupported` = it has no event service, `lost` = it
 * does not know the subscription (any more). Errors as in {@link OnvifClient}.
 */
export interface OnvifEvents {
  subscribe(
    target: OnvifTarget,
    wish: { readonly lifetimeMs: number },
    options: OnvifCallOptions,
  ): Promise<OnvifSubscription | 'unsupported'>;
  /** Waits up to `waitMs` for the first message, as long as the camera keeps to it; the deadline must leave room. */
  pullEvents(
    target: OnvifTarget,
    subscription: OnvifSubscription,
    wish: { readonly waitMs: number },
    options: OnvifCallOptions,
  ): Promise<OnvifPull | 'lost'>;
  renew(
    target: OnvifTarget,
    subscription: OnvifSubscription,
    wish: { readonly lifetimeMs: number },
    options: OnvifCallOptions,
  ): Promise<OnvifSubscription | 'lost'>;
  /** Never throws for what the camera did: one that cannot be told lets it lapse. */
  unsubscribe(target: OnvifTarget, subscription: OnvifSubscription, options: OnvifCallOptions): Promise<void>;
}

/**
 * The narrow port to ONVIF cameras. Two libraries answer it; `answeredBy` says which. Every method throws
 * {@link OnvifError} (AdapterError for trouble of our own); none follows a redirect, dials an address that is not
 * allowed, or has more than two logins refused, since cameras lock accounts.
 */
export interface OnvifClient extends OnvifEvents {
  describe(target: OnvifTarget, options: OnvifCallOptions): Promise<OnvifDescription>;
  /** Asked without login; the cheapest proof of life. */
  clockOffset(target: OnvifTarget, options: OnvifCallOptions): Promise<number | null>;
  /** The cheapest proof that the login works: the clock, then what only a user is told. */
  greet(target: OnvifTarget, options: OnvifCallOptions): Promise<OnvifGreeting>;
  /** Tries the login of the target once. Never throws for what the camera did. */
  tryLogin(target: OnvifTarget, options: OnvifCallOptions): Promise<LoginResult>;
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
  /** Ends everything in flight with AdapterError STOPPED. */
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
