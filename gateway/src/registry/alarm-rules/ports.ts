import type { Clock, Logger } from '../../../../adapters/adapter.ts';
import type { AlarmRuleRow, PairRule, RuleScope } from '../../domain/alarm-rule.ts';
import type { AuditPort } from '../../domain/audit.ts';
import type { DeviceBrief, DeviceKey } from '../../domain/device.ts';
import type { DeviceType } from '../../domain/device-type/types.ts';
import type { Page } from '../../domain/page.ts';
import type { Value } from '../../domain/reading.ts';
import type { Scope } from '../../domain/scope.ts';
import type { Transactor, Tx } from '../../domain/tx.ts';

/** `store/alarm-rules.ts` implements it. */
export interface AlarmRuleStore {
  all(tx: Tx, limit: number): Promise<readonly AlarmRuleRow[]>;
  mark(tx: Tx): Promise<string>;
  /** Which of these organisations stand above each organisation, itself included. */
  above(tx: Tx, roots: readonly string[]): Promise<ReadonlyMap<string, ReadonlySet<string>>>;
  get(tx: Tx, id: string, scope: Scope, lock: boolean): Promise<AlarmRuleRow | undefined>;
  list(tx: Tx, filter: AlarmRuleQuery, scope: Scope): Promise<Page<AlarmRuleRow>>;
  /** false = the place has a rule of this code already. */
  insert(tx: Tx, row: AlarmRuleRow, orgId: string | null): Promise<boolean>;
  update(tx: Tx, row: AlarmRuleRow): Promise<void>;
  remove(tx: Tx, id: string): Promise<void>;
  place(
    tx: Tx,
    kind: 'device' | 'site' | 'org' | 'module',
    id: string,
    scope: Scope,
  ): Promise<
    { readonly orgId: string | null; readonly type: string | null; readonly module: string | null } | undefined
  >;
  matched(
    tx: Tx,
    rule: Pick<AlarmRuleRow, 'scope' | 'scopeId' | 'deviceType' | 'modules'>,
    scope: Scope,
    limit: number,
  ): Promise<{
    readonly total: number;
    readonly devices: readonly { readonly key: DeviceKey; readonly id: string; readonly name: string }[];
  }>;
  events(
    tx: Tx,
    devices: readonly DeviceKey[],
    from: number,
    to: number,
    limit: number,
  ): Promise<readonly { readonly device: DeviceKey; readonly code: string; readonly at: number }[]>;
}

export interface AlarmRuleQuery {
  readonly deviceType?: string;
  readonly code?: string;
  readonly scope?: RuleScope;
  readonly scopeId?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

/** Stored readings, for what a rule would have done. */
export interface RuleSeries {
  query(query: { device: DeviceKey; metrics?: readonly string[]; from: number; to: number; limit: number }): Promise<{
    readonly series: readonly { readonly metric: string; readonly points: readonly (readonly [number, Value])[] }[];
    readonly nextCursor: string | null;
  }>;
  latest(device: DeviceKey): Promise<readonly { readonly metric: string }[]>;
}

export interface AlarmRuleDeps {
  readonly db: Transactor;
  readonly store: AlarmRuleStore;
  readonly audit: AuditPort;
  readonly clock: Clock;
  readonly log: Logger;
  readonly types: { get(id: string): DeviceType | undefined };
  readonly directory: { byId(id: string): DeviceBrief | undefined };
  readonly series: () => RuleSeries;
  /** What is judged by has changed. */
  readonly onChange: () => void;
}

/** A device type with the rules people laid over it. */
export interface RuledType extends DeviceType {
  readonly pairs?: readonly PairRule[];
  readonly pairedEvents?: ReadonlySet<string>;
}
