import type { Static } from 'typebox';
import type { Actor } from '../../domain/actor.ts';
import type { DeviceKey } from '../../domain/device.ts';
import type { Page } from '../../domain/page.ts';
import type { QuietInput } from '../../domain/quiet-input.ts';
import type { QuietKind } from '../../domain/quiet-rows.ts';
import type { Tx } from '../../domain/tx.ts';
import type {
  CalendarView,
  DrillFaultsInput,
  DrillFaultsView,
  QuietPreviewView,
  QuietTimeView,
} from '../schemas/quiet.ts';

type View = Static<typeof QuietTimeView>;

/** Maintenance windows, silences, 重保 and drills; times in epoch milliseconds. */
export interface QuietPort {
  list(
    actor: Actor,
    kind: QuietKind,
    query: {
      readonly limit?: number;
      readonly cursor?: string;
      readonly going?: boolean;
      readonly state?: View['state'];
    },
  ): Promise<Page<View>>;
  get(actor: Actor, kind: QuietKind, id: string): Promise<View>;
  create(actor: Actor, kind: QuietKind, input: QuietInput): Promise<View>;
  preview(
    actor: Actor,
    kind: QuietKind,
    input: Pick<QuietInput, 'scope'> & Partial<Omit<QuietInput, 'scope'>>,
  ): Promise<Static<typeof QuietPreviewView>>;
  end(actor: Actor, kind: QuietKind, id: string, reason: string): Promise<View>;
  decide(
    actor: Actor,
    id: string,
    input: { readonly approve: boolean; readonly note?: string; readonly confirm?: boolean },
  ): Promise<View>;
  calendar(
    actor: Actor,
    span: { readonly from: number; readonly to: number },
  ): Promise<Static<typeof CalendarView>['items']>;
  /** Approved maintenance and silences of one device within a span, as far as the actor may see them. */
  spansOf(
    actor: Actor,
    device: DeviceKey,
    span: { readonly from: number; readonly to: number },
  ): Promise<
    readonly {
      readonly id: string;
      readonly kind: 'maintenance' | 'silence';
      readonly name: string;
      readonly from: number;
      readonly to: number;
    }[]
  >;
  /** 重保 that goes on now, within reach. */
  security(
    actor: Actor,
  ): Promise<
    readonly { readonly id: string; readonly name: string; readonly startsAt: number; readonly endsAt: number }[]
  >;
  /** Approved maintenance of devices, as reports take it out of the time that counts. */
  readonly excused: {
    intervals(
      tx: Tx,
      devices: readonly DeviceKey[],
      from: number,
      to: number,
    ): Promise<readonly { readonly device: DeviceKey; readonly from: number; readonly to: number }[]>;
  };
  readonly drills: {
    faults(actor: Actor, id: string): Promise<Static<typeof DrillFaultsView>['items']>;
    inject(
      actor: Actor,
      id: string,
      faults: Static<typeof DrillFaultsInput>['faults'],
    ): Promise<Static<typeof DrillFaultsView>['items']>;
  };
}
