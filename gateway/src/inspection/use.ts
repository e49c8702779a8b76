import type { Actor } from '../domain/actor.ts';
import { fieldError, refuseIf } from '../domain/input.ts';
import type { UseAction } from '../domain/inspection-rows.ts';
import { requireRight } from '../domain/permission.ts';
import { addMonths } from '../domain/report-period.ts';
import { GatewayError } from '../errors.ts';
import { type Language, text } from '../messages/index.ts';
import { cutPage, type InspectionContext, proof, readOffset } from './context.ts';
import { quarterStart } from './quality.ts';

export interface UseQuery {
  readonly by: 'lowUse' | 'falseAlarm';
  /** `2026-Q4`; absent = the running one. */
  readonly quarter?: string;
  readonly module?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

const FAULTS = { retire: 'useRetire', move: 'useMove' } as const;

/** 使用率少, 误报率高: devices of a quarter that are not worth their place, and what is decided about them. */
export function createUse(context: InspectionContext) {
  const { store, transactor, clock, calendar } = context;

  const quarterOf = (quarter: string | undefined, path: string): number => {
    const current = quarterStart(calendar.dayOf(clock.now()));
    if (quarter === undefined) return current;
    const match = /^(\d{4})-Q([1-4])$/.exec(quarter);
    const day = match
      ? addMonths(calendar.parse(`${match[1]}-01-01`) ?? current, 3 * (Number(match[2]) - 1))
      : Infinity;
    if (day > current) refuseIf([fieldError(path, 'quarter', 'use.badQuarter')]);
    return day;
  };
  const nameOf = (first: number) => {
    const [year, month] = calendar.text(first).split('-');
    return `${year}-Q${(Number(month) + 2) / 3}`;
  };

  return {
    async use(actor: Actor, query: UseQuery, language: Language) {
      requireRight(actor, 'inspections', 'read');
      const { by, limit = 50 } = query;
      const quarter = quarterOf(query.quarter, 'quarter');
      const offset = readOffset(query.cursor);
      const rows = await store.use(transactor.autocommit, actor.scope, {
        ...{ by, quarter, offset, limit: limit + 1 },
        module: query.module ?? null,
      });
      return {
        ...cutPage(rows, offset, limit),
        by,
        quarter: nameOf(quarter),
        through: await store.runOf(transactor.autocommit, 'quarter', calendar.dayOf(clock.now())),
        rules: [text(language, `use.rule.${by}`)],
      };
    },

    /** Retiring and moving are proposed by a ticket to whoever looks after the device; keeping it only needs its reason. */
    async decideUse(
      actor: Actor,
      deviceId: string,
      input: { readonly action: UseAction; readonly reason: string; readonly quarter?: string },
    ) {
      requireRight(actor, 'inspections', 'decide');
      const { action, reason } = input;
      const quarter = quarterOf(input.quarter, '/quarter');
      return transactor.transaction(async (tx) => {
        const devices = await store.spotDevices(tx, actor.scope, 'device', deviceId);
        const [device] = devices ?? [];
        if (device === undefined) throw new GatewayError('NOT_FOUND');
        await store.decideUse(tx, device, { quarter, action, reason, by: actor.id, at: clock.now() });
        const fault = action === 'keep' ? undefined : FAULTS[action];
        const [ticketId = null] = fault
          ? await context.file(tx, [
              {
                kind: 'inspection',
                fault,
                subject: `use:${device}`,
                severity: 'minor',
                devices: [device],
                title: null,
                code: fault,
                values: { reason, quarter: nameOf(quarter) },
              },
            ])
          : [];
        await proof(context, tx, actor, {
          action: 'decideUse',
          resourceId: deviceId,
          reason,
          after: { action, quarter: nameOf(quarter), ticketId },
        });
        return { action, reason, quarter: nameOf(quarter), ticketId };
      });
    },
  };
}
