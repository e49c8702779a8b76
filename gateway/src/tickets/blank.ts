import { randomUUID } from 'node:crypto';
import type { TicketRecord } from '../domain/ticket.ts';
import type { TransitionRules } from '../domain/ticket-transition.ts';
import { type Draft, moveBySystem, warn } from './draft.ts';
import type { Handler } from './who.ts';

/** A ticket in 发现 about which nothing is known yet; its number comes when it is saved. */
export function blankTicket(now: number): Omit<TicketRecord, 'kind' | 'fault' | 'priority' | 'severity'> {
  return {
    id: `tk_${randomUUID().replaceAll('-', '')}`,
    no: '',
    title: null,
    component: null,
    lifeSafety: false,
    stage: 'discovered',
    stageSince: now,
    resumeStage: null,
    suspendedUntil: null,
    subject: null,
    module: null,
    siteId: null,
    orgId: null,
    handlerOrgId: null,
    assigneeId: null,
    handledBy: null,
    cause: null,
    evidence: [],
    incidentId: null,
    openedAt: now,
    roundSince: now,
    acceptedAt: null,
    firing: false,
    recoveredAt: null,
    fireCount: 1,
    reopenOf: null,
    drill: false,
    dueAt: null,
    openedBy: 'system',
    faultType: null,
    advice: null,
    mergedInto: null,
    openIncidents: [],
    returnCount: 0,
    superviseCount: 0,
    revision: 1,
  };
}

/** 发现 → 立案 → 派单 by the system, as far as module and handler are known. */
export function dispatchNew(draft: Draft, handler: Handler, now: number, rules: TransitionRules): void {
  if (draft.ticket.module === null) {
    warn(draft, 'noModule', now);
    return;
  }
  moveBySystem(draft, { to: 'filed', code: 'filed' }, now, rules);
  if (handler.orgId !== null)
    moveBySystem(
      draft,
      { to: 'dispatched', code: 'dispatched', handlerOrgId: handler.orgId, assigneeId: handler.userId },
      now,
      rules,
    );
  for (const warning of handler.warnings) warn(draft, warning, now);
}
