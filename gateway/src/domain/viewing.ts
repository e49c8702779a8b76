import { type Static, Type } from 'typebox';
import type { DeviceKey } from './device.ts';

/**
 * The access modes of 调阅登记: 实时调取 (video), 按需调取 (single pictures, one a second), 脱敏调取 (either with areas
 * masked), 离线采集 (a file), and a snapshot.
 */
export const VIEWING_MODES = ['live', 'onDemand', 'masked', 'clip', 'snapshot'] as const;
export type ViewingMode = (typeof VIEWING_MODES)[number];

/** One look at one camera by one person. Times in epoch milliseconds. */
export interface Viewing {
  readonly id: string;
  readonly deviceId: string;
  readonly deviceName: string;
  readonly userId: string;
  readonly userName: string;
  /** Address of the peer; null = not known. */
  readonly address: string | null;
  readonly mode: ViewingMode;
  readonly purpose: string;
  readonly startedAt: number;
  /** Until when it certainly lasted. */
  readonly lastSeenAt: number;
  /** null = still on. */
  readonly endedAt: number | null;
  /** Why it ended, e.g. `closed`, `idle`, `masksChanged`; null while it is on. */
  readonly endReason: string | null;
  /** What left the gateway for it. */
  readonly bytes: number;
}

/** A viewing as it begins. */
export interface ViewingStart {
  readonly id: string;
  readonly device: DeviceKey;
  readonly userId: string;
  readonly userName: string;
  readonly address: string | null;
  readonly mode: ViewingMode;
  readonly purpose: string;
  readonly startedAt: number;
}

export interface ViewingQuery {
  readonly from?: number;
  readonly to?: number;
  readonly limit?: number;
  readonly cursor?: string;
  readonly userId?: string;
  readonly deviceId?: string;
}

/** How often and how long a camera was looked at. */
export interface ViewingUsage {
  readonly deviceId: string;
  readonly count: number;
  readonly seconds: number;
}

/** Why somebody looks; asked every time, kept in the log. */
export const Purpose = Type.String({ minLength: 2, maxLength: 200, pattern: '\\S\\s*\\S' });

export const LiveInput = Type.Object(
  {
    purpose: Purpose,
    accepts: Type.Optional(Type.Object({ h265: Type.Optional(Type.Boolean()) }, { additionalProperties: false })),
    stream: Type.Optional(Type.Unsafe<'main' | 'sub'>({ type: 'string', enum: ['main', 'sub'] })),
  },
  { additionalProperties: false },
);
export type LiveInput = Static<typeof LiveInput>;

export const ClipInput = Type.Object(
  { purpose: Purpose, seconds: Type.Integer({ minimum: 1, maximum: 60 }) },
  { additionalProperties: false },
);
export type ClipInput = Static<typeof ClipInput>;

export const CLIP_STATES = ['recording', 'ready', 'failed', 'expired'] as const;

/** One file of 离线采集. Times in epoch milliseconds. */
export interface Clip {
  readonly id: string;
  readonly deviceId: string;
  readonly userId: string;
  readonly userName: string;
  readonly purpose: string;
  readonly seconds: number;
  readonly state: (typeof CLIP_STATES)[number];
  /** Why it failed; a reason of the camera or `busy`, `deadline`, `exit`. */
  readonly reason: string | null;
  readonly masked: boolean;
  readonly bytes: number | null;
  /** Hex. */
  readonly sha256: string | null;
  readonly createdAt: number;
  readonly expiresAt: number;
}

export interface ClipStart {
  readonly id: string;
  readonly device: DeviceKey;
  readonly userId: string;
  readonly userName: string;
  readonly purpose: string;
  readonly seconds: number;
  readonly masked: boolean;
  readonly createdAt: number;
  readonly expiresAt: number;
}

export type ClipEnd =
  | { readonly state: 'ready'; readonly bytes: number; readonly sha256: string }
  | { readonly state: 'failed'; readonly reason: string };
