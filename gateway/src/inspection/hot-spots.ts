import { type Actor, SYSTEM } from '../domain/actor.ts';
import type { HotSpot, SpotKind } from '../domain/inspection-rows.ts';
import { requireRight } from '../domain/permission.ts';
import { weekday } from '../domain/report-period.ts';
import type { Scope } from '../domain/scope.ts';
import type { Tx } from '../domain/tx.ts';
import { GatewayError } from '../errors.ts';
import { type Language, text } from '../messages/index.ts';
import { conflict, cutPage, type InspectionContext, proof, readOffset } from './context.ts';

export interface HotSpotsQuery {
  readonly by: SpotKind;
  /** Length of the look back. */
  readonly days: number;
  readonly module?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

const DAY_MS = 86_400_000;
const MIN_TICKETS = 3;
const REPEAT_DAYS = 30;
const USUAL_DAYS = 90;
/** Inspections that the gateway asks for by itself in one week. */
const MOST_A_WEEK = 10;

/** 工单高发点位: where more tickets are opened than chance explains, and the visits they lead to. */
export function createHotSpots(context: InspectionContext, owner: string) {
  const { store, transactor, clock, calendar, settings } = context;

  const find = (
    tx: Tx,
    scope: Scope,
    query: Omit<HotSpotsQuery, 'limit' | 'cursor'> & {
      readonly id?: string;
      readonly offset: number;
      readonly limit: number;
    },
  ) =>
    store.hotSpots(tx, scope, {
      by: query.by,
      module: query.module ?? null,
      from: clock.now() - query.days * DAY_MS,
      to: clock.now(),
      minTickets: MIN_TICKETS,
      repeatMs: REPEAT_DAYS * DAY_MS,
      id: query.id ?? null,
      offset: query.offset,
      limit: query.limit,
    });

  /** One open inspection a point; asking again answers the same. */
  const ask = async (tx: Tx, actor: Actor, spot: HotSpot, by: SpotKind, days: number): Promise<string> => {
    const devices = (await store.spotDevices(tx, actor.scope, by, spot.id)) ?? [];
    const [ticketId] = await context.file(tx, [
      {
        kind: 'inspection',
        fault: 'hotSpot',
        subject: `hotSpot:${spot.key}`,
        severity: 'minor',
        devices: by === 'device' ? devices : [],
        module: spot.module,
        siteId: spot.siteId,
        orgId: spot.orgId,
        title: spot.name,
        code: 'hotSpot',
        values: { days, count: spot.tickets, expected: spot.expected.toFixed(1), z: spot.z.toFixed(1) },
      },
    ]);
    if (ticketId === undefined) throw new GatewayError('INTERNAL');
    await proof(context, tx, actor, { action: 'inspect', resourceId: spot.key, after: { ticketId, z: spot.z } });
    return ticketId;
  };

  return {
    async hotSpots(actor: Actor, query: HotSpotsQuery, language: Language) {
      requireRight(actor, 'inspections', 'read');
      const { limit = 50, cursor } = query;
      const offset = readOffset(cursor);
      const found = await find(transactor.autocommit, actor.scope, { ...query, offset, limit: limit + 1 });
      const { hotSpotFrom } = settings();
      const rule = text(language, 'hotSpot.rule', {
        ...{ days: query.days, tickets: MIN_TICKETS, repeat: REPEAT_DAYS, from: hotSpotFrom },
        mean: found.perDeviceMonth.toFixed(3),
      });
      const page = cutPage(found.items, offset, limit);
      return {
        ...page,
        items: page.items.map((spot) => ({ ...spot, hot: spot.z >= hotSpotFrom })),
        perDeviceMonth: found.perDeviceMonth,
        rules: [rule],
      };
    },

    /** NOT_FOUND for a point out of reach, CONFLICT for one that has not enough tickets. */
    async inspectHotSpot(actor: Actor, key: string) {
      requireRight(actor, 'inspections', 'create');
      const match = /^(site|device):(.+)$/.exec(key);
      const [by, id] = [match?.[1] === 'device' ? 'device' : 'site', match?.[2]] as const;
      if (id === undefined) throw new GatewayError('NOT_FOUND');
      return transactor.transaction(async (tx) => {
        if (!(await store.spotDevices(tx, actor.scope, by, id))) throw new GatewayError('NOT_FOUND');
        const found = await find(tx, actor.scope, { by, days: USUAL_DAYS, id, offset: 0, limit: 1 });
        const [spot] = found.items;
        if (!spot) throw conflict('hotSpot.none', { days: USUAL_DAYS, tickets: MIN_TICKETS });
        return { ticketId: await ask(tx, actor, spot, by, USUAL_DAYS) };
      });
    },

    /** Once a week, on the day the setting names. */
    async inspectDue(): Promise<void> {
      const { hotSpotWeekday, hotSpotFrom } = settings();
      const now = clock.now();
      const today = calendar.dayOf(now);
      if (hotSpotWeekday === 0 || weekday(today) !== hotSpotWeekday) return;
      await transactor.transaction(async (tx) => {
        const at = { now, until: now, least: 0 };
        if (!(await store.claimRun(tx, 'hotSpots', today, owner, at))) return;
        const found = await find(tx, SYSTEM.scope, { by: 'site', days: USUAL_DAYS, offset: 0, limit: MOST_A_WEEK });
        for (const spot of found.items) {
          if (spot.z >= hotSpotFrom && spot.ticketId === null) await ask(tx, SYSTEM, spot, 'site', USUAL_DAYS);
        }
        await store.finishRun(tx, 'hotSpots', today, now);
      });
    },
  };
}
