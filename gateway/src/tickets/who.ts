import { createRoster } from '../domain/roster.ts';
import type { TicketKind } from '../domain/ticket.ts';
import type { Tx } from '../domain/tx.ts';
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

export type HandlerWarning = 'noMaintenanceUnit' | 'noHandler' | 'noPerson' | 'dutyDesk' | 'substitute';

/**
 * A device fault to the maintenance unit, everything else to the organisation that handles the module
 * at the site; the person from the roster, else the one responsible, else the duty desk. All cases in seven queries.
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
  const duty = await whoIsThere(directory, tx, orgIds, desk?.userId ?? null, settings, now);
  const personOf = (orgId: string, module: string | null) => duty(orgId, module, now);

  return parties.map(({ orgId, missing }, index) => {
    if (orgId === null) return { orgId: null, userId: null, warnings: ['noHandler'] };
    const module = cases[index]?.module ?? null;
    const warnings: HandlerWarning[] = missing ? ['noMaintenanceUnit'] : [];
    const person = personOf(orgId, module);
    if (person?.instead) warnings.push('substitute');
    if (person) return { orgId, userId: person.userId, warnings };
    const atDesk = desk === null ? null : (personOf(desk.orgId, module)?.userId ?? desk.userId);
    return { orgId, userId: atDesk, warnings: [...warnings, atDesk === null ? 'noPerson' : 'dutyDesk'] };
  });
}

/** Who is asked at an organisation: the person on duty, else the one responsible, or who stands in for them. */
export async function whoIsThere(
  directory: Directory,
  tx: Tx,
  orgIds: readonly string[],
  deskUserId: string | null,
  settings: TicketSettings,
  now: number,
) {
  const shifts = await directory.shifts(tx, orgIds);
  const responsible = await directory.responsible(tx, orgIds);
  const absences = await directory.absences(tx, now, now + 1);
  const active = await directory.active(
    tx,
    distinct([
      ...shifts.map((shift) => shift.userId),
      ...responsible.values(),
      ...absences.map((absence) => absence.substituteId),
      deskUserId,
    ]),
  );
  const roster = createRoster({ shifts, absences, active: (id) => active.has(id), hours: settings.workingHours });
  return (orgId: string, module: string | null, at: number) => {
    const person = responsible.get(orgId);
    const found = roster.onDuty(orgId, module, at) ?? (person === undefined ? undefined : roster.present(person, at));
    return found && { userId: found.userId, instead: found.insteadOf.length > 0 };
  };
}

function distinct(values: readonly (string | null)[]): string[] {
  return [...new Set(values.filter((value) => value !== null))];
}
