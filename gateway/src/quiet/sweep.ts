import { SYSTEM } from '../domain/actor.ts';
import { type DeviceKey, LIFECYCLE_RIGHTS } from '../domain/device.ts';
import type { QuietedIncident, QuietTime } from '../domain/quiet-rows.ts';
import { lastEnd, occurrences } from '../domain/quiet-times.ts';
import { SEVERITIES } from '../domain/reading.ts';
import { kindOf } from '../domain/ticket.ts';
import type { Tx } from '../domain/tx.ts';
import type { QuietMemory } from './memory.ts';
import type { QuietDeps } from './ports.ts';
import { createReminders } from './reminders.ts';

/** What is looked at in one sweep at most. */
const LIMIT = 20_000;
const QUIET = /^(maintenance|silence):/;

/**
 * Deals with what is over. After a maintenance window and its grace all that went down inside and still is, becomes one
 * ticket; what a silence kept quiet is decided again; a drill takes its leftovers along. Safe to run in several gateways:
 * each row is claimed and says how far it was dealt with.
 */
export function createQuietSweep(deps: QuietDeps, memory: QuietMemory) {
  const { store, db, clock, zone } = deps;
  const reminders = createReminders(deps);
  /** Devices of silences that are over; kept for the next sweep when memory could not be read again. */
  const undecided = new Set<DeviceKey>();

  /** The newest end that nobody dealt with yet and whose grace has passed. */
  const dueEnd = (row: QuietTime, now: number): number | undefined => {
    if (row.settled === null) return undefined;
    const grace = row.kind === 'maintenance' ? deps.graceMs() : 0;
    const spans = occurrences(row, row.settled, now, zone);
    return spans.map(({ to }) => to).findLast((to) => to > (row.settled ?? 0) && to + grace <= now);
  };
  const isOver = (row: QuietTime, now: number) => {
    const grace = row.kind === 'maintenance' && row.state === 'approved' ? deps.graceMs() : 0;
    return lastEnd(row, zone) + grace <= now;
  };

  const settle = async (tx: Tx, row: QuietTime, end: number, now: number): Promise<readonly DeviceKey[]> => {
    if (row.state !== 'approved') return [];
    switch (row.kind) {
      case 'maintenance':
        // The next window has begun: what still stands waits for its end.
        if (!memory.inside(row.id, now)) await tellOfWindow(tx, row, end, now);
        return [];
      case 'silence':
        return store.quietedDevices(tx, `silence:${row.id}`);
      case 'drill':
        await deps.endDrillTickets(
          tx,
          (await store.drillFaults(tx, row.id)).map(({ ticketId }) => ticketId),
        );
        return [];
      case 'security':
        return [];
    }
  };

  const tellOfWindow = async (tx: Tx, row: QuietTime, end: number, now: number): Promise<void> => {
    const own = `maintenance:${row.id}`;
    const incidents = await store.quieted(tx, own);
    const changes: { id: string; suppressed: readonly string[]; notified: boolean | null }[] = [];
    const left: QuietedIncident[] = [];
    for (const incident of incidents) {
      const others = otherReasons(incident, own, now);
      if (others.length > 0) changes.push({ id: incident.id, suppressed: others, notified: null });
      else {
        changes.push({ id: incident.id, suppressed: [], notified: true });
        if (!incident.hasTicket) left.push(incident);
      }
    }
    await store.retell(tx, changes);
    if (left.length > 0) await fileFor(tx, row, end, left);
  };

  /** What else keeps it quiet now. */
  const otherReasons = (incident: QuietedIncident, own: string, now: number): readonly string[] => {
    const lasting = incident.suppressed.filter((reason) => !QUIET.test(reason));
    const brief = incident.device === null ? undefined : deps.directory.byKey(incident.device);
    if (!brief) return lasting;
    const { fault, openedAt } = incident;
    const quiet = memory.reasons({ device: brief, fault, openedAt }, now).filter((reason) => reason !== own);
    const stage = LIFECYCLE_RIGHTS[brief.lifecycle].tickets || lasting.includes('lifecycle') ? [] : ['lifecycle'];
    return [...lasting, ...stage, ...quiet];
  };

  const fileFor = async (tx: Tx, row: QuietTime, end: number, left: readonly QuietedIncident[]): Promise<void> => {
    const devices = [...new Set(left.flatMap(({ device, members }) => (device === null ? members : [device])))];
    const faults = [...new Set(left.map(({ fault }) => fault))];
    const fault = faults.length === 1 && faults[0] !== undefined ? faults[0] : 'afterMaintenance';
    const rank = (one: QuietedIncident) => SEVERITIES.indexOf(one.severity);
    const worst = left.reduce((a, b) => (rank(b) > rank(a) ? b : a), left[0] as QuietedIncident);
    await deps.file(tx, [
      {
        kind: faults.every((one) => kindOf(one) === 'event') ? 'event' : 'deviceFault',
        fault,
        subject: `maintenance:${row.id}:${end}`,
        severity: worst.severity,
        devices,
        title: null,
        code: 'afterMaintenance',
        values: { name: row.name, devices: devices.length },
        incidents: left.map(({ id }) => id),
        evidence: [
          {
            kind: 'decision',
            at: clock.now(),
            by: 'system',
            detail: {
              reason: 'afterMaintenance',
              window: row.id,
              name: row.name,
              endedAt: new Date(end).toISOString(),
              faults: Object.fromEntries(faults.map((one) => [one, left.filter(({ fault: f }) => f === one).length])),
            },
          },
        ],
      },
    ]);
  };

  const one = async (id: string, now: number): Promise<void> => {
    const again = await db.transaction(async (tx) => {
      const row = await store.claim(tx, id);
      if (!row) return [];
      if (reminders.isDue(row, now)) await reminders.warn(tx, row);
      const end = dueEnd(row, now);
      const over = isOver(row, now);
      if (end === undefined && !over) return [];
      const devices = end === undefined ? [] : await settle(tx, row, end, now);
      if (over) await reminders.ended(tx, row);
      await store.update(tx, { ...row, settled: over ? null : (end ?? row.settled) });
      if (over && row.state === 'approved' && row.kind !== 'maintenance' && row.endedAt === null)
        await deps.audit.append(tx, [
          { at: now, actor: SYSTEM, action: 'expire', resource: AUDITED[row.kind], resourceId: row.id },
        ]);
      return devices;
    });
    for (const device of again) undecided.add(device);
  };

  return async (): Promise<void> => {
    await memory.refresh();
    const now = clock.now();
    let dealt = undecided.size > 0;
    for (const row of await store.going(db.autocommit, LIMIT)) {
      if (dueEnd(row, now) === undefined && !isOver(row, now) && !reminders.isDue(row, now)) continue;
      try {
        await one(row.id, now);
        dealt = true;
      } catch (error) {
        // One that breaks does not stop the others; it is tried again.
        deps.log.error(
          { error, id: row.id },
          'the end of a maintenance window, silence or drill is not dealt with yet',
        );
      }
    }
    if (!dealt) return;
    // Once for all: what is in memory is as large as all that goes on.
    await memory.refresh(true);
    if (undecided.size > 0) deps.decideAgain([...undecided]);
    undecided.clear();
  };
}

/** Names of the kinds in the audit and in addresses. */
export const AUDITED = {
  maintenance: 'maintenanceWindows',
  silence: 'silences',
  security: 'securityPeriods',
  drill: 'drills',
} as const;
