import type { DeviceKey } from '../domain/device.ts';
import type { FactRow, Rearm } from '../domain/health-rows.ts';
import type { SettleContext } from './context.ts';
import { isJudged } from './judge.ts';
import { policyOf } from './learning.ts';
import type { DeviceMemory } from './memory.ts';
import { numberOf, slotOf } from './memory.ts';
import { typeOf } from './ports.ts';
import { freshWithinOf } from './shape.ts';
import { CLOCK_SKEW } from './skew.ts';

/** Due facts of one pass: most only need a later deadline, the others a judgement. */
export interface Sorted {
  readonly rearm: Rearm[];
  readonly judge: Set<DeviceKey>;
}

/**
 * Rows are re-armed lazily: evidence never touches them, so a due row of a healthy device is compared with memory and
 * moved on without locking or judging anything.
 */
export function sortDue(context: SettleContext, due: readonly FactRow[]): Sorted {
  const rearm: Rearm[] = [];
  const judge = new Set<DeviceKey>();
  for (const fact of due) {
    const moved = fact.deadline === null ? null : rearmed(context, fact, fact.deadline);
    if (moved) rearm.push(moved);
    else judge.add(fact.device);
  }
  return { rearm, judge };
}

function rearmed(context: SettleContext, fact: FactRow, was: number): Rearm | null {
  const device = context.memory.get(fact.device);
  const brief = context.directory.get(fact.device);
  if (!device || !isJudged(brief) || device.path !== fact.path) return null;
  const same = { device: fact.device, name: fact.name, was };
  const type = typeOf(context.types, brief);
  if (fact.name === 'link') {
    if (fact.state !== 'good' || !type) return null;
    const deadline = goodUntil(device, context.now(fact.path), policyOf(device, type, brief));
    return deadline === null ? null : { ...same, deadline, state: 'good', reason: fact.reason };
  }
  if (!fact.name.startsWith('data:')) return null;
  // The data of a dead device wait for its return; it is judged as a whole then.
  if (device.linkBad && fact.state === 'good') {
    return { ...same, deadline: null, state: 'unknown', reason: 'deviceOffline' };
  }
  if (device.linkTroubled || fact.state !== 'good') return null;
  const metric = fact.name.slice('data:'.length);
  const value = slotOf(device, numberOf(metric));
  const freshWithin = freshWithinOf(type, brief.healthPolicy, metric);
  if (value === undefined || freshWithin === null || value + freshWithin <= context.now(fact.path)) return null;
  return { ...same, deadline: value + freshWithin, state: 'good', reason: fact.reason };
}

function goodUntil(
  device: DeviceMemory,
  now: number,
  policy: { offlineAfter: number; suspectAfter: number },
): number | null {
  if (device.session === 'up') return now + policy.offlineAfter;
  if (device.session === 'lost' && device.seen <= device.sessionObserved) return null;
  const alive = Math.max(
    device.seen,
    device.session === 'none' || device.session === 'lost' ? 0 : device.sessionObserved,
  );
  return alive + policy.suspectAfter > now ? alive + policy.suspectAfter : null;
}

/** Makes pending alarms active whose condition has held for long enough; their devices are to be judged. */
export function ripen(context: SettleContext, pending: Set<DeviceKey>, dirty: Set<DeviceKey>): void {
  for (const key of pending) {
    const device = context.memory.get(key);
    let waiting = false;
    for (const alarm of device?.alarms?.values() ?? []) {
      // A clock is wrong when a later message says so, not when time passes.
      if (alarm.state !== 'pending' || alarm.code === CLOCK_SKEW) continue;
      if ((alarm.deadline ?? 0) > context.now(alarm.path)) waiting = true;
      else if (device) {
        device.alarms?.set(alarm.code, { ...alarm, state: 'active', since: context.wall(), deadline: null });
        device.alarmChanges += 1;
        dirty.add(key);
      }
    }
    if (!waiting) pending.delete(key);
  }
}
