import Type from 'typebox';
import { DURATION_PATTERN, parseDuration } from '../../domain/duration.ts';
import { TICKET_KINDS, TICKET_PRIORITIES, TICKET_STAGES } from '../../domain/ticket.ts';
import type { RouteContext } from '../deps.ts';
import { commaList, listQuery, page } from '../lists.ts';
import { route } from '../route.ts';
import { Enum, Strict } from '../schema.ts';
import { CommentBody, TicketBody, TicketParams, TicketView, TransitionBody } from '../schemas/ticket.ts';

const id = (description: string) => Type.Optional(Type.String({ maxLength: 64, description }));

export const ticketRoutes = ({ services: { tickets }, times }: RouteContext) => [
  route({
    method: 'GET',
    url: '/tickets',
    access: 'tickets:read',
    operationId: 'listTickets',
    tag: 'tickets',
    summary: 'Tickets the caller may see',
    query: Strict({
      ...listQuery,
      stage: Type.Optional(
        Type.String({ maxLength: 200, description: `Comma-separated: ${TICKET_STAGES.join(', ')}` }),
      ),
      kind: Type.Optional(Enum(TICKET_KINDS)),
      fault: id('Fault code'),
      overdue: Type.Optional(Type.Boolean()),
      orgId: id('Organisation'),
      incidentId: id('Incident'),
      deviceId: id('Device'),
      siteId: id('Site'),
      module: id('Module'),
      assigneeId: id('Person who handles it; `me` = the caller'),
      dueWithin: Type.Optional(
        Type.String({ pattern: DURATION_PATTERN, description: 'Its limit passes within this time, e.g. `2h`' }),
      ),
      priority: Type.Optional(Enum(TICKET_PRIORITIES)),
      cause: id('Cause code'),
      faultType: id('Fault type code'),
      mine: Type.Optional(Type.Boolean({ description: 'Assigned to or reported by the caller' })),
      drill: Type.Optional(Type.Boolean()),
      supervised: Type.Optional(Type.Boolean({ description: '督办' })),
      returned: Type.Optional(Type.Boolean({ description: 'Given back at least once' })),
      pending: Type.Optional(
        Enum(['extension', 'suspension', 'escalation'], {
          description: 'A request of this kind, or a step higher (视情), waits for a decision',
        }),
      ),
    }),
    ok: page(TicketView),
    handler({ caller, query, language }) {
      const { stage, limit, cursor, dueWithin, ...rest } = query;
      const soon = dueWithin === undefined ? undefined : parseDuration(dueWithin);
      const stages = commaList(stage, TICKET_STAGES, 'stage');
      return tickets.list(
        caller,
        { ...rest, ...(stages ? { stage: stages } : {}), ...(soon === undefined ? {} : { dueWithin: soon }) },
        { ...(limit === undefined ? {} : { limit }), ...(cursor === undefined ? {} : { cursor }) },
        language,
      );
    },
  }),
  route({
    method: 'POST',
    url: '/tickets',
    access: 'tickets:create',
    operationId: 'createTicket',
    tag: 'tickets',
    summary: 'Open a ticket by hand',
    body: TicketBody,
    status: 201,
    ok: TicketView,
    problems: ['CONFLICT'],
    handler: ({ caller, body, language }) => tickets.create(caller, body, language),
  }),
  route({
    method: 'GET',
    url: '/tickets/:id',
    access: 'tickets:read',
    operationId: 'getTicket',
    tag: 'tickets',
    summary: 'One ticket with its history',
    params: TicketParams,
    ok: TicketView,
    problems: ['NOT_FOUND'],
    handler: ({ caller, params, language }) => tickets.get(caller, params.id, language),
  }),
  route({
    method: 'POST',
    url: '/tickets/:id/transitions',
    access: 'tickets:update',
    operationId: 'transitionTicket',
    tag: 'tickets',
    summary: 'Move a ticket to another stage',
    description: 'What the table of stages does not allow answers 409 with `allowed`.',
    params: TicketParams,
    body: TransitionBody,
    ok: TicketView,
    problems: ['NOT_FOUND', 'TRANSITION_NOT_ALLOWED', 'UNPROCESSABLE'],
    handler({ caller, params, body, language }) {
      const { until, ...rest } = body;
      const input = { ...rest, ...(until === undefined ? {} : { until: times.parse(until, '/until') }) };
      return tickets.transition(caller, params.id, input, language);
    },
  }),
  route({
    method: 'POST',
    url: '/tickets/:id/comments',
    access: 'tickets:update',
    operationId: 'commentTicket',
    tag: 'tickets',
    summary: 'Add a remark to the history',
    params: TicketParams,
    body: CommentBody,
    status: 201,
    ok: TicketView,
    problems: ['NOT_FOUND'],
    handler: ({ caller, params, body, language }) => tickets.comment(caller, params.id, body.note, language),
  }),
];
