import Type from 'typebox';
import { EVIDENCE_KINDS, TICKET_KINDS, TICKET_PRIORITIES, TICKET_STAGES } from '../../domain/ticket.ts';
import { Anything, Dict, Enum, List, Named, Nullable, Strict, TimeIn, TimeOut } from '../schema.ts';

const Text = Type.String();
export const TicketParams = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64, description: 'Ticket id' }) });

export const EvidenceView = Type.Object({
  kind: Enum(EVIDENCE_KINDS),
  at: TimeOut,
  by: Text,
  deviceId: Type.Optional(Text),
  ok: Type.Optional(Type.Boolean()),
  detail: Type.Optional(Anything),
});

export const HistoryView = Type.Object({
  from: Nullable(Enum(TICKET_STAGES)),
  to: Enum(TICKET_STAGES),
  by: Text,
  at: TimeOut,
  note: Nullable(Text),
  code: Type.Optional(Nullable(Type.String({ description: 'What the system noted, as a stable code' }))),
  values: Type.Optional(Dict(Anything)),
  cause: Type.Optional(Nullable(Text)),
});

export const TicketView = Named(
  'Ticket',
  Type.Object({
    id: Text,
    no: Type.String({ description: 'Number people use', examples: ['20261123-0001'] }),
    kind: Enum(TICKET_KINDS),
    fault: Text,
    title: Type.Optional(Nullable(Text)),
    priority: Enum(TICKET_PRIORITIES),
    stage: Enum(TICKET_STAGES),
    deviceIds: List(Text),
    component: Nullable(Text),
    siteId: Nullable(Text),
    orgId: Nullable(Text),
    module: Nullable(Text),
    incidentId: Nullable(Text),
    handlerOrgId: Nullable(Text),
    assigneeId: Nullable(Text),
    cause: Nullable(Text),
    evidence: List(EvidenceView),
    history: List(HistoryView),
    openedAt: TimeOut,
    stageSince: TimeOut,
    dueAt: Nullable(TimeOut),
    overdueSeconds: Type.Integer({ minimum: 0 }),
    reopenOf: Nullable(Text),
    drill: Type.Boolean(),
  }),
);

export const TransitionBody = Named(
  'TicketTransition',
  Strict({
    to: Enum(TICKET_STAGES),
    note: Type.Optional(Type.String({ minLength: 1, maxLength: 2_000 })),
    assigneeId: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    handlerOrgId: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    cause: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    until: Type.Optional(TimeIn),
  }),
);

export const CommentBody = Strict({ note: Type.String({ minLength: 1, maxLength: 2_000 }) });

export const TicketBody = Named(
  'NewTicket',
  Strict({
    title: Type.String({ minLength: 1, maxLength: 200 }),
    fault: Type.String({ minLength: 1, maxLength: 100 }),
    deviceIds: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { maxItems: 100 })),
    siteId: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    module: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    priority: Type.Optional(Enum(TICKET_PRIORITIES)),
    drill: Type.Optional(Type.Boolean()),
  }),
);
