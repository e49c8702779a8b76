import type { CameraConnection } from '../../../../adapters/adapter.ts';
import type { Actor } from '../../domain/actor.ts';
import type { CameraJob } from '../../domain/camera-job.ts';

/** Searches for cameras and looks at one, as jobs. */
export interface CameraJobPort {
  discover(
    actor: Actor,
    input: { readonly method: 'multicast' | 'subnet'; readonly cidr?: string; readonly seconds?: number },
  ): Promise<CameraJob>;
  probe(actor: Actor, connection: CameraConnection): Promise<CameraJob>;
  list(actor: Actor): readonly CameraJob[];
  get(actor: Actor, id: string): CameraJob;
  cancel(actor: Actor, id: string): Promise<CameraJob>;
}

/** Turning and restarting cameras. */
export interface PtzPort {
  act(
    actor: Actor,
    id: string,
    input: {
      readonly action: 'move' | 'stop' | 'preset';
      readonly pan?: number;
      readonly tilt?: number;
      readonly zoom?: number;
      readonly seconds?: number;
      readonly preset?: string;
    },
  ): Promise<{ readonly movingUntil: number | null }>;
  presets(
    actor: Actor,
    id: string,
  ): Promise<{ readonly items: readonly { readonly token: string; readonly name: string }[] }>;
  reboot(actor: Actor, id: string, reason: string): Promise<void>;
}
