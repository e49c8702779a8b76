import Type from 'typebox';
import { ObjectId } from '../../domain/device-input.ts';
import {
  CAMPAIGN_RESULTS,
  EXPECTED_RESULTS,
  INSPECTION_KINDS,
  INSPECTION_RESULTS,
  INSPECTION_STATES,
  SHEET_STATES,
  USE_ACTIONS,
} from '../../domain/inspection-rows.ts';
import { page } from '../lists.ts';
import { Enum, List, Named, Nullable, Strict, TimeIn, TimeOut } from '../schema.ts';

const Text = Type.String();
const Count = Type.Integer();
const Maybe = Nullable(Text);
const MaybeTime = Nullable(TimeOut);
const Words = (max: number) => Type.String({ minLength: 1, maxLength: max, pattern: '\\S' });
const Note = Type.Optional(Words(500));
const Photo = Type.Optional(
  Type.String({ minLength: 1, maxLength: 200, description: 'Where the photo is, e.g. an attachment of a ticket' }),
);
const rules = List(Text);
const N = Type.Integer({ minimum: 1, maximum: 1_000_000 });

const task = {
  id: Text,
  orgId: Text,
  orgName: Text,
  date: Text,
  modules: List(Text),
  devices: Type.Integer({ description: 'Devices in service it is about' }),
  items: Count,
  answered: Count,
  abnormal: Count,
  omitted: Type.Integer({ description: 'Findings that did not fit on the list' }),
  createdAt: TimeOut,
  dueAt: TimeOut,
  submittedAt: MaybeTime,
  submittedBy: Maybe,
  submittedName: Maybe,
  note: Maybe,
  state: Enum(INSPECTION_STATES, { description: '`late` = submitted after its time' }),
};
export const InspectionTasksView = page(Named('InspectionTask', Type.Object(task)));
const InspectionItemView = Type.Object({
  n: Count,
  kind: Enum(INSPECTION_KINDS),
  deviceId: Maybe,
  ticketId: Maybe,
  name: Text,
  place: Maybe,
  module: Maybe,
  since: MaybeTime,
  reason: Maybe,
  result: Nullable(Enum(INSPECTION_RESULTS)),
  note: Maybe,
  photo: Maybe,
  by: Maybe,
  at: MaybeTime,
});
export const InspectionTaskView = Named(
  'InspectionTaskWithItems',
  Type.Object({ ...task, list: List(InspectionItemView) }),
);
const Answers = Type.Array(Strict({ n: N, result: Enum(INSPECTION_RESULTS), note: Note, photo: Photo }), {
  minItems: 1,
  maxItems: 300,
});
export const InspectionAnswersInput = Strict({ items: Answers });
export const InspectionSubmitInput = Strict({
  items: Type.Optional(Answers),
  rest: Type.Optional(Enum(INSPECTION_RESULTS, { description: 'Result of all items that have none' })),
  note: Note,
});

const Filter = {
  modules: Type.Optional(Type.Array(ObjectId, { minItems: 1, maxItems: 20 })),
  types: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 130 }), { minItems: 1, maxItems: 50 })),
};
const campaign = {
  id: Text,
  month: Text,
  name: Text,
  filter: Type.Object({ modules: Type.Optional(List(Text)), types: Type.Optional(List(Text)) }),
  dueAt: TimeOut,
  startedAt: TimeOut,
  startedBy: Text,
  unplaced: Type.Integer({ description: 'Devices of the filter that hang on no residents’ committee' }),
  sealedAt: MaybeTime,
  sealedBy: Maybe,
  sealNote: Maybe,
};
export const CampaignSheetView = Named(
  'CampaignSheet',
  Type.Object({
    orgId: Text,
    orgName: Text,
    state: Enum(SHEET_STATES),
    expected: Count,
    confirmed: Count,
    wrong: Count,
    added: Count,
    removed: Count,
    unanswered: Count,
    /** Everybody who answered anything of it; none of them may countersign. */
    filledBy: List(Type.Object({ id: Text, name: Text })),
    submittedAt: MaybeTime,
    submittedBy: Maybe,
    submittedName: Maybe,
    signedAt: MaybeTime,
    signedBy: Maybe,
    signedName: Maybe,
    returnedReason: Maybe,
  }),
);
export const CampaignsView = page(Named('Campaign', Type.Object(campaign)));
export const CampaignView = Named('CampaignWithSheets', Type.Object({ ...campaign, sheets: List(CampaignSheetView) }));
export const CampaignItemsView = page(
  Named(
    'CampaignItem',
    Type.Object({
      n: Count,
      orgId: Text,
      deviceId: Nullable(Text),
      name: Text,
      type: Maybe,
      module: Maybe,
      place: Maybe,
      siteId: Maybe,
      result: Nullable(Enum(CAMPAIGN_RESULTS)),
      wrong: Maybe,
      note: Maybe,
      photo: Maybe,
      lat: Nullable(Type.Number()),
      lon: Nullable(Type.Number()),
      by: Maybe,
      at: MaybeTime,
      ticketId: Maybe,
    }),
  ),
);
export const CampaignInput = Strict({
  name: Words(60),
  month: Type.Optional(Type.String({ pattern: '^20\\d\\d-(0[1-9]|1[0-2])$', description: 'Absent = this month' })),
  filter: Strict(Filter, { minProperties: 1 }),
  dueAt: Type.Optional(TimeIn),
});
const where = {
  lat: Type.Optional(Type.Number({ minimum: -90, maximum: 90, description: 'WGS-84' })),
  lon: Type.Optional(Type.Number({ minimum: -180, maximum: 180 })),
};
export const SheetAnswersInput = Strict({
  items: Type.Array(
    Strict({
      n: N,
      result: Enum(EXPECTED_RESULTS),
      wrong: Type.Optional(Words(500)),
      note: Note,
      photo: Photo,
      ...where,
    }),
    { minItems: 1, maxItems: 500 },
  ),
});
export const FindInput = Strict({ name: Words(100), place: Words(200), note: Note, photo: Photo, ...where });
export const FindView = Type.Object({ n: Count });
export const ReturnInput = Strict({ reason: Words(500) });
export const SealInput = Strict({ reason: Type.Optional(Words(500)) });

export const HotSpotsView = Named(
  'HotSpots',
  Type.Object({
    rules,
    perDeviceMonth: Type.Number({ description: 'Mean within reach' }),
    items: List(
      Type.Object({
        key: Text,
        id: Text,
        name: Text,
        module: Maybe,
        orgId: Maybe,
        siteId: Maybe,
        devices: Count,
        tickets: Count,
        deviceMonths: Type.Number(),
        expected: Type.Number(),
        perDeviceMonth: Type.Number(),
        z: Type.Number(),
        hot: Type.Boolean(),
        lastAt: TimeOut,
        ticketId: Maybe,
      }),
    ),
    nextCursor: Maybe,
  }),
);
export const HotSpotTaskView = Type.Object({ ticketId: Text });

const Decision = { action: Enum(USE_ACTIONS), reason: Text };
export const UseView = Named(
  'DeviceUse',
  Type.Object({
    by: Text,
    quarter: Text,
    through: MaybeTime,
    rules,
    items: List(
      Type.Object({
        deviceId: Text,
        name: Text,
        module: Maybe,
        orgId: Maybe,
        siteName: Maybe,
        days: Count,
        views: Count,
        events: Count,
        useShare: Nullable(Type.Number()),
        tickets: Count,
        falseAlarms: Count,
        falseAlarmRate: Nullable(Type.Number()),
        decision: Nullable(Type.Object({ ...Decision, by: Text, at: TimeOut })),
      }),
    ),
    nextCursor: Maybe,
  }),
);
export const Quarter = Type.Optional(Type.String({ pattern: '^20\\d\\d-Q[1-4]$', examples: ['2026-Q4'] }));
export const UseDecisionInput = Strict({ action: Enum(USE_ACTIONS), reason: Words(500), quarter: Quarter });
export const UseDecisionView = Type.Object({ ...Decision, quarter: Text, ticketId: Maybe });

const Part = Nullable(Type.Number());
export const QualityView = Named(
  'DataQuality',
  Type.Object({
    by: Text,
    date: Text,
    through: Nullable(TimeOut),
    rules,
    items: List(
      Type.Object({
        key: Maybe,
        name: Maybe,
        devices: Count,
        score: Nullable(Type.Number({ description: '0 to 100' })),
        expected: Nullable(Count),
        excused: Type.Integer({
          minimum: 0,
          description: 'Messages that were not expected because of approved maintenance',
        }),
        received: Count,
        readings: Count,
        duplicates: Count,
        refused: Count,
        unknown: Count,
        skewed: Count,
        judged: Count,
        stuck: Count,
        parts: Type.Object({ gaps: Part, duplicates: Part, range: Part, stuck: Part, skew: Part, schema: Part }),
      }),
    ),
    nextCursor: Maybe,
  }),
);
