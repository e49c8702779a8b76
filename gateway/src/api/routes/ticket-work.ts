import Type from 'typebox';
import { CAUSES, codesOf, FAULT_TYPES, MANUAL_KINDS } from '../../domain/ticket-codes.ts';
import { GatewayError } from '../../errors.ts';
import { bilingual } from '../../messages/index.ts';
import type { RouteContext } from '../deps.ts';
import { listQuery, page } from '../lists.ts';
import type { BulkStep } from '../ports/tickets.ts';
import { route } from '../route.ts';
import { List, Nullable, Strict } from '../schema.ts';
import { TicketParams, TicketView } from '../schemas/ticket.ts';
import {
  AcknowledgeBody,
  AskBody,
  AskDecisionBody,
  AskParams,
  AssignBody,
  BulkBody,
  BulkView,
  CodesView,
  MergeBody,
  PartyBody,
  PartyRemovalBody,
  SplitBody,
  SuperviseBody,
} from '../schemas/ticket-work.ts';

const tag = 'tickets';
const changes = ['NOT_FOUND', 'TRANSITION_NOT_ALLOWED', 'UNPROCESSABLE', 'CONFLICT'] as const;

/** What people do with a ticket beside moving it: 延期, 挂起, 改派, 督办, 协办, merging, many at once. */
export const ticketWorkRoutes = ({ services: { tickets }, times }: RouteContext) => [
  route({
    method: 'GET',
    url: '/ticket-codes',
    access: 'tickets:read',
    operationId: 'listTicketCodes',
    tag,
    summary: 'Fault types (故障类型), causes (原因) and kinds of reports, those of a module or all',
    query: Strict({ module: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })) }),
    ok: CodesView,
    handler({ query: { module = null } }) {
      const manual = MANUAL_KINDS.filter((kind) => module === null || kind.module === null || kind.module === module);
      return { faultTypes: codesOf(FAULT_TYPES, module), causes: codesOf(CAUSES, module), manualKinds: manual };
    },
  }),
  ...(['extension', 'suspension'] as const).map((kind) =>
    route({
      method: 'POST',
      url: `/tickets/:id/${kind}s`,
      access: 'tickets:update',
      operationId: kind === 'extension' ? 'requestExtension' : 'requestSuspension',
      tag,
      summary: kind === 'extension' ? 'Ask for more time (延期)' : 'Ask to suspend the work until a time (挂起)',
      description: 'What the lead department asks itself is approved at once; every other request waits for it.',
      params: TicketParams,
      body: AskBody,
      status: 201,
      ok: TicketView,
      problems: changes,
      handler: ({ caller, params, body, language }) =>
        tickets.ask(
          caller,
          params.id,
          kind,
          { reason: body.reason, until: times.parse(body.until, '/until') },
          language,
        ),
    }),
  ),
  route({
    method: 'POST',
    url: '/tickets/:id/requests/:n/decision',
    access: 'tickets:decide',
    operationId: 'decideTicketRequest',
    tag,
    summary: 'Approve or refuse a request for more time or a suspension; by the lead department, never by who asked',
    params: AskParams,
    body: AskDecisionBody,
    ok: TicketView,
    problems: changes,
    handler: ({ caller, params, body, language }) =>
      tickets.decide(caller, params.id, Number(params.n), body, language),
  }),
  route({
    method: 'POST',
    url: '/tickets/:id/assign',
    access: 'tickets:update',
    operationId: 'assignTicket',
    tag,
    summary: 'Reassign (改派) to another person or organisation',
    description: 'The handling party names another person of its own; a dispatcher names anybody.',
    params: TicketParams,
    body: AssignBody,
    ok: TicketView,
    problems: changes,
    handler: ({ caller, params, body, language }) => tickets.assign(caller, params.id, body, language),
  }),
  route({
    method: 'POST',
    url: '/tickets/:id/supervise',
    access: 'tickets:decide',
    operationId: 'superviseTicket',
    tag,
    summary: 'Instruction from above (督办), told to who handles the ticket',
    params: TicketParams,
    body: SuperviseBody,
    status: 201,
    ok: TicketView,
    problems: changes,
    handler: ({ caller, params, body, language }) => tickets.supervise(caller, params.id, body.instruction, language),
  }),
  route({
    method: 'POST',
    url: '/tickets/:id/parties',
    access: 'tickets:update',
    operationId: 'addTicketParty',
    tag,
    summary: 'Add an assisting (协办) or related (关注) organisation',
    params: TicketParams,
    body: PartyBody,
    status: 201,
    ok: TicketView,
    problems: changes,
    handler({ caller, params, body, language }) {
      const { respondBy, ...rest } = body;
      const input = respondBy === undefined ? rest : { ...rest, respondBy: times.parse(respondBy, '/respondBy') };
      return tickets.addParty(caller, params.id, input, language);
    },
  }),
  route({
    method: 'POST',
    url: '/tickets/:id/parties/acknowledge',
    access: 'tickets:update',
    operationId: 'acknowledgeAsParty',
    tag,
    summary: 'An assisting or related party says that it knows',
    params: TicketParams,
    body: AcknowledgeBody,
    bodyOptional: true,
    ok: TicketView,
    problems: ['NOT_FOUND'],
    handler: ({ caller, params, body, language }) => tickets.acknowledge(caller, params.id, body?.note, language),
  }),
  route({
    method: 'POST',
    url: '/tickets/:id/parties/remove',
    access: 'tickets:update',
    operationId: 'removeTicketParty',
    tag,
    summary: 'Take an assisting or related organisation off the ticket again',
    params: TicketParams,
    body: PartyRemovalBody,
    ok: TicketView,
    problems: changes,
    handler: ({ caller, params, body, language }) => tickets.removeParty(caller, params.id, body, language),
  }),
  route({
    method: 'GET',
    url: '/tickets/:id/devices',
    access: 'tickets:read',
    operationId: 'listTicketDevices',
    tag,
    summary: 'All devices of a ticket',
    params: TicketParams,
    query: Strict({ limit: listQuery.limit, cursor: listQuery.cursor }),
    ok: page(Type.Object({ id: Type.String() })),
    problems: ['NOT_FOUND'],
    handler({ caller, params, query: { limit, cursor } }) {
      const asked = { ...(limit === undefined ? {} : { limit }), ...(cursor === undefined ? {} : { cursor }) };
      return tickets.devices(caller, params.id, asked);
    },
  }),
  route({
    method: 'GET',
    url: '/tickets/:id/people',
    access: 'tickets:update',
    operationId: 'listTicketPeople',
    tag,
    summary: 'Who may be named to work on a ticket, the handling party’s own people first',
    params: TicketParams,
    ok: Type.Object({
      items: List(Type.Object({ id: Type.String(), name: Type.String(), orgId: Nullable(Type.String()) })),
    }),
    problems: ['NOT_FOUND'],
    handler: async ({ caller, params }) => ({ items: await tickets.people(caller, params.id) }),
  }),
  route({
    method: 'POST',
    url: '/tickets/:id/merge',
    access: 'tickets:decide',
    operationId: 'mergeTickets',
    tag,
    summary: 'Take other open tickets of the same module and kind into this one; they become void with a link',
    params: TicketParams,
    body: MergeBody,
    ok: TicketView,
    problems: changes,
    handler: ({ caller, params, body, language }) => tickets.merge(caller, params.id, body, language),
  }),
  route({
    method: 'POST',
    url: '/tickets/:id/split',
    access: 'tickets:decide',
    operationId: 'splitTicket',
    tag,
    summary: 'Take devices out of a ticket into one of their own; answers the new ticket',
    params: TicketParams,
    body: SplitBody,
    status: 201,
    ok: TicketView,
    problems: changes,
    handler: ({ caller, params, body, language }) => tickets.split(caller, params.id, body, language),
  }),
  route({
    method: 'POST',
    url: '/tickets/bulk',
    access: 'tickets:update',
    operationId: 'bulkTickets',
    tag,
    summary: 'The same step on many tickets, each by its own rules; says what became of each',
    description:
      'Either `ids` or `filter`, and exactly one of `transition`, `assign` and `comment`. 500 tickets a call.',
    body: BulkBody,
    ok: BulkView,
    handler({ caller, body, language }) {
      const { ids, filter, transition, assign, comment } = body;
      if ((ids === undefined) === (filter === undefined)) throw oneOf('ids, filter');
      const steps: BulkStep[] = [];
      if (transition) {
        const { until, ...rest } = transition;
        const parsed = until === undefined ? {} : { until: times.parse(until, '/transition/until') };
        steps.push({ action: 'transition', ...rest, ...parsed });
      }
      if (assign) steps.push({ action: 'assign', ...assign });
      if (comment) steps.push({ action: 'comment', ...comment });
      const [step] = steps;
      if (!step || steps.length > 1) throw oneOf('transition, assign, comment');
      return tickets.bulk(caller, { step, ...(ids ? { ids } : {}), ...(filter ? { filter } : {}) }, language);
    },
  }),
];

function oneOf(fields: string): GatewayError {
  const message = bilingual('ticket.refused.oneOf', { fields });
  return new GatewayError('INVALID_INPUT', message, { errors: [{ path: '/', code: 'oneOf', message }] });
}
