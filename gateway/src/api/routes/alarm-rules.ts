import Type, { type Static } from 'typebox';
import { type Pair, type PairSide, RULE_SCOPES } from '../../domain/alarm-rule.ts';
import { parseDuration } from '../../domain/duration.ts';
import { fieldError, refuseIf } from '../../domain/input.ts';
import type { RouteContext } from '../deps.ts';
import { listQuery, page } from '../lists.ts';
import type { RuleInput } from '../ports/alarm-rules.ts';
import { type Route, route } from '../route.ts';
import { Enum, IdParams, List, Strict } from '../schema.ts';
import {
  AlarmRuleInput,
  AlarmRulePatch,
  AlarmRulePreviewInput,
  AlarmRulePreviewView,
  AlarmRuleView,
  EffectiveRuleView,
  type PairInput,
} from '../schemas/alarm-rule.ts';

const tag = 'maintenance';
const DAY_MS = 86_400_000;
const Reason = Type.String({ minLength: 1, maxLength: 500 });

/** Durations as milliseconds. */
function timed<T extends { readonly for?: string | null }>(body: T) {
  const { for: hold, ...rest } = body;
  if (hold === undefined) return rest;
  const forMs = hold === null ? null : (parseDuration(hold) ?? 0);
  if (forMs !== null && forMs > DAY_MS) refuseIf([fieldError('/for', 'range', 'alarm.forTooLong')]);
  return { ...rest, forMs };
}

function sideOf(side: Readonly<Record<string, unknown>>, path: string): PairSide {
  if (typeof side.within !== 'string') return side as unknown as PairSide;
  const { within, ...rest } = side;
  const withinMs = parseDuration(String(within)) ?? 0;
  if (withinMs < 1_000 || withinMs > DAY_MS) refuseIf([fieldError(`${path}/within`, 'range', 'alarm.within')]);
  return { ...rest, withinMs } as unknown as PairSide;
}

function pairOf(pair: Static<typeof PairInput>): Pair {
  return {
    own: sideOf(pair.own, '/pair/own'),
    other: sideOf(pair.other, '/pair/other') as Pair['other'],
  };
}

function ruleOf(body: Static<typeof AlarmRulePreviewInput>): RuleInput {
  const { pair, ...rest } = timed(body);
  return { reason: 'preview', ...rest, ...(pair ? { pair: pairOf(pair) } : {}) } as RuleInput;
}

export const alarmRuleRoutes = ({ services: { alarmRules } }: RouteContext): readonly Route[] => [
  route({
    method: 'GET',
    url: '/alarm-rules',
    access: 'alarmRules:read',
    operationId: 'listAlarmRules',
    tag,
    summary: 'Rules laid over the alarms and events of device types, newest first',
    query: Strict({
      limit: listQuery.limit,
      cursor: listQuery.cursor,
      deviceType: Type.Optional(Type.String({ maxLength: 130 })),
      code: Type.Optional(Type.String({ maxLength: 64 })),
      scope: Type.Optional(Enum(RULE_SCOPES)),
      scopeId: Type.Optional(Type.String({ maxLength: 130 })),
    }),
    ok: page(AlarmRuleView),
    handler: ({ caller, query }) => alarmRules.list(caller, query),
  }),
  route({
    method: 'POST',
    url: '/alarm-rules',
    access: 'alarmRules:create',
    operationId: 'createAlarmRule',
    tag,
    summary: 'Override an alarm or event of a device type for a place, or make a new rule',
    description:
      'The most specific place wins, field by field: device, site, organisation, module, type. A rule about life and limb is changed by an administrator only.',
    body: AlarmRuleInput,
    status: 201,
    ok: AlarmRuleView,
    problems: ['CONFLICT'],
    handler: ({ caller, body }) => alarmRules.create(caller, ruleOf(body)),
  }),
  route({
    method: 'POST',
    url: '/alarm-rules/preview',
    access: 'alarmRules:read',
    operationId: 'previewAlarmRule',
    tag,
    summary: 'Which devices a rule would be about, and when it would have been up in the last 24 hours',
    description: 'By the stored readings of at most 20 devices, to the minute.',
    body: AlarmRulePreviewInput,
    ok: AlarmRulePreviewView,
    handler: ({ caller, body }) => alarmRules.preview(caller, ruleOf(body)),
  }),
  route({
    method: 'GET',
    url: '/alarm-rules/:id',
    access: 'alarmRules:read',
    operationId: 'getAlarmRule',
    tag,
    summary: 'Read an alarm rule',
    params: IdParams,
    ok: AlarmRuleView,
    problems: ['NOT_FOUND'],
    handler: ({ caller, params }) => alarmRules.get(caller, params.id),
  }),
  route({
    method: 'PATCH',
    url: '/alarm-rules/:id',
    access: 'alarmRules:update',
    operationId: 'updateAlarmRule',
    tag,
    summary: 'Change an alarm rule; null = as the wider one says',
    params: IdParams,
    body: AlarmRulePatch,
    ok: AlarmRuleView,
    problems: ['NOT_FOUND'],
    handler: ({ caller, params, body }) => alarmRules.update(caller, params.id, timed(body)),
  }),
  route({
    method: 'DELETE',
    url: '/alarm-rules/:id',
    access: 'alarmRules:remove',
    operationId: 'deleteAlarmRule',
    tag,
    summary: 'Take an alarm rule away; what it began ends',
    params: IdParams,
    query: Strict({ reason: Reason }),
    status: 204,
    problems: ['NOT_FOUND'],
    async handler({ caller, params, query }) {
      await alarmRules.remove(caller, params.id, query.reason);
      return undefined;
    },
  }),
  route({
    method: 'GET',
    url: '/devices/:id/alarm-rules',
    access: 'devices:read',
    operationId: 'getDeviceAlarmRules',
    tag: 'devices',
    summary: 'Alarms and events of a device as they are judged, and which rules had a say',
    params: IdParams,
    ok: Type.Object({ items: List(EffectiveRuleView) }),
    problems: ['NOT_FOUND'],
    handler: async ({ caller, params }) => ({ items: await alarmRules.ofDevice(caller, params.id) }),
  }),
];
