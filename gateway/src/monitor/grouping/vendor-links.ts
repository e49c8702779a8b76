import type { VendorLinkEvidence } from '../../domain/evidence.ts';
import { VENDOR_LINK } from './keys.ts';
import type { LiveGroup } from './ports.ts';

/** Which vendors' logins are known to be gone. One that was never seen up is not known to be down. */
export interface VendorLinks {
  note(evidence: VendorLinkEvidence): void;
  /** Takes up what an earlier run knew of links that were lost. */
  restore(groups: readonly Pick<LiveGroup, 'key' | 'openedAt' | 'evidence'>[]): void;
  /** Since when the last of the vendor's logins is gone (epoch ms), and why; undefined = up or not known. */
  down(vendorId: string): { readonly since: number; readonly reason: string } | undefined;
}

export function createVendorLinks(): VendorLinks {
  const vendors = new Map<string, { sessions: Set<string>; since: number; reason: string }>();
  return {
    note({ vendorId, state, session, at, reason }) {
      const known = vendors.get(vendorId);
      if (state === 'up') {
        if (known) known.sessions.add(session);
        else vendors.set(vendorId, { sessions: new Set([session]), since: at, reason });
        return;
      }
      // Our own shutdown is nobody's lost link.
      if (!known?.sessions.delete(session)) return;
      if (reason === 'shutdown') vendors.delete(vendorId);
      else Object.assign(known, { since: at, reason });
    },
    restore(groups) {
      for (const { key, openedAt, evidence } of groups) {
        if (!key.startsWith(VENDOR_LINK)) continue;
        const { linkDownSince, linkReason } = evidence[0] ?? {};
        const since = typeof linkDownSince === 'string' ? Date.parse(linkDownSince) : openedAt;
        const reason = typeof linkReason === 'string' ? linkReason : '';
        vendors.set(key.slice(VENDOR_LINK.length), { sessions: new Set(), since, reason });
      }
    },
    down(vendorId) {
      const known = vendors.get(vendorId);
      return known && known.sessions.size === 0 ? { since: known.since, reason: known.reason } : undefined;
    },
  };
}
