import type { LinkEvent } from '../../../../adapters/adapter.ts';
import type { VendorLinkState } from '../../domain/vendor-input.ts';

/**
 * The MQTT logins of vendors as one fact each: a vendor whose login drops has one broken link, not three hundred broken devices.
 * In memory of the process that holds the sessions; devices are judged by their own silence.
 */
export interface VendorLinks {
  note(vendorId: string, event: Pick<LinkEvent, 'state' | 'reason' | 'at' | 'session'>): void;
  /** What ended it is told by whoever cut it, e.g. `vendorAccessEnded`; otherwise the socket's own reason stands. */
  cut(vendorId: string, reason: string): void;
  of(vendorId: string): VendorLinkState;
}

interface Link {
  readonly sessions: Set<string>;
  state: 'up' | 'down';
  reason: string;
  since: number;
  cutBecause: string | null;
}

export function createVendorLinks(): VendorLinks {
  const links = new Map<string, Link>();
  return {
    note(vendorId, { state, reason, at, session }) {
      const link = links.get(vendorId) ?? { sessions: new Set(), state: 'down', reason, since: at, cutBecause: null };
      links.set(vendorId, link);
      if (state === 'up') link.sessions.add(session);
      else link.sessions.delete(session);
      const now = link.sessions.size > 0 ? 'up' : 'down';
      if (now !== link.state) Object.assign(link, { state: now, since: at });
      if (now === state) link.reason = now === 'down' && reason === 'cut' ? (link.cutBecause ?? reason) : reason;
      if (now === 'up') link.cutBecause = null;
    },
    cut(vendorId, reason) {
      const link = links.get(vendorId);
      if (!link) return;
      link.cutBecause = reason;
      if (link.state === 'down') link.reason = reason;
    },
    of(vendorId) {
      const link = links.get(vendorId);
      if (!link) return { state: 'never', reason: null, since: null, sessions: 0 };
      return { state: link.state, reason: link.reason, since: link.since, sessions: link.sessions.size };
    },
  };
}
