import type { Shift } from '../domain/duty-rows.ts';
import type { TicketKind } from '../domain/ticket.ts';
import type { Tx } from '../domain/tx.ts';
import { createZone, type Zone } from '../domain/working-time.ts';
import type { Directory } from './ports.ts';
import type { TicketSettings } from './settings.ts';

/** What decides who handles a ticket. */
export interface Duties {
  readonly kind: TicketKind;
  readonly module: string | null;
  readonly siteId: string | null;
  /** 维保单位 of the device; null when there is none or the ticket is about no device. */
  readonly maintenanceUnitId: string | null;
}

export interface Handler {
  /** null = nobody is known; the ticket stays where it is. */
  readonly orgId: string | null;
  /** null = the organisation has to name a person itself. */
  readonly userId: string | null;
  /** Keys below `ticket.note.`: what had to be made do with. */
  readonly warnings: readonly HandlerWarning[];
}

export type HandlerWarning = 'noMaintenanceUnit' | 'noHandler' | 'noPerson' | 'dutyDesk';

/**
 * A device fault to the maintenance unit, everything else to the organisation that handles the module
 * at the site; the person from the roster, else the one responsible, else the duty desk. All cases in five queries.
 */
export async function findHandlers(
  directory: Directory,
  tx: Tx,
  cases: readonly Duties[],
  settings: TicketSettings,
  now: number,
): Promise<Handler[]> {
  if (cases.length === 0) return [];
  const modules = distinct(cases.map((one) => one.module));
  const pairs = cases.flatMap(({ siteId, module }) => (siteId !== null && module !== null ? [{ siteId, module }] : []));
  const leads = await directory.leads(tx, modules);
  const atSite = new Map(
    (await directory.siteHandlers(tx, pairs)).map((row) => [`${row.siteId}\n${row.module}`, row.orgId]),
  );
  const desk = settings.dutyDesk;

  const parties = cases.map((one) => {
    const lead = (one.module !== null && leads.get(one.module)) || null;
    const matrix = atSite.get(`${one.siteId}\n${one.module}`) ?? lead;
    if (one.kind !== 'deviceFault') return { orgId: matrix ?? desk?.orgId ?? null, missing: false };
    if (one.maintenanceUnitId !== null) return { orgId: one.maintenanceUnitId, missing: false };
    return { orgId: desk?.orgId ?? matrix, missing: true };
  });

  const orgIds = distinct([...parties.map((party) => party.orgId), desk?.orgId ?? null]);
  const shifts = await directory.shifts(tx, orgIds);
  const responsible = await directory.responsible(tx, orgIds);
  const zone = createZone(settings.workingHours.zone);
  const personOf = (orgId: string, module: string | null) =>
    onDuty(shifts, orgId, module, now, zone) ?? responsible.get(orgId) ?? null;

  return parties.map(({ orgId, missing }, index) => {
    if (orgId === null) return { orgId: null, userId: null, warnings: ['noHandler'] };
    const module = cases[index]?.module ?? null;
    const warnings: HandlerWarning[] = missing ? ['noMaintenanceUnit'] : [];
    const person = personOf(orgId, module);
    if (person !== null) return { orgId, userId: person, warnings };
    const atDesk = desk === null ? null : (personOf(desk.orgId, module) ?? desk.userId);
    return { orgId, userId: atDesk, warnings: [...warnings, atDesk === null ? 'noPerson' : 'dutyDesk'] };
  });
}

/** The person of the first shift that covers the moment; a shift for the module beats one for every module. */
export function onDuty(
  shifts: readonly Shift[],
  orgId: string,
  module: string | null,
  now: number,
  zone: Zone,
): string | null {
  const covering = shifts.filter(
    (shift) => shift.orgId === orgId && (shift.module === null || shift.module === module) && covers(shift, now, zone),
  );
  return (covering.find((shift) => shift.module !== null) ?? covering[0])?.userId ?? null;
}

function covers(shift: Shift, now: number, zone: Zone): boolean {
  const day = zone.day(now);
  const minute = zone.minute(now);
  if (shift.fromMinute < shift.toMinute)
    return minute >= shift.fromMinute && minute < shift.toMinute && startsOn(shift, day);
  // Over midnight: the evening of the day it starts, or the morning after.
  return (minute >= shift.fromMinute && startsOn(shift, day)) || (minute < shift.toMinute && startsOn(shift, day - 1));
}

function startsOn(shift: Shift, day: number): boolean {
  const date = new Date(day * 86_400_000).toISOString().slice(0, 10);
  const weekday = ((((day + 3) % 7) + 7) % 7) + 1;
  return (
    shift.days.includes(weekday) &&
    (shift.validFrom === null || shift.validFrom <= date) &&
    (shift.validTo === null || date <= shift.validTo)
  );
}

function distinct(values: readonly (string | null)[]): string[] {
  return [...new Set(values.filter((value) => value !== null))];
}
