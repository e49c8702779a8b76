import type { AuditPort } from '../../domain/audit.ts';
import type { Transactor } from '../../domain/tx.ts';
import type { VendorLinkState } from '../../domain/vendor-input.ts';
import type { CatalogueDeps } from '../catalogue.ts';
import type { VendorDirectory } from './directory.ts';
import type { Calendar, VendorStore, VendorUsers } from './ports.ts';
import type { VendorUsageMeter } from './usage.ts';

/** What everything about vendors works with. */
export interface VendorContext extends CatalogueDeps {
  readonly db: Transactor;
  readonly audit: AuditPort;
  readonly store: VendorStore;
  readonly users: VendorUsers;
  readonly directory: VendorDirectory;
  readonly usage: VendorUsageMeter;
  readonly calendar: Calendar;
  readonly link: (vendorId: string) => VendorLinkState;
  /** After a commit that changed a vendor: its logins learn of it and what is over is cut. */
  readonly changed: () => Promise<void>;
  /** Whether vendors that come by themselves need a 保密协议 on record. */
  readonly agreementRequired: () => boolean;
  /** Whether companies may apply. */
  readonly applicationsOpen: () => boolean;
  readonly hash: (secret: string) => string;
  readonly newSecret: () => string;
}
