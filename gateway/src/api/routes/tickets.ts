import { Readable } from 'node:stream';
import Type from 'typebox';
import { ExportPurpose } from '../../domain/export-mark.ts';
import type { RouteContext } from '../deps.ts';
import { attach, TableEncoding, TableFormat } from '../files.ts';
import { listQuery, page } from '../lists.ts';
import { route } from '../route.ts';
import { Strict } from '../schema.ts';
import { CommentBody, TicketBody, TicketParams, TicketView, TransitionBody } from '../schemas/ticket.ts';
import { ticketFilterOf, ticketFilters } from '../ticket-filters.ts';

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
      ...ticketFilters,
    }),
    ok: page(TicketView),
    handler({ caller, query: { limit, cursor, ...filter }, language }) {
      const paged = { ...(limit === undefined ? {} : { limit }), ...(cursor === undefined ? {} : { cursor }) };
      return tickets.list(caller, ticketFilterOf(filter), paged, language);
    },
  }),
  route({
    method: 'GET',
    url: '/tickets/export',
    access: 'tickets:export',
    operationId: 'exportTickets',
    tag: 'tickets',
    summary: 'The tickets of a list as a table in the language asked for; marked and audited',
    query: Strict({
      purpose: ExportPurpose,
      format: Type.Optional(TableFormat),
      encoding: Type.Optional(TableEncoding),
      ...ticketFilters,
    }),
    produces: 'application/octet-stream',
    ok: Type.Unsafe<Readable>({ type: 'string', format: 'binary' }),
    problems: ['PAYLOAD_TOO_LARGE'],
    async handler({ caller, query, reply, language }) {
      const { purpose, format = 'xlsx', encoding = 'utf-8', ...narrowed } = query;
      const asked = { filter: ticketFilterOf(narrowed), purpose, format, encoding };
      const file = await tickets.export(caller, asked, language);
      attach(reply, file);
      return Readable.from(file.chunks);
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
