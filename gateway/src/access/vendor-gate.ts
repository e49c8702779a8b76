import type { LoginInput } from '../domain/access-input.ts';
import type { Actor } from '../domain/actor.ts';
import type { VendorClosed } from '../domain/vendor-access.ts';
import { GatewayError } from '../errors.ts';
import { bilingual } from '../messages/index.ts';
import type { Sessions } from './sessions.ts';

/** Whether a vendor may work now, and how often it asks. */
export interface VendorGate {
  /** null = it may. */
  closed(vendorId: string): VendorClosed | null;
  /** Counts one request; seconds to wait when there were too many. */
  request(vendorId: string): number;
}

/**
 * Puts the gate in front of every login, session and key of a vendor. Asked at every request, so access ends with its papers and
 * not with the session. Throws VENDOR_ACCESS_ENDED or TOO_MANY_REQUESTS.
 */
export function guardVendors<S extends Sessions>(sessions: S, gate: VendorGate): S {
  const refuse = (reason: VendorClosed): never => {
    throw new GatewayError('VENDOR_ACCESS_ENDED', bilingual(`vendor.closed.${reason}`), {
      extra: { reason },
    });
  };
  const guarded = (actor: Actor | null): Actor | null => {
    if (actor?.scope.kind !== 'vendor') return actor;
    const { vendorId } = actor.scope;
    const reason = gate.closed(vendorId);
    if (reason) refuse(reason);
    const seconds = gate.request(vendorId);
    if (seconds > 0) {
      throw new GatewayError('TOO_MANY_REQUESTS', bilingual('vendor.tooMany', { seconds }), {
        extra: { retryAfter: seconds },
      });
    }
    return actor;
  };
  return {
    ...sessions,
    async open(user: Parameters<Sessions['open']>[0], how: Parameters<Sessions['open']>[1]) {
      const reason = user.vendorId === null ? null : gate.closed(user.vendorId);
      if (reason) refuse(reason);
      return sessions.open(user, how);
    },
    async login(input: LoginInput, address: string, agent?: string) {
      const session = await sessions.login(input, address, agent);
      const reason = session.user.vendorId === null ? null : gate.closed(session.user.vendorId);
      if (reason) {
        const actor = await sessions.authenticate(session.token, address);
        if (actor) await sessions.logout(actor);
        refuse(reason);
      }
      return session;
    },
    authenticate: async (token: string, address: string) => guarded(await sessions.authenticate(token, address)),
  };
}
