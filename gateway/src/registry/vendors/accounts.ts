import { type Actor, actorText } from '../../domain/actor.ts';
import { fieldError, parseInput, refuseIf } from '../../domain/input.ts';
import { requireRight } from '../../domain/permission.ts';
import type { Tx } from '../../domain/tx.ts';
import { nextVendorState, type VendorAction } from '../../domain/vendor-access.ts';
import { type Vendor, VendorApproval, type VendorShown } from '../../domain/vendor-input.ts';
import { GatewayError } from '../../errors.ts';
import { bilingual, bothNames } from '../../messages/index.ts';
import type { VendorContext } from './context.ts';
import { showVendor } from './standing.ts';

export interface VendorAccounts {
  /**
   * Approves, rejects, suspends, resumes or ends a vendor. Approving an application makes its first user, whose one-time
   * password is answered once. Throws TRANSITION_NOT_ALLOWED with `allowed`, UNPROCESSABLE while the agreement is missing.
   */
  turn(
    actor: Actor,
    id: string,
    action: VendorAction,
    input: VendorApproval,
  ): Promise<{ vendor: VendorShown; username?: string; password?: string }>;
}

export function createVendorAccounts(deps: VendorContext): VendorAccounts {
  const { db, store, clock } = deps;

  const requireAgreement = (vendor: Vendor) => {
    if (!vendor.agreementRequired || vendor.agreement) return;
    throw new GatewayError('UNPROCESSABLE', bilingual('vendor.agreementFirst'), {
      errors: [fieldError('/agreement', 'required', 'vendor.agreementFirst')],
    });
  };

  const prepareFirst = (vendor: Vendor, wanted: string | undefined) => {
    const username = wanted ?? vendor.creditCode;
    if (username === null) refuseIf([fieldError('/username', 'required', 'input.required')]);
    return deps.users.prepare({
      username: username ?? '',
      name: vendor.contact?.name ?? vendor.name,
      phone: vendor.contact?.phone,
      email: vendor.contact?.email,
    });
  };

  return {
    async turn(actor, id, action, raw) {
      requireRight(actor, 'vendors', 'decide');
      const { reason, username } = parseInput(VendorApproval, raw);
      const found = await store.get(db.autocommit, id, actor.scope);
      if (!found) throw new GatewayError('NOT_FOUND');
      requireAllowed(found, action);
      // Who applied has no user yet; who was invited makes its own by the invitation.
      const first = action === 'approve' && found.state !== 'invited' ? await prepareFirst(found, username) : undefined;
      const made = await db.transaction(async (tx) => {
        const before = await store.get(tx, id, actor.scope, { lock: true });
        if (!before) throw new GatewayError('NOT_FOUND');
        const state = requireAllowed(before, action);
        if (state === 'active') requireAgreement(before);
        if (before.state !== found.state) throw new GatewayError('CONFLICT');
        const after: Vendor = { ...before, state, stateReason: reason, stateAt: clock.now() };
        await store.update(tx, after);
        if (state === 'ended' || state === 'rejected') {
          await store.revokeInvitations(tx, { vendorId: id }, clock.now());
        }
        if (state !== 'active') await deps.users.endSessions(tx, id);
        const user = first && (await deps.users.insert(tx, actor, first, id));
        await prove(tx, actor, action, reason, before, after);
        return { after, user };
      });
      await deps.changed();
      return {
        vendor: showVendor(made.after, deps),
        ...(made.user ? { username: made.user.username } : {}),
        ...(first?.password === undefined ? {} : { password: first.password }),
      };
    },
  };

  function prove(tx: Tx, actor: Actor, action: string, reason: string, before: Vendor, after: Vendor) {
    return deps.audit.append(tx, [
      {
        at: clock.now(),
        actor,
        action,
        resource: 'vendors',
        resourceId: after.id,
        reason,
        before: { state: before.state },
        after: { state: after.state, by: actorText(actor) },
      },
    ]);
  }
}

function requireAllowed(vendor: Vendor, action: VendorAction) {
  const { next, allowed } = nextVendorState(vendor.state, action);
  if (next) return next;
  const message = bilingual('registry.notAllowed', {
    action: bothNames('vendorAction', [action]),
    allowed: bothNames('vendorAction', allowed),
  });
  throw new GatewayError('TRANSITION_NOT_ALLOWED', message, { extra: { allowed } });
}
