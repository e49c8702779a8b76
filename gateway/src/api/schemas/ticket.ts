import Type from 'typebox';
import { Name, ObjectId } from '../../domain/device-input.ts';
import { EVIDENCE_KINDS, TICKET_KINDS, TICKET_PRIORITIES, TICKET_STAGES } from '../../domain/ticket.ts';
import { Anything, Enum, List, Named, Nullable, Strict, TimeIn, TimeOut } from '../schema.ts';

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
  cause: Nullable(Text),
});

export const TicketView = Named(
  'Ticket',
  Type.Object({
    id: Text,
    no: Type.String({ description: 'Number people use', examples: ['20261123-0001'] }),
    kind: Enum(TICKET_KINDS),
    fault: Text,
    title: Nullable(Text),
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
    comments: List(Type.Object({ by: Text, at: TimeOut, text: Text })),
    openedAt: TimeOut,
    stageSince: TimeOut,
    dueAt: Nullable(TimeOut),
    overdueSeconds: Type.Integer({ minimum: 0 }),
    suspendedUntil: Nullable(TimeOut),
    firing: Type.Boolean({ description: 'Whether the fault is present now' }),
    fireCount: Type.Integer(),
    lifeSafety: Type.Boolean(),
    reopenOf: Nullable(Text),
    drill: Type.Boolean(),
  }),
);

const AttachedEvidence = Strict({ kind: Enum(['photo', 'statement']), detail: Anything });

export const TransitionBody = Named(
  'TicketTransition',
  Strict({
    to: Enum(TICKET_STAGES),
    note: Type.Optional(Type.String({ minLength: 1, maxLength: 2_000 })),
    assigneeId: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    handlerOrgId: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    cause: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    until: Type.Optional(TimeIn),
    evidence: Type.Optional(Type.Array(AttachedEvidence, { maxItems: 50 })),
  }),
);

export const CommentBody = Strict({ note: Type.String({ minLength: 1, maxLength: 2_000 }) });

export const TicketBody = Named(
  'NewTicket',
  Strict({
    kind: Type.Optional(Enum(TICKET_KINDS)),
    title: Name,
    fault: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
    priority: Type.Optional(Enum(TICKET_PRIORITIES)),
    module: Type.Optional(ObjectId),
    siteId: Type.Optional(ObjectId),
    orgId: Type.Optional(ObjectId),
    deviceIds: Type.Optional(Type.Array(ObjectId, { maxItems: 100 })),
    component: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    note: Type.Optional(Type.String({ minLength: 1, maxLength: 2_000 })),
    drill: Type.Optional(Type.Boolean()),
  }),
);
