import type { Actor } from '../../domain/actor.ts';
import type { DeviceKey } from '../../domain/device.ts';
import type { MaskArea } from '../../domain/privacy-mask.ts';

/** A camera as the registry answers it to somebody who may see it. */
export interface ViewedCamera {
  readonly key: DeviceKey;
  readonly id: string;
  readonly name: string;
  /** Epoch milliseconds of the last change of its record; a picture of before may show another place. */
  readonly updatedAt: number;
}

/** What nobody may see of a camera. A rejection keeps every picture back. */
export type MasksOf = (device: DeviceKey) => Promise<readonly MaskArea[]>;

/** 调阅登记: written before a picture leaves; a rejection keeps it back. */
export type RecordViewing = (
  actor: Actor,
  device: { readonly key: DeviceKey; readonly id: string },
  what: { readonly mode: 'snapshot' | 'masked'; readonly purpose: string; readonly bytes: number },
) => Promise<void>;
