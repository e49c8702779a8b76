import { randomUUID } from 'node:crypto';
import { type Actor, actorText, SYSTEM } from '../../domain/actor.ts';
import { fieldError, parseInput, refuseIf } from '../../domain/input.ts';
import { requireRight } from '../../domain/permission.ts';
import type { Tx } from '../../domain/tx.ts';
import {
  InvitationAcceptance,
  InvitationInput,
  type Vendor,
  type VendorInvitation,
  VendorInvitationInput,
  type VendorShown,
} from '../../domain/vendor-input.ts';
import { GatewayError } from '../../errors.ts';
import { bilingual, bothNames } from '../../messages/index.ts';
import type { VendorContext } from './context.ts';
import { createPublicGate } from './public-gate.ts';
import { showVendor } from './standing.ts';
import { grantable, newVendor, termErrors } from './vendors.ts';

const DAY_MS = 86_400_000;
const VALID_MS = 7 * DAY_MS;
const LONGEST_MS = 30 * DAY_MS;

export interface VendorInvitations {
  /** Invites a vendor that is not known yet. The token is answered once. */
  inviteNew(
    actor: Actor,
    input: VendorInvitationInput,
  ): Promise<{ vendor: VendorShown; invitation: VendorInvitation; token: string }>;
  /** Invites another person of a vendor; earlier invitations not yet used end. */
  invite(
    actor: Actor,
    vendorId: string,
    input: InvitationInput,
  ): Promise<{ invitation: VendorInvitation; token: string }>;
  list(actor: Actor, vendorId: string): Promise<VendorInvitation[]>;
  revoke(actor: Actor, vendorId: string, id: string): Promise<void>;
  /** By a stranger: the token makes the vendor's user, once. A token that opens nothing answers NOT_FOUND whatever is wrong with it. */
  accept(input: InvitationAcceptance, address: string): Promise<{ vendorId: string; username: string }>;
}

export function createVendorInvitations(deps: VendorContext): VendorInvitations {
  const { db, store, clock } = deps;
  const gate = createPublicGate({ clock, perAddress: 20, inAll: 300, windowMs: 600_000 });

  const make = (actor: Actor, vendorId: string, { email, expiresAt }: InvitationInput) => {
    const now = clock.now();
    if (expiresAt !== undefined && (expiresAt <= now || expiresAt > now + LONGEST_MS)) {
      refuseIf([fieldError('/expiresAt', 'range', 'vendor.invitationTerm')]);
    }
    const token = `cgwi_${deps.newSecret()}`;
    const invitation: VendorInvitation = {
      id: randomUUID(),
      vendorId,
      email: email ?? null,
      createdBy: actorText(actor),
      createdAt: now,
      expiresAt: expiresAt ?? now + VALID_MS,
      usedAt: null,
      revokedAt: null,
    };
    return { token, invitation };
  };

  const write = async (tx: Tx, actor: Actor, invitation: VendorInvitation, token: string) => {
    await store.invite(tx, { ...invitation, tokenHash: deps.hash(token) });
    await prove(tx, actor, 'invite', invitation.vendorId, {
      invitation: invitation.id,
      expiresAt: invitation.expiresAt,
    });
  };

  const prove = (tx: Tx, actor: Actor, action: string, vendorId: string, after: unknown) =>
    deps.audit.append(tx, [{ at: clock.now(), actor, action, resource: 'vendors', resourceId: vendorId, after }]);

  const find = async (tx: Tx, actor: Actor, id: string, lock = false): Promise<Vendor> => {
    const vendor = await store.get(tx, id, actor.scope, { lock });
    if (!vendor) throw new GatewayError('NOT_FOUND');
    return vendor;
  };

  return {
    async inviteNew(actor, raw) {
      requireRight(actor, 'vendors', 'create');
      const { id, email, expiresAt, shareTopics, ...input } = parseInput(VendorInvitationInput, raw);
      const vendor: Vendor = {
        ...newVendor(id ?? `v-${randomUUID().slice(0, 18)}`, input, clock.now()),
        state: 'invited',
        agreementRequired: deps.agreementRequired(),
      };
      const made = make(actor, vendor.id, { ...(email && { email }), ...(expiresAt !== undefined && { expiresAt }) });
      await db.transaction(async (tx) => {
        await store.insert(tx, await grantable(deps, tx, vendor, shareTopics));
        await prove(tx, actor, 'create', vendor.id, vendor);
        await write(tx, actor, made.invitation, made.token);
      });
      await deps.changed();
      return { vendor: showVendor(vendor, deps), ...made };
    },

    async invite(actor, vendorId, raw) {
      requireRight(actor, 'vendors', 'update');
      const made = make(actor, vendorId, parseInput(InvitationInput, raw));
      await db.transaction(async (tx) => {
        const { state } = await find(tx, actor, vendorId, true);
        if (state !== 'invited' && state !== 'active') {
          throw new GatewayError(
            'CONFLICT',
            bilingual('vendor.notInvitable', { state: bothNames('vendorState', [state]) }),
          );
        }
        await write(tx, actor, made.invitation, made.token);
      });
      return made;
    },

    async list(actor, vendorId) {
      requireRight(actor, 'vendors', 'update');
      await find(db.autocommit, actor, vendorId);
      return store.listInvitations(db.autocommit, vendorId);
    },

    async revoke(actor, vendorId, id) {
      requireRight(actor, 'vendors', 'update');
      await db.transaction(async (tx) => {
        await find(tx, actor, vendorId);
        const ended = await store.revokeInvitations(tx, { vendorId, id }, clock.now());
        if (ended === 0) throw new GatewayError('NOT_FOUND');
        await prove(tx, actor, 'revokeInvitation', vendorId, { invitation: id });
      });
    },

    async accept(raw, address) {
      const input = parseInput(InvitationAcceptance, raw);
      gate(address);
      refuseIf(termErrors({ contract: null, agreement: null, creditCode: input.creditCode ?? null }));
      const tokenHash = deps.hash(input.token);
      const actor: Actor = { ...SYSTEM, address };
      // Looked at before the slow hash of the password, so that guessing costs us no processor time.
      if (!(await store.openInvitation(db.autocommit, tokenHash, clock.now()))) throw gone();
      const user = await deps.users.prepare({
        username: input.username,
        name: input.name,
        password: input.password,
        phone: input.contact?.phone,
        email: input.contact?.email,
      });
      const done = await db.transaction(async (tx) => {
        const used = await store.useInvitation(tx, tokenHash, clock.now());
        const vendor = used && (await store.get(tx, used.vendorId, { kind: 'all' }, { lock: true }));
        if (!vendor || (vendor.state !== 'invited' && vendor.state !== 'active')) throw gone();
        const first = vendor.state === 'invited';
        // A code that names another vendor is left out: who holds an invitation learns nothing of others by it.
        const code = input.creditCode ?? null;
        const taken = code !== null && (await store.byCreditCode(tx, code)) !== undefined;
        const after: Vendor = {
          ...vendor,
          ...(first ? { state: 'active', stateReason: null, stateAt: clock.now() } : {}),
          contact: first ? (input.contact ?? vendor.contact) : vendor.contact,
          creditCode: vendor.creditCode ?? (taken ? null : code),
        };
        await store.update(tx, after);
        const made = await deps.users.insert(tx, actor, user, vendor.id);
        await prove(tx, actor, 'acceptInvitation', vendor.id, {
          invitation: used.id,
          userId: made.id,
          state: after.state,
        });
        return { vendorId: vendor.id, username: made.username };
      });
      await deps.changed();
      return done;
    },
  };
}

/** One answer for every token that opens nothing: it tells a guesser no more than a mistyped one. */
const gone = () => new GatewayError('NOT_FOUND', bilingual('vendor.invitationGone'));
