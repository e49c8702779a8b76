import type { Actor } from '../../domain/actor.ts';
import type { DeviceKey, Lifecycle } from '../../domain/device.ts';
import type { TimedPage, TimeRange } from '../../domain/page.ts';
import type { CameraMasks, MaskArea } from '../../domain/privacy-mask.ts';
import type { Scope } from '../../domain/scope.ts';
import type { Tx } from '../../domain/tx.ts';
import type {
  Clip,
  ClipEnd,
  ClipStart,
  Viewing,
  ViewingQuery,
  ViewingStart,
  ViewingUsage,
} from '../../domain/viewing.ts';

/** What live view needs to know of a device. */
export interface CameraRecord {
  readonly key: DeviceKey;
  readonly id: string;
  readonly name: string;
  readonly nickname: string | null;
  readonly lifecycle: Lifecycle;
}

/** The registry: cut to what the actor may see, NOT_FOUND for the rest. */
export interface CameraBook {
  get(actor: Actor, id: string): Promise<CameraRecord>;
}

/** Statements of 调阅登记. */
export interface ViewingStore {
  insert(tx: Tx, viewing: ViewingStart): Promise<void>;
  touch(tx: Tx, rows: readonly { id: string; at: number; bytes: number }[]): Promise<void>;
  end(tx: Tx, id: string, end: { at: number; bytes: number; reason: string }): Promise<void>;
  endAbandoned(tx: Tx, before: number): Promise<number>;
  list(tx: Tx, scope: Scope, query: ViewingQuery): Promise<TimedPage<Viewing>>;
  usage(tx: Tx, scope: Scope, range: { from: number; to: number }): Promise<ViewingUsage[]>;
}

export interface MaskStore {
  read(tx: Tx, device: DeviceKey): Promise<CameraMasks>;
  write(
    tx: Tx,
    device: DeviceKey,
    change: { areas: readonly MaskArea[]; at: number; by: string },
  ): Promise<CameraMasks>;
}

export interface ClipStore {
  insert(tx: Tx, clip: ClipStart): Promise<void>;
  finish(tx: Tx, id: string, end: ClipEnd): Promise<void>;
  list(tx: Tx, device: DeviceKey, query: TimeRange & { readonly userId: string | null }): Promise<TimedPage<Clip>>;
  get(tx: Tx, device: DeviceKey, id: string): Promise<Clip | undefined>;
  expire(tx: Tx, now: number): Promise<string[]>;
  failAbandoned(tx: Tx, before: number): Promise<number>;
  bytes(tx: Tx): Promise<number>;
}
