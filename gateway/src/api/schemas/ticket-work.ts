import Type from 'typebox';
import { ObjectId } from '../../domain/device-input.ts';
import { CRS } from '../../domain/geo.ts';
import { TICKET_KINDS, TICKET_PRIORITIES, TICKET_STAGES } from '../../domain/ticket.ts';
import { MANUAL_NEEDS } from '../../domain/ticket-codes.ts';
import { ATTACHMENT_PHASES, PARTY_DUTIES } from '../../domain/ticket-rows.ts';
import { Enum, List, Named, Nullable, Strict, TimeIn, Title } from '../schema.ts';
import { TicketParams, TransitionBody } from './ticket.ts';

const Note = Type.String({ minLength: 1, maxLength: 2_000, pattern: '\\S' });
const Id = Type.String({ minLength: 1, maxLength: 64 });

/** Text, so that what is no number reads as unknown like any other id. */
const NumberInTicket = Type.String({ minLength: 1, maxLength: 10, description: 'Counts from 1 within the ticket' });

export const AskBody = Strict({ reason: Note, until: TimeIn });
export const AskParams = Type.Object({
  ...TicketParams.properties,
  n: NumberInTicket,
});
export const AskDecisionBody = Strict({ approve: Type.Boolean(), note: Type.Optional(Note) });
export const AssignBody = Strict({
  assigneeId: Type.Optional(Id),
  handlerOrgId: Type.Optional(Id),
  note: Note,
});
export const SuperviseBody = Strict({ instruction: Note });
export const PartyBody = Strict({
  orgId: Id,
  duty: Enum(PARTY_DUTIES, { description: '`assist` 协办, `related` 关注' }),
  respondBy: Type.Optional(TimeIn),
  note: Type.Optional(Note),
});
export const PartyRemovalBody = Strict({ orgId: Id, note: Note });
export const AcknowledgeBody = Strict({ note: Type.Optional(Note) });
export const MergeBody = Strict({ ids: Type.Array(Id, { minItems: 1, maxItems: 100 }), note: Note });
export const SplitBody = Strict({ deviceIds: Type.Array(ObjectId, { minItems: 1, maxItems: 500 }), note: Note });

const Filter = Strict({
  stage: Type.Optional(Type.Array(Enum(TICKET_STAGES), { minItems: 1, maxItems: 10 })),
  kind: Type.Optional(Enum(TICKET_KINDS)),
  priority: Type.Optional(Enum(TICKET_PRIORITIES)),
  fault: Type.Optional(Id),
  module: Type.Optional(Id),
  orgId: Type.Optional(Id),
  siteId: Type.Optional(Id),
  deviceId: Type.Optional(Id),
  assigneeId: Type.Optional(Id),
  incidentId: Type.Optional(Id),
  overdue: Type.Optional(Type.Boolean()),
  mine: Type.Optional(Type.Boolean()),
  drill: Type.Optional(Type.Boolean()),
});
const { evidence: _, ...step } = TransitionBody.properties;
export const BulkBody = Named(
  'TicketBulk',
  Strict({
    ids: Type.Optional(Type.Array(Id, { minItems: 1, maxItems: 500 })),
    filter: Type.Optional(Filter),
    transition: Type.Optional(Strict(step)),
    assign: Type.Optional(AssignBody),
    comment: Type.Optional(Strict({ note: Note })),
  }),
);
export const BulkView = Type.Object({
  done: Type.Integer(),
  refused: Type.Integer(),
  more: Type.Boolean({ description: 'More tickets fit the filter than one call takes' }),
  items: List(
    Type.Object({
      id: Type.String(),
      ok: Type.Boolean(),
      code: Nullable(Type.String()),
      detail: Nullable(Type.String()),
    }),
  ),
});

const CodeView = Type.Object({ code: Type.String(), title: Title });
export const CodesView = Named(
  'TicketCodes',
  Type.Object({
    faultTypes: List(CodeView),
    causes: List(CodeView),
    manualKinds: List(
      Type.Object({
        code: Type.String(),
        title: Title,
        module: Nullable(Type.String()),
        priority: Enum(TICKET_PRIORITIES),
        needs: List(Enum(MANUAL_NEEDS)),
      }),
    ),
  }),
);

const Degrees = Type.Number();
/** What a person says of a picture; as query of a raw upload, as fields of a form. */
export const attachmentFields = {
  name: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  phase: Type.Optional(Enum(ATTACHMENT_PHASES)),
  note: Type.Optional(Note),
  takenAt: Type.Optional(TimeIn),
  lat: Type.Optional({ ...Degrees, minimum: -90, maximum: 90 }),
  lon: Type.Optional({ ...Degrees, minimum: -180, maximum: 180 }),
  crs: Type.Optional(Enum(CRS)),
};
export const AttachmentParams = Type.Object({
  ...TicketParams.properties,
  n: NumberInTicket,
});

/** Fields of a report from a phone; `deviceIds` may be given several times. */
export const ReportFields = Strict({
  fault: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
  title: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  note: Type.Optional(Note),
  priority: Type.Optional(Enum(TICKET_PRIORITIES)),
  module: Type.Optional(ObjectId),
  siteId: Type.Optional(ObjectId),
  orgId: Type.Optional(ObjectId),
  deviceIds: Type.Optional(Type.Array(ObjectId, { maxItems: 100 })),
  takenAt: attachmentFields.takenAt,
  lat: attachmentFields.lat,
  lon: attachmentFields.lon,
  crs: attachmentFields.crs,
});
