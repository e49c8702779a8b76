import type { Static } from 'typebox';
import type { Actor } from '../../domain/actor.ts';
import type { Pair, RuleScope } from '../../domain/alarm-rule.ts';
import type { Title } from '../../domain/device-type/types.ts';
import type { Page } from '../../domain/page.ts';
import type { Severity } from '../../domain/reading.ts';
import type { AlarmRulePreviewView, AlarmRuleView, EffectiveRuleView } from '../schemas/alarm-rule.ts';

type View = Static<typeof AlarmRuleView>;

interface Fields {
  readonly enabled?: boolean | null;
  readonly title?: Title | null;
  readonly when?: string | null;
  readonly clear?: string | null;
  readonly forMs?: number | null;
  readonly severity?: Severity | null;
  readonly advice?: Title | null;
  readonly pair?: Pair | null;
}
export interface RuleInput extends Fields {
  readonly scope: { readonly kind: RuleScope; readonly id: string };
  readonly deviceType?: string;
  readonly code: string;
  readonly lifeSafety?: boolean;
  readonly reason: string;
}

/** Rules laid over the alarms and events of device types; durations in milliseconds. */
export interface AlarmRulePort {
  list(
    actor: Actor,
    query: {
      readonly limit?: number;
      readonly cursor?: string;
      readonly deviceType?: string;
      readonly code?: string;
      readonly scope?: RuleScope;
      readonly scopeId?: string;
    },
  ): Promise<Page<View>>;
  get(actor: Actor, id: string): Promise<View>;
  create(actor: Actor, input: RuleInput): Promise<View>;
  update(actor: Actor, id: string, patch: Fields & { readonly reason: string }): Promise<View>;
  remove(actor: Actor, id: string, reason: string): Promise<void>;
  preview(actor: Actor, input: RuleInput): Promise<Static<typeof AlarmRulePreviewView>>;
  /** What holds for a device, and where it comes from. */
  ofDevice(actor: Actor, id: string): Promise<readonly Static<typeof EffectiveRuleView>[]>;
}
