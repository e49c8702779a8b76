/** Video codecs by the name the browser and ffmpeg questions turn on; what is none of them is told as it was named. */
export type VideoCodec = 'H264' | 'H265' | 'MJPEG' | (string & {});

/** 主码流 for recording, 子码流 for probing and many viewers. */
export type StreamRole = 'main' | 'sub';

/**
 * Whether an address that a camera named leads to its registered host. To any other host the login goes by Digest only:
 * Basic would hand the camera's password to whoever it names.
 */
export function isRegisteredHost(named: string, registered: string): boolean {
  const bare = (host: string) => host.toLowerCase().replace(/^\[|\]$/g, '');
  return bare(URL.parse(named)?.hostname ?? '') === bare(registered);
}

/** One stream as the camera describes it. */
export interface StreamFacts {
  readonly role: StreamRole;
  /** Without credentials; absent when it could not be had. */
  readonly uri: string | null;
  readonly codec: VideoCodec;
  /** Pixels; null = not said. */
  readonly width: number | null;
  readonly height: number | null;
  /** Frames a second; null = not said. */
  readonly fps: number | null;
  /** ONVIF profile token; null for plain RTSP. */
  readonly profile: string | null;
}

/** What a camera says of itself, read by ONVIF or by DESCRIBE. Times in epoch milliseconds. */
export interface CameraFacts {
  readonly manufacturer: string | null;
  readonly model: string | null;
  readonly firmware: string | null;
  /** Digits stay digits: never a number. */
  readonly serial: string | null;
  readonly streams: readonly StreamFacts[];
  readonly snapshotUri: string | null;
  readonly ptz: boolean;
  /** Device clock minus gateway clock in milliseconds; null = not asked or not told. */
  readonly clockOffsetMs: number | null;
  /** Which client got the answers; null for plain RTSP. */
  readonly answeredBy: 'node-onvif' | 'onvif' | null;
  readonly readAt: number;
}

/** How cameras are spoken to; a device of any other adapter is none. */
export const CAMERA_ADAPTERS: ReadonlySet<string> = new Set(['rtsp', 'onvif']);
