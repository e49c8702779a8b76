import type { StreamRole } from './camera.ts';

export const CAMERA_JOB_STATES = ['running', 'done', 'failed', 'cancelled'] as const;
export type CameraJobState = (typeof CAMERA_JOB_STATES)[number];

/** What became of the address a camera named for a stream. */
export const STREAM_NOTES = ['hostReplaced', 'targetNotAllowed', 'notNamed'] as const;

/** A search for cameras or a look at one; kept in memory for an hour. Times in epoch milliseconds. */
export interface CameraJob {
  readonly id: string;
  readonly kind: 'multicast' | 'subnet' | 'probe';
  readonly state: CameraJobState;
  /** What is searched or looked at; never a credential. */
  readonly target: string;
  readonly startedAt: number;
  readonly finishedAt: number | null;
  /** Addresses tried, or milliseconds gone; null where nobody can say. */
  readonly progress: { readonly done: number; readonly total: number } | null;
  readonly found: readonly FoundCamera[];
  readonly result: CameraFindings | null;
  /** Why the job failed. */
  readonly error: string | null;
}

/** A device that answered a search. */
export interface FoundCamera {
  readonly address: string;
  readonly name: string | null;
  /** What it said of itself: `xaddr`, `hardware`, `location`, `rtspPort`, `allowed` …. */
  readonly facts: Readonly<Record<string, string>>;
  /** A device of the registry has this address. */
  readonly registered: boolean;
  /** Its id, when the asker may see it. */
  readonly deviceId: string | null;
}

/** What stands behind an address that is perhaps not registered yet. */
export interface CameraFindings {
  readonly ok: boolean;
  /** As of a probe: `ok`, `wrongPassword`, `noSuchStream` …. */
  readonly reason: string;
  readonly detail: string;
  readonly manufacturer: string | null;
  readonly model: string | null;
  readonly firmware: string | null;
  readonly serial: string | null;
  readonly streams: readonly StreamFindings[];
  readonly snapshotUri: string | null;
  readonly ptz: boolean;
  readonly clockOffsetMs: number | null;
  readonly answeredBy: 'node-onvif' | 'onvif' | null;
  readonly registered: boolean;
  readonly deviceId: string | null;
}

/** One stream and what DESCRIBE said of it. */
export interface StreamFindings {
  readonly role: StreamRole;
  readonly profile: string | null;
  readonly codec: string;
  readonly width: number | null;
  readonly height: number | null;
  readonly fps: number | null;
  readonly uri: string | null;
  /** `hostReplaced`, `targetNotAllowed`, `notNamed`; null = as the camera named it. */
  readonly note: (typeof STREAM_NOTES)[number] | null;
  /** As of a probe. */
  readonly reason: string;
  readonly detail: string;
}
