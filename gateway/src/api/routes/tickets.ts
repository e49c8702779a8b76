import Type from 'typebox';
import { TICKET_STAGES } from '../../domain/ticket.ts';
import { commaList, listQuery, page, sortBy } from '../lists.ts';
import { route } from '../route.ts';
import { Strict } from '../schema.ts';
import { CommentBody, TicketBody, TicketParams, TicketView, TransitionBody } from '../schemas/ticket.ts';
import type { RouteContext } from './index.ts';

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
      ...sortBy(['openedAt', 'dueAt', 'stageSince']),
      stage: Type.Optional(
        Type.String({ maxLength: 200, description: `Comma-separated: ${TICKET_STAGES.join(', ')}` }),
      ),
      deviceId: id('Device'),
      siteId: id('Site'),
      module: id('Module'),
      assigneeId: id('Person who handles it'),
    }),
    ok: page(TicketView),
    handler({ caller, query }) {
      const { stage, ...rest } = query;
      const stages = commaList(stage, TICKET_STAGES, 'stage');
      return tickets.list(caller, { ...rest, ...(stages ? { stage: stages } : {}) });
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
    handler: ({ caller, body }) => tickets.create(caller, body),
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
    handler: ({ caller, params }) => tickets.get(caller, params.id),
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
    handler({ caller, params, body }) {
      const { until, ...rest } = body;
      return tickets.transition(caller, params.id, {
        ...rest,
        ...(until === undefined ? {} : { until: times.parse(until, '/until') }),
      });
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
    handler: ({ caller, params, body }) => tickets.comment(caller, params.id, body.note),
  }),
];
