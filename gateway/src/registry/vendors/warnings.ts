import type { Clock, Logger } from '../../../../adapters/adapter.ts';
import { SYSTEM } from '../../domain/actor.ts';
import type { AuditPort } from '../../domain/audit.ts';
import { type Notice, OF_NO_DEVICE } from '../../domain/notice.ts';
import type { Transactor } from '../../domain/tx.ts';
import { daysBetween, vendorEnds } from '../../domain/vendor-access.ts';
import type { VendorLoginRow, VendorWarning } from '../../domain/vendor-rows.ts';
import type { VendorDirectory } from './directory.ts';
import type { Calendar, VendorOutbox, VendorStore } from './ports.ts';

/** Days before the end at which administrators and the vendor are told; the end itself is told too. */
const STEPS = [30, 7, 1];

/**
 * Tells once each that a contract or an agreement ends soon, and that it has ended. What was missed while we were down is told by
 * the nearest step only.
 */
export function createVendorWarnings(deps: {
  readonly db: Transactor;
  readonly store: Pick<VendorStore, 'warn'>;
  readonly directory: Pick<VendorDirectory, 'all' | 'byId'>;
  readonly outbox: VendorOutbox;
  readonly audit: AuditPort;
  readonly calendar: Calendar;
  readonly clock: Clock;
  readonly log: Logger;
}): () => Promise<void> {
  return async () => {
    const today = deps.calendar.today();
    const due = [...deps.directory.all()].flatMap((vendor) => dueWarnings(vendor, today));
    if (due.length === 0) return;
    await deps.db.transaction(async (tx) => {
      const now = deps.clock.now();
      const fresh = await deps.store.warn(tx, due, now);
      if (fresh.length === 0) return;
      await deps.outbox.add(
        tx,
        fresh.flatMap((warning) => {
          const vendor = deps.directory.byId(warning.vendorId);
          return vendor ? [noticeOf(vendor, warning, today, now)] : [];
        }),
      );
      const ended = fresh.filter(({ daysBefore }) => daysBefore === 0);
      await deps.audit.append(
        tx,
        ended.map(({ vendorId, what, endsOn }) => ({
          at: now,
          actor: SYSTEM,
          action: 'accessEnded',
          resource: 'vendors',
          resourceId: vendorId,
          after: { reason: `${what}Ended`, endsOn },
        })),
      );
      for (const warning of ended) deps.log.warn(warning, 'the access of a vendor ended with its papers');
    });
  };
}

function dueWarnings(vendor: VendorLoginRow, today: string): VendorWarning[] {
  if (vendor.state !== 'active' && vendor.state !== 'suspended') return [];
  return vendorEnds(vendor).flatMap(({ what, on }) => {
    const left = daysBetween(today, on);
    const step = left < 0 ? 0 : STEPS.filter((days) => left <= days).at(-1);
    return step === undefined ? [] : [{ vendorId: vendor.id, what, endsOn: on, daysBefore: step }];
  });
}

function noticeOf(vendor: VendorLoginRow, warning: VendorWarning, today: string, at: number): Notice {
  const { what, endsOn, daysBefore } = warning;
  const ended = daysBefore === 0;
  const subject = `vendor:${vendor.id}:${what}:${endsOn}`;
  return {
    ...OF_NO_DEVICE,
    key: `${subject}:${daysBefore}`,
    subject,
    fault: ended ? 'vendorAccessEnded' : 'vendorAccessEnding',
    severity: ended || daysBefore === 1 ? 'major' : 'minor',
    priority: 'normal',
    vendor: {
      id: vendor.id,
      name: vendor.name,
      what,
      endsOn,
      daysLeft: daysBetween(today, endsOn),
      contact: vendor.contact,
    },
    reason: what,
    advice: null,
    at,
  };
}
