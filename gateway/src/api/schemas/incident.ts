import Type from 'typebox';
import { SEVERITIES } from '../../domain/reading.ts';
import { Anything, Enum, List, Named, Nullable, TimeOut } from '../schema.ts';

const Text = Type.String();
export const IncidentView = Named(
  'Incident',
  Type.Object({
    id: Text,
    kind: Enum(['device', 'group']),
    key: Text,
    fault: Text,
    component: Nullable(Text),
    reason: Text,
    cause: Nullable(Text),
    severity: Enum(SEVERITIES),
    lifeSafety: Type.Boolean(),
    state: Enum(['held', 'open', 'resolved', 'dismissed']),
    openedAt: TimeOut,
    resolvedAt: Nullable(TimeOut),
    members: List(
      Type.Object({
        deviceId: Text,
        name: Type.Optional(Text),
        orgId: Type.Optional(Nullable(Text)),
        state: Text,
        since: TimeOut,
      }),
    ),
    ticket: Type.Optional(
      Nullable(Type.Object({ id: Text, no: Text, stage: Text }, { description: 'The newest one about it' })),
    ),
    acknowledged: Type.Optional(
      Nullable(
        Type.Object(
          { at: TimeOut, by: Text, byName: Text, note: Nullable(Text), until: TimeOut },
          { description: 'Somebody sees to it; still open after `until` it is told again' },
        ),
      ),
    ),
    suppressed: List(Anything),
    evidence: List(Anything),
  }),
);
