import type { Actor } from '../domain/actor.ts';
import type { DeviceKey } from '../domain/device.ts';
import { fieldError, refuseIf } from '../domain/input.ts';
import { requireRight } from '../domain/permission.ts';
import { DEVICE_FAULTS, kindOf } from '../domain/ticket.ts';
import { GatewayError } from '../errors.ts';
import { bilingual } from '../messages/index.ts';
import { holds } from './matcher.ts';
import type { DrillFault, Earnest, QuietDeps } from './ports.ts';

/** 演练: faults that are made up. Their tickets are marked and touch nothing real. */
export interface Drills {
  faults(actor: Actor, id: string): Promise<readonly DrillFault[]>;
  /** CONFLICT when the drill is over; the same fault again answers the ticket it has. */
  inject(
    actor: Actor,
    id: string,
    faults: readonly { readonly deviceId: string; readonly fault: string }[],
  ): Promise<readonly DrillFault[]>;
}

export function createDrills(deps: QuietDeps): Drills {
  const { store, db, clock } = deps;
  return {
    async faults(actor, id) {
      requireRight(actor, 'maintenanceWindows', 'read');
      const row = await store.get(db.autocommit, 'drill', id, actor.scope, actor.id, false);
      if (!row) throw new GatewayError('NOT_FOUND');
      const faults = await store.drillFaults(db.autocommit, id);
      if (actor.scope.kind === 'all') return faults;
      const named = await store.named(
        db.autocommit,
        { devices: [...new Set(faults.map(({ deviceId }) => deviceId))] },
        actor.scope,
      );
      return faults.filter(({ deviceId }) => named.devices.has(deviceId));
    },

    async inject(actor, id, faults) {
      requireRight(actor, 'maintenanceWindows', 'decide');
      await db.transaction(async (tx) => {
        const drill = await store.get(tx, 'drill', id, actor.scope, actor.id, true);
        if (!drill) throw new GatewayError('NOT_FOUND');
        const now = clock.now();
        if (drill.endedAt !== null || drill.endsAt <= now)
          throw new GatewayError('CONFLICT', bilingual('quiet.drillOver'));
        const places = await store.places(tx, [drill]);
        const found = await Promise.resolve(
          faults.map(async ({ deviceId }) => store.device(tx, deviceId, actor.scope)),
        ).then((all) => Promise.all(all));
        refuseIf(
          faults.flatMap(({ deviceId }, index) => {
            const key = found[index];
            const at = `/faults/${index}/deviceId`;
            if (key === undefined) return [fieldError(at, 'notFound', 'input.notFound', { value: deviceId })];
            const brief = deps.directory.byKey(key);
            return brief && holds(drill, brief, places) ? [] : [fieldError(at, 'range', 'quiet.drillScope')];
          }),
        );
        const requests = faults.map(({ fault }, index) => {
          const device = found[index] ?? 0;
          return { fault, device, earnest: inEarnest(deps, device, fault) };
        });
        refuseIf(
          requests.flatMap(({ fault, earnest }, index) =>
            earnest === undefined
              ? [fieldError(`/faults/${index}/fault`, 'notFound', 'quiet.drillFault', { value: fault })]
              : [],
          ),
        );
        const tickets = await deps.file(
          tx,
          requests.map(({ fault, device, earnest }) => ({
            kind: kindOf(fault),
            fault,
            // Of its own kind, so that it never stands in the way of the ticket of a real fault.
            subject: `drill:${id}:device:${device}`,
            severity: earnest?.severity ?? 'major',
            lifeSafety: earnest?.lifeSafety ?? false,
            advice: earnest?.advice ? { ...earnest.advice } : null,
            devices: [device],
            title: null,
            code: 'drill',
            values: { name: drill.name },
            drill: true,
          })),
        );
        await store.addDrillFaults(
          tx,
          id,
          requests.map(({ fault, device }, index) => ({
            device,
            fault,
            ticketId: tickets[index] ?? '',
            by: actor.id,
            at: now,
          })),
        );
        await deps.audit.append(tx, [
          { at: now, actor, action: 'inject', resource: 'drills', resourceId: id, after: { faults } },
        ]);
      });
      return this.faults(actor, id);
    },
  };
}

/** What the fault would be in earnest; undefined = no device of this type can have it. */
function inEarnest({ types, directory }: QuietDeps, device: DeviceKey, fault: string): Earnest | undefined {
  if (DEVICE_FAULTS.includes(fault)) return { severity: 'major' };
  const brief = directory.byKey(device);
  const type = brief && types.get(brief.type);
  return type?.alarms.find(({ code }) => code === fault) ?? type?.events.get(fault);
}
