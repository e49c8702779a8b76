import type { Readable } from 'node:stream';
import type { Static } from 'typebox';
import type { Actor } from '../../domain/actor.ts';
import type { TimedPage, TimeRange } from '../../domain/page.ts';
import type { CameraMasks, MasksInput } from '../../domain/privacy-mask.ts';
import type { Clip, ClipInput, LiveInput, Viewing, ViewingQuery } from '../../domain/viewing.ts';
import type { LiveView } from '../schemas/live.ts';

export interface MediaFile {
  readonly type: string;
  readonly length: number;
  readonly body: Readable | Buffer;
  /** Epoch milliseconds at which a picture was taken. */
  readonly takenAt?: number;
}

/** Views of cameras. Only the owner of a view is answered; everybody else gets NOT_FOUND. */
export interface LivePort {
  open(actor: Actor, deviceId: string, input: LiveInput): Promise<Static<typeof LiveView>>;
  renew(actor: Actor, view: string, token: string): Promise<{ expiresAt: number; viewers: number }>;
  close(actor: Actor, view: string, token: string): Promise<void>;
  read(actor: Actor, view: string, token: string, name: string): Promise<MediaFile>;
}

export interface ViewingPort {
  list(actor: Actor, query: ViewingQuery): Promise<TimedPage<Viewing>>;
  ofCamera(actor: Actor, deviceId: string, query: ViewingQuery): Promise<TimedPage<Viewing>>;
}

export interface CameraMaskPort {
  get(actor: Actor, deviceId: string): Promise<CameraMasks>;
  put(actor: Actor, deviceId: string, input: MasksInput): Promise<CameraMasks>;
}

export interface CameraClipPort {
  create(actor: Actor, deviceId: string, input: ClipInput): Promise<Clip>;
  list(actor: Actor, deviceId: string, query: TimeRange): Promise<TimedPage<Clip>>;
  read(actor: Actor, deviceId: string, id: string): Promise<MediaFile & { readonly sha256: string }>;
}
