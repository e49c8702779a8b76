import type { DeviceKey } from '../../domain/device.ts';
import type { GroupKey } from '../../domain/grouping.ts';
import type { Severity } from '../../domain/reading.ts';
import type { Tx } from '../../domain/tx.ts';
import type { SettleContext } from '../context.ts';
import type { Case } from './cases.ts';
import type { LiveGroup, Member } from './ports.ts';

/** A group that is about to be opened. */
export interface Found {
  readonly key: string;
  readonly fault: 'offline' | 'massOutage';
  readonly reason: string;
  readonly severity: Severity;
  /** What the cause is called; the names of keys are looked up for all groups together. */
  readonly cause: (names: ReadonlyMap<string, string>) => string;
  readonly names: readonly GroupKey[];
  readonly evidence: Readonly<Record<string, unknown>>;
  /** Its cause is told elsewhere, or may not be told. */
  readonly suppressed: readonly string[];
  /** Silent devices it speaks for from now on. */
  readonly speaksFor: readonly DeviceKey[];
  /** Those and the ones that were told of on their own, or that another group speaks for. */
  readonly members: readonly DeviceKey[];
  /** false = told to people without a ticket of its own. */
  readonly ticket: boolean;
}

/** What is decided in one go. */
export interface Scene {
  readonly context: SettleContext;
  readonly tx: Tx;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly holdMs: number;
  /** All that fell silent within the window, with those that are quiet by themselves. */
  readonly recent: readonly Case[];
  /** Held and without a group so far. */
  readonly left: Map<DeviceKey, Case>;
  readonly live: readonly LiveGroup[];
  readonly joins: Member[];
  readonly found: Found[];
  /** Not decided yet: others are on their way. */
  readonly waiting: Set<DeviceKey>;
}

/** Takes devices out of what is left; they belong to a group now. */
export function take(scene: Scene, devices: Iterable<DeviceKey>): void {
  for (const device of devices) scene.left.delete(device);
}
