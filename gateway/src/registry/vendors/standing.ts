import { daysBetween, vendorClosed, vendorEnds } from '../../domain/vendor-access.ts';
import type { Vendor, VendorLinkState, VendorShown } from '../../domain/vendor-input.ts';
import type { Calendar } from './ports.ts';

/** A vendor with what follows from its papers today. */
export function showVendor(
  vendor: Vendor,
  deps: { readonly calendar: Calendar; readonly link: (vendorId: string) => VendorLinkState },
): VendorShown {
  const today = deps.calendar.today();
  const reason = vendorClosed(vendor, today);
  const endsOn = vendorEnds(vendor)[0]?.on ?? null;
  return {
    ...vendor,
    access: { open: reason === null, reason, endsOn, daysLeft: endsOn === null ? null : daysBetween(today, endsOn) },
    flags: vendor.agreement === null ? ['agreementMissing'] : [],
    link: deps.link(vendor.id),
  };
}
