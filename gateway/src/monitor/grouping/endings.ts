import type { DeviceKey } from '../../domain/device.ts';
import type { Decision } from '../../domain/health.ts';
import type { SettleContext } from '../context.ts';
import { VENDOR_LINK } from './keys.ts';
import type { LiveGroup } from './ports.ts';
import { decisionOf } from './write.ts';

/**
 * Ends the groups whose cause or most of whose members are back, and holds again on its own account what stayed silent for
 * long enough after. Answers how many devices were held again.
 */
export async function endGroups(context: SettleContext): Promise<number> {
  const { groups, transactor } = context;
  const before = context.wall() - context.leftoverAfterMs();
  if (!(await groups.pending(transactor.autocommit, before))) {
    await context.outages.note(transactor.autocommit, [], context.wall());
    return 0;
  }
  return transactor.transaction(async (tx) => {
    const at = context.wall();
    const mine = await groups.turn(tx);
    const live = await groups.live(tx);
    await context.outages.note(tx, live, at);
    if (!mine) return 0;
    const over = live.filter((group) => isOver(context, group));
    if (over.length > 0) {
      const ids = over.map(({ id }) => id);
      const members = new Map<string, DeviceKey[]>(ids.map((id) => [id, []]));
      for (const { group, device } of await groups.members(tx, ids)) members.get(group)?.push(device);
      await groups.resolve(tx, ids, at);
      const told = over.filter(({ notified }) => notified);
      const decisions = told.map((group) => resolved(group, members.get(group.id) ?? [], at));
      if (decisions.length > 0) await context.onDecision(tx, decisions);
    }
    return groups.leftovers(tx, before, context.nows());
  });
}

function isOver(context: SettleContext, group: LiveGroup): boolean {
  if (group.bad === 0 || group.good > group.bad) return true;
  const vendor = group.key.startsWith(VENDOR_LINK) ? group.key.slice(VENDOR_LINK.length) : null;
  if (vendor !== null && group.good > 0) return context.vendorLinks.down(vendor) === undefined;
  return group.parentDown === false;
}

function resolved(group: LiveGroup, devices: readonly DeviceKey[], at: number): Decision {
  const reason = group.parentDown === false ? 'causeReturned' : 'membersReturned';
  const proof = { reason, returned: group.good, stillSilent: group.bad };
  return { ...decisionOf(group, devices, true, at, 'resolved'), evidence: [proof] };
}
