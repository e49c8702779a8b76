import { randomUUID } from 'node:crypto';
import type { DeviceRecord } from '../../domain/device-record.ts';
import { type Notice, shared } from '../../domain/notice.ts';

/** Devices named in a notice; the number says how many there are. */
const NAMED = 20;

export const DECISION_FAULTS = {
  approve: 'deviceApproved',
  approveOverridden: 'deviceApproved',
  reject: 'deviceRejected',
  return: 'deviceReturned',
} as const;
export type Decided = keyof typeof DECISION_FAULTS;

export const isDecided = (what: string): what is Decided => Object.hasOwn(DECISION_FAULTS, what);

/** One notice a vendor for what was decided about its devices, however many they are. */
export function decidedNotices(
  what: Decided,
  reason: string,
  records: readonly DeviceRecord[],
  at: number,
): readonly Notice[] {
  const byVendor = new Map<string, DeviceRecord[]>();
  for (const record of records) {
    if (record.vendorId === null) continue;
    const mine = byVendor.get(record.vendorId);
    if (mine) mine.push(record);
    else byVendor.set(record.vendorId, [record]);
  }
  return [...byVendor].map(([vendorId, mine]) => ({
    key: `registration:${randomUUID()}`,
    subject: `vendor:${vendorId}:registration`,
    event: 'firing',
    ticketId: null,
    ticketNo: null,
    incidentId: null,
    fault: DECISION_FAULTS[what],
    component: null,
    severity: 'info',
    priority: 'normal',
    lifeSafety: false,
    late: false,
    drill: false,
    stage: null,
    module: shared(mine, 'module'),
    orgId: shared(mine, 'orgId'),
    siteId: null,
    siteName: null,
    handlerOrgId: null,
    assigneeId: null,
    devices: mine.slice(0, NAMED).map(({ id, name }) => ({ id, name })),
    deviceCount: mine.length,
    reason,
    advice: { zh: reason, en: reason },
    at,
  }));
}
