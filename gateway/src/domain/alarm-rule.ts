import type { DeviceBrief } from './device.ts';
import type { Expression } from './device-type/expression.ts';
import { negate, parseExpression } from './device-type/expression.ts';
import type { AlarmRule, EventInfo, Title } from './device-type/types.ts';
import type { Severity } from './reading.ts';

/** Where a rule holds, from the widest to the narrowest: what stands further right wins. */
export const RULE_SCOPES = ['type', 'module', 'org', 'site', 'device'] as const;
export type RuleScope = (typeof RULE_SCOPES)[number];

/** What one device of a pair must be: silent or alive, with an alarm that is up, or with an event not long ago. */
export type PairSide =
  | { readonly state: 'offline' | 'online' }
  | { readonly alarm: string }
  | { readonly event: string; readonly withinMs: number };

/** A device and another of the same site, together. */
export interface Pair {
  readonly own: PairSide;
  readonly other: PairSide & { readonly deviceType: string };
}

/** A rule a person made: the override of what a device type says, or a rule of its own. null = as the wider one says. */
export interface AlarmRuleRow {
  readonly id: string;
  readonly scope: RuleScope;
  /** Public id of the device, site, organisation or module; of `type` the device type. */
  readonly scopeId: string;
  /** Whose alarms and events it is about. */
  readonly deviceType: string;
  /** Of an alarm or event of the type, or a new one. */
  readonly code: string;
  readonly enabled: boolean | null;
  readonly title: Title | null;
  readonly when: string | null;
  readonly clear: string | null;
  readonly forMs: number | null;
  readonly severity: Severity | null;
  readonly advice: Title | null;
  /** Only of a new rule. */
  readonly lifeSafety: boolean;
  readonly pair: Pair | null;
  /** An administrator said why a rule about life and limb may differ from its type. */
  readonly safetyApproved: boolean;
  /** Modules its maker is bound to; null = every one. */
  readonly modules: readonly string[] | null;
  readonly reason: string;
  readonly createdBy: string;
  readonly createdAt: number;
  readonly updatedBy: string;
  readonly updatedAt: number;
}

/** Of one site, two devices together; steps like any other alarm of the first. */
export interface PairRule extends Pair {
  readonly code: string;
  readonly forMs: number;
}

/** An event as it is told: `holdMs` is how long one that is taken back in time is not. */
export interface EffectiveEvent extends EventInfo {
  readonly enabled?: boolean;
  readonly holdMs?: number;
}

export interface Effective {
  readonly alarms: readonly AlarmRule[];
  readonly events: ReadonlyMap<string, EffectiveEvent>;
  readonly pairs: readonly PairRule[];
  /** Ids of the rules that had a say, by code, widest first. */
  readonly sources: ReadonlyMap<string, readonly string[]>;
  /** Alarms of the type that are switched off. */
  readonly off: ReadonlySet<string>;
}

/** A pair has no expression: the monitor steps it when one of the two devices changes. */
export const NO_EXPRESSION: Expression = {
  text: 'pair',
  metrics: [],
  temporal: [],
  threshold: false,
  evaluate: () => undefined,
  evidence: () => [],
};

type Base = { readonly alarms: readonly AlarmRule[]; readonly events: ReadonlyMap<string, EventInfo> };

/** What holds for a device: its type's rules with the overrides laid on, `rows` in any order. */
export function effectiveRules(base: Base, rows: readonly AlarmRuleRow[]): Effective {
  const ordered = [...rows].sort(byPrecedence);
  const alarms = new Map(base.alarms.map((rule) => [rule.code, rule]));
  const events = new Map<string, EffectiveEvent>(base.events);
  const pairs = new Map<string, PairRule>();
  const sources = new Map<string, string[]>();
  const enabled = new Map<string, boolean>();
  for (const row of ordered) {
    const { code } = row;
    const alarm = alarms.get(code);
    const event = events.get(code);
    const said = heeded(row, alarm?.lifeSafety ?? event?.lifeSafety ?? false);
    if (alarm) alarms.set(code, overlaid(alarm, said));
    else {
      const made = newRule(said);
      if (made) alarms.set(code, made);
    }
    if (event) events.set(code, overlaidEvent(event, said));
    const pair = said.pair ?? pairs.get(code);
    if (pair) pairs.set(code, { ...pair, code, forMs: said.forMs ?? pairs.get(code)?.forMs ?? 0 });
    if (said.enabled !== null) enabled.set(code, said.enabled);
    sources.set(code, [...(sources.get(code) ?? []), row.id]);
  }
  const off = new Set([...enabled].filter(([, on]) => !on).map(([code]) => code));
  for (const code of off) {
    const event = events.get(code);
    if (event) events.set(code, { ...event, enabled: false });
    pairs.delete(code);
  }
  return {
    alarms: [...alarms.values()].filter(({ code }) => !off.has(code)),
    events,
    pairs: [...pairs.values()],
    sources,
    off,
  };
}

/** Without an administrator's word, nothing but the advice of a rule about life and limb can be changed. */
function heeded(row: AlarmRuleRow, lifeSafety: boolean): AlarmRuleRow {
  if (!lifeSafety || row.safetyApproved) return row;
  return { ...row, enabled: null, when: null, clear: null, forMs: null, severity: null, pair: null };
}

/** Wider first; of two as wide, the one that was made first. */
export function byPrecedence(a: AlarmRuleRow, b: AlarmRuleRow): number {
  return (
    RULE_SCOPES.indexOf(a.scope) - RULE_SCOPES.indexOf(b.scope) || a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1)
  );
}

function overlaid(rule: AlarmRule, row: AlarmRuleRow): AlarmRule {
  // A condition and its end belong together: a new `when` without `clear` ends when it is false.
  const when = row.when === null ? rule.when : parseExpression(row.when);
  const clear = row.clear !== null ? parseExpression(row.clear) : row.when === null ? rule.clear : negate(when);
  return {
    ...rule,
    when,
    clear,
    title: row.title ?? rule.title,
    forMs: row.forMs ?? rule.forMs,
    severity: row.severity ?? rule.severity,
    advice: row.advice ?? rule.advice,
  };
}

function overlaidEvent(event: EffectiveEvent, row: AlarmRuleRow): EffectiveEvent {
  return {
    ...event,
    severity: row.severity ?? event.severity,
    advice: row.advice ?? event.advice,
    ...(row.forMs === null ? {} : { holdMs: row.forMs }),
  };
}

function newRule(row: AlarmRuleRow): AlarmRule | undefined {
  const { code, severity, lifeSafety, advice } = row;
  if (row.when === null && !row.pair) return undefined;
  const when = row.when === null ? NO_EXPRESSION : parseExpression(row.when);
  return {
    code,
    title: row.title ?? { zh: code, en: code },
    severity: severity ?? 'major',
    lifeSafety,
    when,
    clear: row.clear !== null ? parseExpression(row.clear) : row.pair ? NO_EXPRESSION : negate(when),
    forMs: row.forMs ?? 0,
    advice,
  };
}

/** Whether a rule is about this device; `below` are organisations with all above them. */
export function concerns(
  row: AlarmRuleRow,
  device: Pick<DeviceBrief, 'id' | 'type' | 'siteId' | 'orgId' | 'module'>,
  isBelow: (orgId: string, root: string) => boolean,
): boolean {
  if (row.deviceType !== device.type) return false;
  if (row.modules && (device.module === null || !row.modules.includes(device.module))) return false;
  switch (row.scope) {
    case 'type':
      return true;
    case 'module':
      return device.module === row.scopeId;
    case 'org':
      return device.orgId !== null && isBelow(device.orgId, row.scopeId);
    case 'site':
      return device.siteId === row.scopeId;
    case 'device':
      return device.id === row.scopeId;
  }
}
