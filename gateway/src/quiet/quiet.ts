import type { Actor } from '../domain/actor.ts';
import type { DeviceBrief, DeviceKey } from '../domain/device.ts';
import { may } from '../domain/permission.ts';
import type { QuietReasons } from '../domain/quiet.ts';
import type { QuietTime } from '../domain/quiet-rows.ts';
import { createDrills, type Drills } from './drills.ts';
import { createExcused, type Excused } from './excused.ts';
import { createQuietMemory } from './memory.ts';
import type { QuietDeps } from './ports.ts';
import { createQuietSpans, type QuietSpans } from './spans.ts';
import { createQuietSweep } from './sweep.ts';
import { createQuietTimes, type QuietTimes } from './times.ts';

export interface Quiet extends QuietTimes, QuietSpans {
  readonly drills: Drills;
  /** For the monitor; memory only. */
  readonly reasons: QuietReasons;
  /** For reports: approved maintenance of devices. */
  readonly excused: Excused;
  /** Whether a 重保 goes on for one of these devices. Memory only. */
  securityOf(devices: readonly DeviceKey[]): Pick<QuietTime, 'id' | 'name' | 'endsAt'> | undefined;
  /** So many times shorter faults of a device are held: 1 unless 重保 goes on there. Memory only. */
  pace(device: DeviceBrief): number;
  /** 重保 that goes on now, for the overview. */
  security(actor: Actor): Promise<readonly Pick<QuietTime, 'id' | 'name' | 'startsAt' | 'endsAt'>[]>;
  /** Reads what other gateways changed and deals with what is over; run it every few seconds. */
  sweep(): Promise<void>;
  /** Reads what other gateways changed and does no more. */
  refresh(): Promise<void>;
  start(): Promise<void>;
}

/** Maintenance windows, silences, 重保 and drills. */
export function createQuiet(deps: QuietDeps): Quiet {
  const memory = createQuietMemory(deps);
  const times = createQuietTimes(deps, memory);
  const sweep = createQuietSweep(deps, memory);
  return {
    ...times,
    drills: createDrills(deps),
    reasons: memory.reasons,
    excused: createExcused(deps),
    ...createQuietSpans(deps),
    securityOf(devices) {
      const now = deps.clock.now();
      for (const key of devices) {
        const brief = deps.directory.byKey(key);
        const found = brief && memory.securityOf(brief, now);
        if (found) return { id: found.id, name: found.name, endsAt: found.endsAt };
      }
      return undefined;
    },
    pace: (device) => (memory.securityOf(device, deps.clock.now()) ? deps.securityPace() : 1),
    async security(actor) {
      if (!may(actor, 'maintenanceWindows', 'read')) return [];
      const from = deps.clock.now();
      const span = { from, to: from + 1 };
      const rows = await deps.store.within(deps.db.autocommit, ['security'], span, actor.scope, actor.id, 20);
      return rows.map(({ id, name, startsAt, endsAt }) => ({ id, name, startsAt, endsAt }));
    },
    sweep,
    refresh: () => memory.refresh(),
    start: () => memory.refresh(true),
  };
}
