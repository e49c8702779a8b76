import type { Actor } from '../../domain/actor.ts';
import type { DeviceKey } from '../../domain/device.ts';
import type { MaskArea } from '../../domain/privacy-mask.ts';

/** What nobody may see of a camera. A rejection keeps every picture back. */
export type MasksOf = (device: DeviceKey) => Promise<readonly MaskArea[]>;

/** 调阅登记: written before a picture leaves; a rejection keeps it back. */
export type RecordViewing = (
  actor: Actor,
  device: { readonly key: DeviceKey; readonly id: string },
  what: { readonly mode: 'snapshot' | 'masked'; readonly purpose: string; readonly bytes: number },
) => Promise<void>;
