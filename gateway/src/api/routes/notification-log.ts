import Type from 'typebox';
import { GatewayError } from '../../errors.ts';
import { bilingual } from '../../messages/index.ts';
import type { RouteContext } from '../deps.ts';
import { page } from '../lists.ts';
import { route } from '../route.ts';
import { IdParams } from '../schema.ts';
import {
  AcknowledgementInput,
  AcknowledgementView,
  AnalysisQuery,
  AnalysisView,
  OutboxQuery,
  OutboxRowView,
  ResendInput,
} from '../schemas/notification.ts';

const tag = 'notifications';

/** What was said to whom, why or why not, and who answered. */
export const notificationLogRoutes = ({ services: { db, notifications, reads, tickets }, times }: RouteContext) => [
  route({
    method: 'GET',
    url: '/notifications',
    access: 'notifications:read',
    operationId: 'listNotifications',
    tag,
    summary: 'Notices and how far each one has come, newest first; `state=dead` are the dead letters',
    query: OutboxQuery,
    ok: page(OutboxRowView),
    async handler({ caller, query }) {
      const { cursor, limit = 50, ...filter } = query;
      const before = cursor === undefined ? {} : { before: Number(cursor) };
      const found = await notifications.messages({ ...filter, ...before, limit: limit + 1 }, caller.scope);
      const items = found.slice(0, limit);
      return { items, nextCursor: found.length > limit ? String(items.at(-1)?.id) : null };
    },
  }),
  route({
    method: 'POST',
    url: '/notifications/resend',
    access: 'notifications:update',
    operationId: 'resendNotifications',
    tag,
    summary: 'Send dead letters again',
    body: ResendInput,
    ok: Type.Object({ resent: Type.Integer() }),
    handler: async ({ caller, body }) => ({ resent: await notifications.resend(caller, body.ids) }),
  }),
  route({
    method: 'GET',
    url: '/notifications/analyse',
    // Whoever hands tickets on asks why nobody was told of one; what it tells is of a ticket he sees.
    access: 'tickets:decide',
    operationId: 'analyseNotifications',
    tag,
    summary: 'Why somebody was told of a ticket or incident, or why nobody was',
    query: AnalysisQuery,
    ok: AnalysisView,
    problems: ['NOT_FOUND'],
    async handler({ caller, query, language }) {
      const { ticketId, incidentId } = query;
      if ((ticketId === undefined) === (incidentId === undefined)) {
        const message = bilingual('notify.oneSubject');
        throw new GatewayError('INVALID_INPUT', message, { errors: [{ path: 'ticketId', code: 'one', message }] });
      }
      if (ticketId !== undefined) await tickets.get(caller, ticketId);
      else if (!(await reads.incident(db.autocommit, caller.scope, incidentId ?? '')))
        throw new GatewayError('NOT_FOUND');
      return notifications.analyse(query, language);
    },
  }),
  route({
    method: 'POST',
    url: '/tickets/:id/acknowledge',
    access: 'tickets:update',
    operationId: 'acknowledgeTicket',
    tag: 'tickets',
    summary: 'Acknowledge an alarm about life and limb: it is not repeated and not raised any more',
    params: IdParams,
    ok: AcknowledgementView,
    problems: ['NOT_FOUND', 'UNPROCESSABLE'],
    async handler({ caller, params }) {
      const { id } = await tickets.get(caller, params.id);
      return notifications.acknowledge(caller, { ticketId: id });
    },
  }),
  route({
    method: 'POST',
    url: '/incidents/:id/acknowledge',
    access: 'incidents:update',
    operationId: 'acknowledgeIncident',
    tag: 'incidents',
    summary:
      'The same for an incident without a ticket; of one that is not about life and limb: somebody sees to it `until` (a day), then it is told again if it is still open',
    params: IdParams,
    body: AcknowledgementInput,
    bodyOptional: true,
    ok: AcknowledgementView,
    problems: ['NOT_FOUND', 'UNPROCESSABLE', 'CONFLICT'],
    async handler({ caller, params, body }) {
      const found = await reads.incident(db.autocommit, caller.scope, params.id);
      if (!found) throw new GatewayError('NOT_FOUND');
      if (!found.lifeSafety) {
        const { note, until } = body ?? {};
        return notifications.acknowledgeIncident(caller, found.id, {
          ...(note === undefined ? {} : { note }),
          ...(until === undefined ? {} : { until: times.parse(until, '/until') }),
        });
      }
      return notifications.acknowledge(caller, { incidentId: found.id });
    },
  }),
];
