import Type from 'typebox';
import { Name, ObjectId } from '../../domain/device-input.ts';
import { EVIDENCE_KINDS, TICKET_KINDS, TICKET_PRIORITIES, TICKET_STAGES } from '../../domain/ticket.ts';
import { ATTACHMENT_PHASES, PARTY_DUTIES } from '../../domain/ticket-rows.ts';
import { Anything, Enum, List, Named, Nullable, Strict, TimeIn, TimeOut } from '../schema.ts';
import { EscalationView } from './duty.ts';

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

export const AskView = Named(
  'TicketAsk',
  Type.Object({
    n: Type.Integer(),
    stage: Enum(TICKET_STAGES),
    until: TimeOut,
    reason: Text,
    by: Text,
    at: TimeOut,
    state: Enum(['pending', 'approved', 'refused']),
    decidedBy: Nullable(Text),
    decidedAt: Nullable(TimeOut),
    decisionNote: Nullable(Text),
  }),
);

export const PartyView = Named(
  'TicketParty',
  Type.Object({
    orgId: Text,
    duty: Enum(['lead', ...PARTY_DUTIES], { description: '主办, 协办, 关注' }),
    addedAt: Nullable(TimeOut),
    respondBy: Nullable(TimeOut),
    acknowledgedBy: Nullable(Text),
    acknowledgedAt: Nullable(TimeOut),
    overdue: Type.Boolean(),
    note: Nullable(Text),
  }),
);

export const AttachmentView = Named(
  'TicketAttachment',
  Type.Object({
    n: Type.Integer(),
    sha256: Text,
    bytes: Type.Integer(),
    mediaType: Text,
    name: Text,
    phase: Enum(ATTACHMENT_PHASES),
    note: Nullable(Text),
    by: Text,
    at: TimeOut,
    takenAt: Nullable(TimeOut),
    takenFrom: Nullable(Enum(['file', 'person'], { description: 'Who says when: EXIF of the file, or the person' })),
    lat: Nullable(Type.Number({ description: 'WGS-84' })),
    lon: Nullable(Type.Number()),
    placeFrom: Nullable(Enum(['file', 'person'])),
    distance: Nullable(Type.Number({ description: 'Metres from the device, else from its site' })),
    far: Type.Boolean({ description: 'Taken further from it than the setting `photoDistance`' }),
    repeated: Type.Boolean({ description: 'The very same file was added before, to this ticket or to another' }),
  }),
);

export const TicketView = Named(
  'Ticket',
  Type.Object({
    id: Text,
    no: Type.String({ description: 'Number people use', examples: ['20261123-0001'] }),
    kind: Enum(TICKET_KINDS),
    fault: Text,
    faultText: Type.Optional(Type.String({ description: 'The fault in words' })),
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
    deviceCount: Type.Integer({ description: '`deviceIds` of a list holds the first 20' }),
    openedBy: Type.String({ description: 'Who reported it, or `system`' }),
    faultType: Nullable(Text),
    advice: Nullable(Type.String({ description: '处置建议' })),
    returnCount: Type.Integer(),
    superviseCount: Type.Integer(),
    mergedInto: Nullable(Type.String({ description: 'Ticket that took this one over' })),
    merged: List(Type.Object({ id: Text, no: Text })),
    extensions: List(AskView),
    suspensions: List(AskView),
    escalations: List(EscalationView),
    supervisions: List(Type.Object({ by: Text, at: TimeOut, text: Text })),
    parties: List(PartyView),
    attachments: List(AttachmentView),
    names: Type.Optional(
      Type.Record(Text, Text, { description: 'Names of the people, organisations and devices of this answer, by id' }),
    ),
    /** Only where one ticket is answered: stages the caller may move it to now, and what the caller is to it. */
    allowed: Type.Optional(List(Enum(TICKET_STAGES))),
    duties: Type.Optional(List(Enum(['dispatcher', 'handler', 'verifier', 'approver']))),
  }),
);

const Code = Type.String({ minLength: 1, maxLength: 64, description: 'One of GET /ticket-codes' });
const AttachedEvidence = Strict({ kind: Enum(['photo', 'statement']), detail: Anything });

export const TransitionBody = Named(
  'TicketTransition',
  Strict({
    to: Enum(TICKET_STAGES),
    note: Type.Optional(Type.String({ minLength: 1, maxLength: 2_000 })),
    assigneeId: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    handlerOrgId: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    cause: Type.Optional(Code),
    faultType: Type.Optional(Code),
    until: Type.Optional(TimeIn),
    evidence: Type.Optional(Type.Array(AttachedEvidence, { maxItems: 50 })),
  }),
);

export const CommentBody = Strict({ note: Type.String({ minLength: 1, maxLength: 2_000 }) });

export const TicketBody = Named(
  'NewTicket',
  Strict({
    kind: Type.Optional(Enum(TICKET_KINDS)),
    title: Type.Optional(Name),
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
