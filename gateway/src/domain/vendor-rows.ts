import type { KeyScope } from './key-scope.ts';
import type { Vendor } from './vendor-input.ts';
import type { VendorUsage } from './vendor-quota.ts';

/** A vendor's key without what it was made from; `hash` is base64. Times in epoch milliseconds. */
export interface VendorKeyRow {
  readonly id: string;
  readonly hash: string;
  readonly expiresAt: number | null;
  readonly scopes: readonly KeyScope[] | null;
  readonly addresses: readonly string[] | null;
}

/** What is kept of every vendor in memory. */
export interface VendorLoginRow
  extends Pick<
    Vendor,
    'id' | 'name' | 'contact' | 'topics' | 'state' | 'contract' | 'agreement' | 'agreementRequired' | 'quotas'
  > {
  readonly keys: readonly VendorKeyRow[];
}

/** Usage of one vendor on one day (`YYYY-MM-DD`). */
export interface VendorUsageRow extends VendorUsage {
  readonly vendorId: string;
  readonly day: string;
}

/** A warning before the end of a contract or an agreement, or at it (`daysBefore` 0). */
export interface VendorWarning {
  readonly vendorId: string;
  readonly what: 'contract' | 'agreement';
  readonly endsOn: string;
  readonly daysBefore: number;
}
