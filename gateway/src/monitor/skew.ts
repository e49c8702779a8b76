import { isSkewed } from '../domain/health-rules.ts';
import type { DeviceMemory } from './memory.ts';

/** Fault of a device whose clock is wrong; a finding of the gateway's own, beside the alarms of its type. */
export const CLOCK_SKEW = 'clockSkew';
/** One wrong time is none: a message this much later must say the same. */
const HOLD_MS = 600_000;

/** Takes in what a message says of the device's clock; returns whether the device must be judged. */
export function noteSkew(device: DeviceMemory, skewMs: number, observed: number, receivedAt: number): boolean {
  const was = device.skewed;
  device.skewed = isSkewed(was, skewMs);
  const alarm = device.alarms?.get(CLOCK_SKEW);
  if (!device.skewed) {
    if (!alarm) return was;
    device.alarms?.delete(CLOCK_SKEW);
    if (device.alarms?.size === 0) device.alarms = null;
    device.endings ??= new Map();
    device.endings.set(CLOCK_SKEW, { skewMs });
    device.alarmChanges += 1;
    return true;
  }
  const evidence = { skewMs, since: new Date(alarm?.since ?? receivedAt).toISOString() };
  const row = { device: device.key, code: CLOCK_SKEW, component: '', path: device.path, evidence };
  if (!alarm) {
    device.alarms ??= new Map();
    device.alarms.set(CLOCK_SKEW, { ...row, state: 'pending', since: receivedAt, deadline: observed + HOLD_MS });
    device.endings?.delete(CLOCK_SKEW);
  } else if (alarm.state === 'pending' && observed >= (alarm.deadline ?? 0)) {
    device.alarms?.set(CLOCK_SKEW, { ...row, state: 'active', since: alarm.since, deadline: null });
  } else return false;
  device.alarmChanges += 1;
  return true;
}
