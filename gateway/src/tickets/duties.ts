import type { Actor } from '../domain/actor.ts';
import type { DeviceKey } from '../domain/device.ts';
import type { DeviceFacts } from '../domain/duty-rows.ts';
import type { Decision } from '../domain/health.ts';
import { may } from '../domain/permission.ts';
import { kindOf, type TicketRecord } from '../domain/ticket.ts';
import type { TicketParty } from '../domain/ticket-rows.ts';
import type { Duty, TicketActor } from '../domain/ticket-transition.ts';
import type { Tx } from '../domain/tx.ts';
import type { Directory } from './ports.ts';
import type { Duties } from './who.ts';

/** From roles and devices to what the rules of a ticket speak about. */
export const dutiesOf = {
  /** What decides who handles a ticket about these devices; the first device that names a party speaks for a group. */
  decision(decision: Decision, facts: ReadonlyMap<DeviceKey, DeviceFacts>): Duties {
    const devices = decision.devices.flatMap((key) => facts.get(key) ?? []);
    const first = <K extends 'module' | 'siteId' | 'maintenanceUnitId'>(field: K) =>
      devices.find((device) => device[field] !== null)?.[field] ?? null;
    return {
      kind: kindOf(decision.fault),
      module: first('module'),
      siteId: first('siteId'),
      maintenanceUnitId: first('maintenanceUnitId'),
    };
  },

  /**
   * A dispatcher decides; the handling party is the named person or the organisation it went to; anyone who may work on
   * tickets may verify (not their own work, which the rules see to); the lead department of the module approves.
   * What a person sees is wider than what they stand for: they see a street and speak for their own organisation.
   */
  async actor(
    actor: Actor,
    ticket: TicketRecord,
    directory: Directory,
    tx: Tx,
    parties: readonly TicketParty[] = [],
  ): Promise<TicketActor> {
    const duties: Duty[] = [];
    const works = may(actor, 'tickets', 'update');
    const { scope } = actor;
    // A ticket of another department's module is seen by whoever it names, and is not theirs to decide.
    const ofOthers = scope.kind === 'orgs' && scope.moduleIds?.includes(ticket.module ?? '') === false;
    const decides = may(actor, 'tickets', 'decide') && !ofOthers;
    if (decides) duties.push('dispatcher');
    const speaksFor = speaker(actor, directory, tx);
    const everywhere = actor.scope.kind === 'all';
    // A dispatcher whose scope is everything stands for the operations centre, not for each maintenance unit.
    const handlesAll = everywhere && (actor.role === 'admin' || !decides);
    if (works && (ticket.assigneeId === actor.id || handlesAll || (await speaksFor(ticket.handlerOrgId))))
      duties.push('handler');
    let helps = false;
    for (const { orgId } of parties) helps ||= await speaksFor(orgId);
    // 协办 speaks and shows; judging the work is for the others.
    if (works && (!helps || decides)) duties.push('verifier');
    if (decides) {
      const lead = ticket.module === null ? undefined : (await directory.leads(tx, [ticket.module])).get(ticket.module);
      if (everywhere || (await speaksFor(lead))) duties.push('approver');
    }
    return { id: actor.id, duties };
  },
};

/** Whether the actor stands for an organisation: their own, those they were given, and everything above it in between. */
export function speaker(
  actor: Actor,
  directory: Directory,
  tx: Tx,
): (orgId: string | null | undefined) => Promise<boolean> {
  const { scope } = actor;
  // A maintainer's scope is the units it works for; others without an organisation speak for those they were given.
  const given = scope.kind === 'orgs' && (actor.orgId === undefined || actor.role === 'maintainer') ? scope.orgIds : [];
  const own = actor.orgId === undefined ? given : [actor.orgId, ...given];
  return async (orgId) =>
    Boolean(orgId) && own.length > 0 && (await directory.orgPath(tx, orgId ?? '')).some((id) => own.includes(id));
}
