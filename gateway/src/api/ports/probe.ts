import type { Actor } from '../../domain/actor.ts';

/** What a look at a device said; the same look that a reported repair has to stand. */
export interface ProbedDevice {
  readonly ok: boolean;
  /** Epoch milliseconds. */
  readonly at: number;
  /** `ok`, or the code of what is wrong. */
  readonly reason: string;
  readonly detail: unknown;
}

/** A re-check on demand; whoever may not see the device gets NOT_FOUND. */
export interface ProbePort {
  /** `fault` = whether that one is gone, as it would be judged when the repair is reported; else whether it answers. */
  now(actor: Actor, deviceId: string, fault?: string): Promise<ProbedDevice>;
}
