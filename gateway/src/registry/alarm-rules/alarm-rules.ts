import { randomUUID } from 'node:crypto';
import type { Actor } from '../../domain/actor.ts';
import { type AlarmRuleRow, effectiveRules, type Pair, type RuleScope } from '../../domain/alarm-rule.ts';
import type { DeviceBrief } from '../../domain/device.ts';
import type { AlarmRule, DeviceType, Title } from '../../domain/device-type/types.ts';
import { fieldError, refuseIf } from '../../domain/input.ts';
import type { Page } from '../../domain/page.ts';
import { requireRight } from '../../domain/permission.ts';
import type { Severity } from '../../domain/reading.ts';
import type { Tx } from '../../domain/tx.ts';
import { GatewayError } from '../../errors.ts';
import { bilingual } from '../../messages/index.ts';
import { checkRule } from './check.ts';
import { createAlarmRuleMemory } from './memory.ts';
import type { AlarmRuleDeps, AlarmRuleQuery } from './ports.ts';
import { type Fired, happeningsOf, replay } from './preview.ts';

/** What a rule says; absent or null = as the wider one. */
export interface AlarmRuleFields {
  readonly enabled?: boolean | null;
  readonly title?: Title | null;
  readonly when?: string | null;
  readonly clear?: string | null;
  readonly forMs?: number | null;
  readonly severity?: Severity | null;
  readonly advice?: Title | null;
  readonly pair?: Pair | null;
}

export interface AlarmRuleInput extends AlarmRuleFields {
  readonly scope: { readonly kind: RuleScope; readonly id: string };
  /** Not needed where the scope is a device or a type. */
  readonly deviceType?: string;
  readonly code: string;
  readonly lifeSafety?: boolean;
  readonly reason: string;
}

export interface EffectiveRuleView {
  readonly code: string;
  readonly kind: 'alarm' | 'event' | 'pair';
  readonly title: Title;
  readonly enabled: boolean;
  readonly severity: Severity;
  readonly lifeSafety: boolean;
  readonly when: string | null;
  readonly clear: string | null;
  readonly forMs: number;
  readonly advice: Title | null;
  /** Whether the device type has it. */
  readonly ofType: boolean;
  /** Rules that had a say, widest first. */
  readonly sources: readonly { readonly id: string; readonly scope: RuleScope; readonly scopeId: string }[];
}

export interface AlarmRulePreview {
  readonly total: number;
  readonly from: number;
  readonly to: number;
  /** Only some devices were looked at, or not all their readings. */
  readonly partial: boolean;
  readonly devices: readonly { readonly id: string; readonly name: string; readonly fired: readonly Fired[] }[];
}

const DAY_MS = 86_400_000;
const PREVIEWED = 20;
const MOST_EVENTS = 5_000;

export type AlarmRules = ReturnType<typeof createAlarmRules>;

/** Rules of alarms and events by place: most specific wins, life and limb only with an administrator's word. */
export function createAlarmRules(deps: AlarmRuleDeps) {
  const { db, store, types, clock } = deps;
  const memory = createAlarmRuleMemory(deps);

  const prove = (tx: Tx, actor: Actor, action: string, before: AlarmRuleRow | null, after: AlarmRuleRow | null) =>
    deps.audit.append(tx, [
      {
        at: clock.now(),
        actor,
        action,
        resource: 'alarmRules',
        resourceId: (after ?? before)?.id ?? null,
        before,
        after,
      },
    ]);

  const typeNamed = (id: string | undefined, path: string): DeviceType => {
    const type = id === undefined ? undefined : types.get(id);
    if (type) return type;
    refuseIf([
      id === undefined
        ? fieldError(path, 'required', 'input.required')
        : fieldError(path, 'notFound', 'input.notFound', { value: id }),
    ]);
    throw new GatewayError('INVALID_INPUT');
  };

  /** The rule as it would be stored, checked; and whose it is. */
  async function made(
    tx: Tx,
    actor: Actor,
    input: AlarmRuleInput,
  ): Promise<{ row: AlarmRuleRow; orgId: string | null }> {
    const { kind, id } = input.scope;
    const now = clock.now();
    const place = kind === 'type' ? undefined : await store.place(tx, kind, id, actor.scope);
    if (kind !== 'type' && !place) refuseIf([fieldError('/scope/id', 'notFound', 'input.notFound', { value: id })]);
    const deviceType = kind === 'type' ? id : kind === 'device' ? (place?.type ?? undefined) : input.deviceType;
    const type = typeNamed(deviceType, kind === 'type' ? '/scope/id' : '/deviceType');
    if (input.deviceType !== undefined && input.deviceType !== type.id)
      refuseIf([fieldError('/deviceType', 'range', 'alarm.otherType', { type: type.id })]);
    const reach = actor.scope;
    // A rule of the whole street is made by who is answerable for all of it.
    if (reach.kind !== 'all' && (kind === 'type' || kind === 'module'))
      throw new GatewayError('FORBIDDEN', bilingual('alarm.wide'));
    const row = rowOf(actor, input, type.id, now);
    return { row: approved(actor, row, type), orgId: place?.orgId ?? null };
  }

  function approved(actor: Actor, row: AlarmRuleRow, type: DeviceType): AlarmRuleRow {
    const { errors, lifeSafety } = checkRule(row, type, types.get);
    refuseIf(errors);
    if (!lifeSafety) return { ...row, safetyApproved: false };
    guard(actor);
    return { ...row, safetyApproved: true };
  }

  const guard = (actor: Actor) => {
    if (actor.role !== 'admin') throw new GatewayError('FORBIDDEN', bilingual('alarm.lifeSafety'));
  };

  /** Whose rule is of the whole street, or of modules beyond the actor's own, is not theirs to change. */
  const mayChange = (actor: Actor, row: AlarmRuleRow) => {
    const { scope } = actor;
    if (scope.kind === 'all') return;
    const wide = row.scope === 'type' || row.scope === 'module';
    const mine = scope.kind === 'orgs' ? scope.moduleIds : [];
    if (wide || (mine && !(row.modules?.every((id) => mine.includes(id)) ?? false)))
      throw new GatewayError('FORBIDDEN', bilingual('alarm.wide'));
  };

  const find = async (tx: Tx, actor: Actor, id: string, lock = false) => {
    const row = await store.get(tx, id, actor.scope, lock);
    if (!row) throw new GatewayError('NOT_FOUND');
    return row;
  };

  async function previewOf(actor: Actor, row: AlarmRuleRow): Promise<AlarmRulePreview> {
    const to = clock.now();
    const from = to - DAY_MS;
    const { total, devices } = await store.matched(db.autocommit, row, actor.scope, PREVIEWED);
    const keys = devices.map(({ key }) => key);
    const events = await store.events(db.autocommit, keys, from, to, MOST_EVENTS);
    let partial = total > devices.length || events.length === MOST_EVENTS;
    const shown: AlarmRulePreview['devices'][number][] = [];
    for (const { key, id, name } of devices) {
      const own = events.filter(({ device }) => device === key);
      const rule = ruleFor(row, deps.directory.byId(id));
      if (!rule || row.pair) {
        const told = row.enabled === false || row.pair ? [] : own.filter(({ code }) => code === row.code);
        shown.push({ id, name, fired: told.slice(0, 100).map(({ at }) => ({ from: at, to: at })) });
        continue;
      }
      const { happenings, cut } = await happeningsOf(deps.series(), key, rule, { from, to });
      partial ||= cut;
      const all = [...happenings, ...own.map(({ code, at }) => ({ at, event: code }))].sort((a, b) => a.at - b.at);
      shown.push({ id, name, fired: replay(rule, all, from, to) });
    }
    return { total, from, to, partial, devices: shown };
  }

  /** The alarm as the rule would make it on this device; undefined = an event, or it is switched off. */
  function ruleFor(row: AlarmRuleRow, device: DeviceBrief | undefined): AlarmRule | undefined {
    const type = types.get(row.deviceType);
    if (!type) return undefined;
    const others = (device ? memory.rulesOf(device) : []).filter(
      (other) => other.id !== row.id && !(other.scope === row.scope && other.code === row.code),
    );
    return effectiveRules(type, [...others, row]).alarms.find(({ code }) => code === row.code);
  }

  return {
    /** What the monitor judges by. */
    types: { get: types.get, of: memory.of },
    /** What a rule calls an alarm or event of these devices; one of two devices has its rule with either. */
    titleOf(devices: readonly string[], code: string) {
      for (const id of devices) {
        const title = memory.titleOf(deps.directory.byId(id), code);
        if (title) return title;
      }
      return undefined;
    },
    refresh: memory.refresh,

    list(actor: Actor, query: AlarmRuleQuery): Promise<Page<AlarmRuleRow>> {
      requireRight(actor, 'alarmRules', 'read');
      return store.list(db.autocommit, query, actor.scope);
    },
    get(actor: Actor, id: string): Promise<AlarmRuleRow> {
      requireRight(actor, 'alarmRules', 'read');
      return find(db.autocommit, actor, id);
    },
    async create(actor: Actor, input: AlarmRuleInput): Promise<AlarmRuleRow> {
      requireRight(actor, 'alarmRules', 'create');
      const row = await db.transaction(async (tx) => {
        const { row: fresh, orgId } = await made(tx, actor, input);
        if (!(await store.insert(tx, fresh, orgId)))
          throw new GatewayError('CONFLICT', bilingual('alarm.exists', { code: fresh.code }));
        await prove(tx, actor, 'create', null, fresh);
        return fresh;
      });
      await memory.refresh(true);
      return row;
    },
    async update(
      actor: Actor,
      id: string,
      patch: AlarmRuleFields & { readonly reason: string },
    ): Promise<AlarmRuleRow> {
      requireRight(actor, 'alarmRules', 'update');
      const row = await db.transaction(async (tx) => {
        const before = await find(tx, actor, id, true);
        mayChange(actor, before);
        // What an administrator has said of life and limb, only an administrator takes back.
        if (before.safetyApproved) guard(actor);
        const changed = {
          ...before,
          ...fieldsOf(patch),
          reason: patch.reason,
          updatedBy: actor.id,
          updatedAt: clock.now(),
        };
        const after = approved(actor, changed, typeNamed(before.deviceType, '/deviceType'));
        await store.update(tx, after);
        await prove(tx, actor, 'update', before, after);
        return after;
      });
      await memory.refresh(true);
      return row;
    },
    async remove(actor: Actor, id: string, reason: string): Promise<void> {
      requireRight(actor, 'alarmRules', 'remove');
      await db.transaction(async (tx) => {
        const before = await find(tx, actor, id, true);
        mayChange(actor, before);
        if (before.safetyApproved) guard(actor);
        await store.remove(tx, id);
        await prove(tx, actor, 'remove', { ...before, reason }, null);
      });
      await memory.refresh(true);
    },
    async preview(actor: Actor, input: AlarmRuleInput): Promise<AlarmRulePreview> {
      requireRight(actor, 'alarmRules', 'read');
      const { row } = await made(db.autocommit, actor, input);
      return previewOf(actor, row);
    },
    async ofDevice(actor: Actor, id: string): Promise<readonly EffectiveRuleView[]> {
      requireRight(actor, 'devices', 'read');
      const place = await store.place(db.autocommit, 'device', id, actor.scope);
      const device = place && deps.directory.byId(id);
      if (!device) throw new GatewayError('NOT_FOUND');
      const type = types.get(device.type);
      return type ? effectiveOf(type, memory.rulesOf(device)) : [];
    },
  };
}

function rowOf(actor: Actor, input: AlarmRuleInput, deviceType: string, now: number): AlarmRuleRow {
  const { scope } = actor;
  return {
    ...BLANK,
    ...fieldsOf(input),
    id: randomUUID(),
    scope: input.scope.kind,
    scopeId: input.scope.id,
    deviceType,
    code: input.code,
    lifeSafety: input.lifeSafety ?? false,
    safetyApproved: false,
    modules: scope.kind === 'orgs' ? (scope.moduleIds ?? null) : null,
    reason: input.reason,
    createdBy: actor.id,
    createdAt: now,
    updatedBy: actor.id,
    updatedAt: now,
  };
}

const BLANK = {
  enabled: null,
  title: null,
  when: null,
  clear: null,
  forMs: null,
  severity: null,
  advice: null,
  pair: null,
} as const;

/** What was said; nothing else of what came in. */
function fieldsOf({
  enabled,
  title,
  when,
  clear,
  forMs,
  severity,
  advice,
  pair,
}: AlarmRuleFields): Partial<AlarmRuleRow> {
  const all = { enabled, title, when, clear, forMs, severity, advice, pair };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function effectiveOf(type: DeviceType, rows: readonly AlarmRuleRow[]): EffectiveRuleView[] {
  const { events, pairs, sources, off } = effectiveRules(type, rows);
  // What is switched off is shown as it would be.
  const { alarms } = effectiveRules(
    type,
    rows.map((row) => ({ ...row, enabled: null })),
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  const sourcesOf = (code: string) =>
    (sources.get(code) ?? []).flatMap((id) => {
      const row = byId.get(id);
      return row ? [{ id, scope: row.scope, scopeId: row.scopeId }] : [];
    });
  const pairCodes = new Set([
    ...pairs.map(({ code }) => code),
    ...rows.filter((row) => row.pair).map(({ code }) => code),
  ]);
  return [
    ...alarms.map((rule) => ({
      code: rule.code,
      kind: pairCodes.has(rule.code) ? ('pair' as const) : ('alarm' as const),
      title: rule.title,
      enabled: !off.has(rule.code),
      severity: rule.severity,
      lifeSafety: rule.lifeSafety,
      when: pairCodes.has(rule.code) ? null : rule.when.text,
      clear: pairCodes.has(rule.code) ? null : rule.clear.text,
      forMs: rule.forMs,
      advice: rule.advice,
      ofType: type.alarms.some(({ code }) => code === rule.code),
      sources: sourcesOf(rule.code),
    })),
    ...[...events.values()].map((event) => ({
      code: event.code,
      kind: 'event' as const,
      title: event.title,
      enabled: event.enabled !== false,
      severity: event.severity,
      lifeSafety: event.lifeSafety,
      when: null,
      clear: null,
      forMs: event.holdMs ?? 0,
      advice: event.advice,
      ofType: true,
      sources: sourcesOf(event.code),
    })),
  ];
}
