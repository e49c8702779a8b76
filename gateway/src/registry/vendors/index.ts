import type { Clock, LinkEvent, Logger } from '../../../../adapters/adapter.ts';
import type { AuditPort } from '../../domain/audit.ts';
import type { Transactor } from '../../domain/tx.ts';
import type { VendorQuotasInput } from '../../domain/vendor-quota.ts';
import { createVendorAccounts } from './accounts.ts';
import { createVendorAgreements } from './agreements.ts';
import { createVendorApplications } from './applications.ts';
import { createCalendar } from './calendar.ts';
import type { VendorContext } from './context.ts';
import { createVendorDirectory } from './directory.ts';
import { createVendorInvitations } from './invitations.ts';
import { createVendorLinks } from './links.ts';
import type { VendorOutbox, VendorStore, VendorUsers } from './ports.ts';
import { createVendorSelf } from './self.ts';
import { createVendorUsage } from './usage.ts';
import { createVendors } from './vendors.ts';
import { createVendorWarnings } from './warnings.ts';

export type { VendorOutbox, VendorStore, VendorUsers } from './ports.ts';

export interface VendorDeps {
  readonly db: Transactor;
  readonly store: VendorStore;
  readonly audit: AuditPort;
  readonly users: VendorUsers;
  readonly outbox: VendorOutbox;
  readonly settings: () => {
    readonly vendorQuotas: VendorQuotasInput;
    readonly vendorAgreementRequired: boolean;
    readonly vendorApplications: boolean;
  };
  /** Ends live MQTT sessions of `key:<id>`. */
  readonly disconnect: (target: string, reason: string) => Promise<void>;
  readonly hash: (secret: string) => string;
  readonly newSecret: () => string;
  readonly timeZone: string;
  /** Where the scans of agreements are kept. */
  readonly filesDir: string;
  readonly clock: Clock;
  readonly log: Logger;
}

const DAY_MS = 86_400_000;
const KEEP_USAGE_DAYS = 400;
/** Warnings are looked for this often; the end of access itself is looked at with every refresh. */
const WARN_EVERY_MS = 300_000;
/** After its access was opened again a vendor's platform has this long to come back before its silence makes tickets. */
const MUTED_AFTER_MS = 900_000;

/** Vendors: who they are, whether they may work, what they may use. */
export function createVendorPart(deps: VendorDeps) {
  const { db, store, clock } = deps;
  const calendar = createCalendar(clock, deps.timeZone);
  const directory = createVendorDirectory({ vendors: store, clock, calendar });
  const links = createVendorLinks();
  const usage = createVendorUsage({
    vendors: store,
    directory,
    defaults: () => deps.settings().vendorQuotas,
    calendar,
    clock,
  });
  const warn = createVendorWarnings({ ...deps, directory, calendar });
  let warnedAt = Number.NEGATIVE_INFINITY;

  /** Ends the sessions of keys that are over, and of those keys only. */
  const cutEnded = async () => {
    for (const { id, vendorId, reason } of directory.endedKeys()) {
      const why = reason === 'keyEnded' ? 'vendorKeyEnded' : 'vendorAccessEnded';
      links.cut(vendorId, why);
      await deps.disconnect(`key:${id}`, why);
    }
  };
  /** Monotonic time at which a vendor was last seen closed. */
  const closedAt = new Map<string, number>();
  const unmuted: ((vendorId: string) => void)[] = [];
  const watchMuted = () => {
    const now = clock.monotonic();
    for (const { id } of directory.all()) if (directory.closed(id) !== null) closedAt.set(id, now);
    for (const [id, at] of closedAt) {
      if (now - at < MUTED_AFTER_MS) continue;
      closedAt.delete(id);
      for (const listener of unmuted) listener(id);
    }
  };
  const changed = async () => {
    await directory.load(db.autocommit);
    await cutEnded();
    watchMuted();
  };
  const context: VendorContext = {
    ...deps,
    directory,
    usage,
    calendar,
    link: links.of,
    changed,
    agreementRequired: () => deps.settings().vendorAgreementRequired,
    applicationsOpen: () => deps.settings().vendorApplications,
  };
  return {
    directory,
    usage,
    changed,
    vendors: createVendors(context),
    accounts: createVendorAccounts(context),
    invitations: createVendorInvitations(context),
    applications: createVendorApplications(context),
    agreements: createVendorAgreements({ ...context, dir: deps.filesDir }),
    self: createVendorSelf(context),
    /** What a vendor's login may send. */
    allowance: {
      rateOf(vendorId: string) {
        const { messagesPerSecond, messageBurst } = usage.quotasOf(vendorId);
        return { rate: messagesPerSecond, burst: messageBurst };
      },
      take: usage.message,
      refused: usage.refused,
    },
    /** What stands between a vendor and HTTP. */
    gate: { closed: directory.closed, request: usage.request },
    /** Whether its login is closed by us, or was until a moment ago. */
    muted: (vendorId: string) => closedAt.has(vendorId) || directory.closed(vendorId) !== null,
    /** Hears of each vendor whose silence counts again. */
    onUnmuted: (listener: (vendorId: string) => void) => void unmuted.push(listener),
    noteLink(vendorId: string, event: LinkEvent) {
      links.note(vendorId, event);
    },
    async load() {
      await directory.load(db.autocommit);
      await usage.load(db.autocommit);
      await cutEnded();
      // What an earlier process kept quiet is looked at again, when their time to come back is over.
      for (const id of await store.mutedVendors(db.autocommit)) closedAt.set(id, clock.monotonic());
      watchMuted();
    },
    /** What other processes changed, what ended by the calendar, what was counted; every few seconds and once more at the stop. */
    async refresh() {
      await changed();
      await usage.flush(db.autocommit);
      if (clock.monotonic() - warnedAt < WARN_EVERY_MS) return;
      await warn();
      warnedAt = clock.monotonic();
    },
    /** Hourly: refused messages beyond each vendor's number, usage nobody asks for any more. */
    async upkeep() {
      const bounds = [...directory.all()].map(({ id }) => [id, usage.quotasOf(id).quarantineRows] as const);
      await store.boundQuarantine(db.autocommit, Object.fromEntries(bounds));
      const before = new Date(clock.now() - KEEP_USAGE_DAYS * DAY_MS).toISOString().slice(0, 10);
      await store.forgetUsage(db.autocommit, before);
    },
  };
}
