import type { Logger } from '../../../adapters/adapter.ts';
import type { DeviceBrief } from '../domain/device.ts';
import type { QuietReasons } from '../domain/quiet.ts';
import type { Transactor } from '../domain/tx.ts';
import type { Outages } from './grouping/outages.ts';
import type { OwnPaths } from './grouping/own-path.ts';
import type { GroupStore } from './grouping/ports.ts';
import type { VendorLinks } from './grouping/vendor-links.ts';
import type { Memory } from './memory.ts';
import type { Pairs } from './pairs.ts';
import type { Directory, HealthStore, IncidentStore, OnDecision, TypeSource } from './ports.ts';

/** What everything that judges and decides works with. */
export interface SettleContext {
  readonly store: HealthStore;
  readonly incidents: IncidentStore;
  readonly transactor: Transactor;
  readonly memory: Memory;
  readonly directory: Directory;
  readonly types: TypeSource;
  readonly onDecision: OnDecision;
  readonly log: Logger;
  readonly wall: () => number;
  readonly now: (path: string) => number;
  readonly nows: () => ReadonlyMap<string, number>;
  /** Whether we closed this vendor's login, so that silence behind it is no fault of its devices. */
  readonly vendorMuted: (vendorId: string) => boolean;
  readonly groups: GroupStore;
  readonly quiet: QuietReasons;
  readonly pairs: Pick<Pairs, 'touched'>;
  readonly ownPaths: OwnPaths;
  readonly vendorLinks: VendorLinks;
  readonly outages: Outages;
  readonly groupHoldMs: () => number;
  /** Milliseconds a new fault of this device is held; shorter than {@link groupHoldMs} where 重保 goes on. */
  readonly holdMs: (device: DeviceBrief) => number;
  /** Share of the judged devices above which silence may be our own. */
  readonly massShare: () => number;
  /** What is silent this long after its group ended is told of on its own, milliseconds. */
  readonly leftoverAfterMs: () => number;
  readonly relapseMs: number;
}

/** Runs one of our transactions at a time. */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T>;
