import Type from 'typebox';
import { ACCEPTANCE_STATES } from '../../domain/acceptance.ts';
import { CONSTRUCTION_DECISIONS } from '../../domain/construction.ts';
import { LIFECYCLES } from '../../domain/device.ts';
import { HANDOVER_KINDS, HANDOVER_STATES } from '../../domain/handover.ts';
import { Anything, Dict, Enum, List, Named, Nullable, TimeOut, Title } from '../schema.ts';
import { CoordinateWarningView, DuplicateMatchView } from './device.ts';

const Text = Type.String();

export const AcceptanceView = Named(
  'Acceptance',
  Type.Object({
    deviceId: Text,
    lifecycle: Enum(LIFECYCLES),
    state: Enum(ACCEPTANCE_STATES, {
      description:
        '`failed` = waiting will not mend it; `met` = may be approved; `accepted` = in service with a report',
    }),
    since: Nullable(TimeOut),
    checkedAt: TimeOut,
    checks: List(
      Type.Object({
        name: Type.String({ description: '`metric:<name>`, `firstFrame`, `heartbeat`, `unique`, `notReturned`' }),
        title: Title,
        wanted: Title,
        seen: Title,
        ok: Type.Boolean(),
        waits: Type.Boolean({ description: 'Whether waiting can mend it' }),
        since: TimeOut,
        evidence: Anything,
        advice: Nullable(Title),
      }),
    ),
    duplicates: List(DuplicateMatchView),
    coordinates: List(CoordinateWarningView),
    quarantined: Type.Object({ total: Type.Integer(), codes: Dict(Type.Integer()) }),
    conflicts: Type.Integer(),
    clockSkew: Type.Boolean(),
    returned: Nullable(Type.Object({ at: TimeOut, by: Text, reason: Text })),
    report: Nullable(
      Type.Object({
        id: Text,
        no: Text,
        result: Enum(['met', 'overridden']),
        at: TimeOut,
        by: Nullable(Type.String({ description: 'null to a vendor: whose account it was is not told' })),
        byName: Type.String({ description: 'Name of who decided; to a vendor the operations centre (城运中心)' }),
        reason: Text,
      }),
    ),
  }),
);

export const ConstructionReviewView = Named(
  'ConstructionReview',
  Type.Object({
    id: Text,
    no: Text,
    at: TimeOut,
    by: Text,
    byName: Text,
    orgId: Nullable(Text),
    decided: Nullable(
      Type.Object({ at: TimeOut, by: Text, byName: Text, decision: Enum(CONSTRUCTION_DECISIONS), opinion: Text }),
    ),
    review: Type.Object({
      name: Nullable(Text),
      applicant: Text,
      purpose: Text,
      address: Nullable(Text),
      location: Type.Object({ lat: Type.Number(), lon: Type.Number(), crs: Enum(['wgs84']) }),
      radius: Type.Number({ description: 'Metres' }),
      angle: Type.Number({ description: 'Degrees within which two cameras look the same way' }),
      direction: Nullable(Title),
      azimuth: Nullable(Type.Number()),
      items: List(
        Type.Object({
          id: Text,
          name: Text,
          nickname: Nullable(Text),
          nationalCode: Nullable(Text),
          lat: Type.Number(),
          lon: Type.Number(),
          distance: Type.Number({ description: 'Metres' }),
          bearing: Type.Number({ description: 'Degrees clockwise from north' }),
          direction: Nullable(Title),
          azimuth: Nullable(Type.Number()),
          sameDirection: Nullable(Type.Boolean()),
          lifecycle: Text,
          healthState: Text,
          stage: Text,
          orgId: Nullable(Text),
          orgName: Nullable(Text),
          maintenanceUnit: Nullable(Text),
          advice: Type.Object({ code: Text, zh: Text, en: Text }),
        }),
      ),
      hidden: Type.Integer({ description: 'Cameras nearby that who asked may not see' }),
      conclusion: Type.Object({ code: Enum(['duplicate', 'review', 'clear']), zh: Text, en: Text }),
    }),
  }),
);

const step = { at: TimeOut, by: Text, byName: Text };
const handover = {
  id: Text,
  no: Text,
  kind: Enum(HANDOVER_KINDS, { description: '`custody` changes who keeps the devices, `maintenance` who mends them' }),
  state: Enum(HANDOVER_STATES),
  fromOrgId: Text,
  fromOrgName: Text,
  toOrgId: Text,
  toOrgName: Text,
  date: Type.String({ format: 'date' }),
  note: Nullable(Text),
  deviceCount: Type.Integer(),
  created: Type.Object(step),
  handed: Nullable(Type.Object(step)),
  decided: Nullable(
    Type.Object({
      ...step,
      reason: Nullable(Text),
      onBehalf: Type.Boolean({ description: 'By an administrator who is not of the receiving organisation' }),
    }),
  ),
};
export const HandoverView = Named('Handover', Type.Object(handover));
export const HandoverWithDevicesView = Named(
  'HandoverWithDevices',
  Type.Object({
    ...handover,
    devices: List(
      Type.Object({
        id: Text,
        name: Text,
        type: Text,
        serial: Nullable(Text),
        nationalCode: Nullable(Text),
        address: Nullable(Text),
        lifecycle: Text,
        healthState: Text,
      }),
    ),
  }),
);
