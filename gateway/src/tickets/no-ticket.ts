import type { DeviceKey } from '../domain/device.ts';
import type { DeviceFacts } from '../domain/duty-rows.ts';
import type { Decision } from '../domain/health.ts';
import type { Notice } from '../domain/notice.ts';
import { priorityOf } from '../domain/ticket.ts';
import { common } from './decide.ts';

/** A decision without a ticket is told under its incident. */
export function noticeWithoutTicket(decision: Decision, facts: ReadonlyMap<DeviceKey, DeviceFacts>): Notice {
  const devices = decision.devices.flatMap((key) => facts.get(key) ?? []);
  const siteId = common(devices.map((device) => device.siteId));
  return {
    key: `incident:${decision.incidentId}:${decision.action}:${decision.at}`,
    subject: `incident:${decision.incidentId}`,
    event: decision.action === 'resolved' ? 'resolved' : 'firing',
    ticketId: null,
    ticketNo: null,
    incidentId: decision.incidentId,
    fault: decision.fault,
    ...(decision.cause ? { title: decision.cause } : {}),
    component: decision.component,
    severity: decision.severity,
    priority: priorityOf(decision.severity, decision.lifeSafety),
    lifeSafety: decision.lifeSafety,
    late: decision.late,
    drill: false,
    stage: null,
    module: common(devices.map((device) => device.module)),
    orgId: common(devices.map((device) => device.orgId)),
    siteId,
    siteName: siteId === null ? null : (devices[0]?.siteName ?? null),
    handlerOrgId: null,
    assigneeId: null,
    devices: devices.slice(0, 20).map(({ id, name }) => ({ id, name })),
    deviceCount: decision.devices.length,
    reason: decision.reason,
    advice: decision.advice,
    at: decision.at,
  };
}
