import Type from 'typebox';
import { type PairSide, RULE_SCOPES } from '../../domain/alarm-rule.ts';
import { DURATION_PATTERN } from '../../domain/duration.ts';
import { SEVERITIES } from '../../domain/reading.ts';
import { DurationOut, Enum, List, Named, Nullable, Strict, Text, TimeOut, Title } from '../schema.ts';

const Code = Type.String({ minLength: 1, maxLength: 64, pattern: '^[a-z][A-Za-z0-9]*$' });
const Id = Type.String({ minLength: 1, maxLength: 130 });
const Words = Strict({ zh: Text(200), en: Text(200) });
const Advice = Strict({ zh: Text(500), en: Text(500) });
const Expression = Type.String({
  minLength: 1,
  maxLength: 1_000,
  description:
    'As in device types, e.g. any(ports.*.current) > 12, rate(level, 10m) > 2, absent(level, 24h), count(doorOpen, 10m) >= 3',
});
const Duration = Type.String({ pattern: DURATION_PATTERN, description: 'e.g. 30s, 10m, 24h' });

const other = { deviceType: Id };
const Within = { event: Code, within: Type.String({ pattern: DURATION_PATTERN, description: '1s to 24h' }) };
const sides = (more: Record<string, never> | typeof other) =>
  Type.Union([
    Strict({ ...more, state: Enum(['offline', 'online']) }),
    Strict({ ...more, alarm: Code }),
    Strict({ ...more, ...Within }),
  ]);

export const PairInput = Strict(
  { own: sides({}), other: sides(other) },
  { description: 'Two devices of one site: state, alarm that is up, or event not long ago' },
);

const fields = {
  enabled: Type.Optional(Nullable(Type.Boolean())),
  title: Type.Optional(Nullable(Words)),
  when: Type.Optional(Nullable(Expression)),
  clear: Type.Optional(Nullable(Expression)),
  for: Type.Optional(Nullable(Duration)),
  severity: Type.Optional(Nullable(Enum(SEVERITIES))),
  advice: Type.Optional(Nullable(Advice)),
};
const Reason = Type.String({ minLength: 1, maxLength: 500, pattern: '\\S' });

const made = {
  scope: Strict({ kind: Enum(RULE_SCOPES), id: Id }),
  deviceType: Type.Optional(Id),
  code: Code,
  ...fields,
  lifeSafety: Type.Optional(Type.Boolean()),
  pair: Type.Optional(PairInput),
};
export const AlarmRuleInput = Strict({ ...made, reason: Reason });
export const AlarmRulePreviewInput = Strict({ ...made, reason: Type.Optional(Reason) });
export const AlarmRulePatch = Strict({ ...fields, reason: Reason });

const Plain = Type.String();
const Side = Type.Unsafe<PairSide>({
  type: 'object',
  properties: {
    deviceType: { type: 'string' },
    state: { type: 'string' },
    alarm: { type: 'string' },
    event: { type: 'string' },
    withinMs: { type: 'number', format: 'short-duration' },
  },
});
const shared = {
  code: Plain,
  severity: Nullable(Enum(SEVERITIES)),
  advice: Nullable(Title),
  when: Nullable(Plain),
  clear: Nullable(Plain),
};
export const AlarmRuleView = Named(
  'AlarmRule',
  Type.Object({
    id: Plain,
    scope: Enum(RULE_SCOPES),
    scopeId: Plain,
    deviceType: Plain,
    ...shared,
    enabled: Nullable(Type.Boolean()),
    title: Nullable(Title),
    forMs: Nullable(DurationOut),
    lifeSafety: Type.Boolean(),
    pair: Nullable(Type.Object({ own: Side, other: Side })),
    safetyApproved: Type.Boolean({ description: 'It changes a rule about life and limb; an administrator said why' }),
    modules: Nullable(List(Plain)),
    reason: Plain,
    createdBy: Plain,
    createdAt: TimeOut,
    updatedBy: Plain,
    updatedAt: TimeOut,
  }),
);

export const EffectiveRuleView = Named(
  'EffectiveAlarmRule',
  Type.Object({
    ...shared,
    kind: Enum(['alarm', 'event', 'pair']),
    title: Title,
    enabled: Type.Boolean(),
    severity: Enum(SEVERITIES),
    lifeSafety: Type.Boolean(),
    forMs: DurationOut,
    ofType: Type.Boolean({ description: 'The device type has it; otherwise a rule made it' }),
    sources: List(Type.Object({ id: Plain, scope: Enum(RULE_SCOPES), scopeId: Plain })),
  }),
);

export const AlarmRulePreviewView = Named(
  'AlarmRulePreview',
  Type.Object({
    total: Type.Integer({ description: 'Devices it is about, of those you see' }),
    from: TimeOut,
    to: TimeOut,
    partial: Type.Boolean({ description: 'Only some devices were looked at, or not all their readings' }),
    devices: List(
      Type.Object({
        id: Plain,
        name: Plain,
        fired: List(Type.Object({ from: TimeOut, to: Nullable(TimeOut) })),
      }),
    ),
  }),
);
