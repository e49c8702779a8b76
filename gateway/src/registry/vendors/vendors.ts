import { isCreditCode } from '../../domain/credit-code.ts';
import { fieldError, refuseIf } from '../../domain/input.ts';
import { filtersOverlap, isGrantable } from '../../domain/topic-filter.ts';
import type { Tx } from '../../domain/tx.ts';
import { isDay } from '../../domain/vendor-access.ts';
import { type Vendor, VendorInput, VendorPatch, type VendorShown } from '../../domain/vendor-input.ts';
import { type FieldError, GatewayError } from '../../errors.ts';
import { createResource, type Resource } from '../catalogue.ts';
import type { VendorContext } from './context.ts';
import { showVendor } from './standing.ts';

/** Names below `/vendors/` that are routes. */
const RESERVED = new Set(['me', 'invitations', 'applications', 'accept-invitation']);

export interface Vendors extends Resource<VendorShown, VendorInput, VendorPatch> {
  /** Throws NOT_FOUND unless the vendor exists. */
  requireVendor(id: string): Promise<void>;
}

/** The vendors as administrators enter and see them. */
export function createVendors(deps: VendorContext): Vendors {
  const resource = createResource<Vendor, VendorInput, VendorPatch>(deps, {
    right: 'vendors',
    store: deps.store,
    input: VendorInput,
    patch: VendorPatch,
    async make(tx, _actor, input, id) {
      return grantable(deps, tx, newVendor(id, input, deps.clock.now()), input.shareTopics);
    },
    async merge(tx, _actor, before, { shareTopics, agreement, ...patch }) {
      const change = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
      const after = {
        ...before,
        ...change,
        ...(agreement === undefined ? {} : { agreement: agreed(before, agreement) }),
      };
      if (patch.topics === undefined) {
        refuseIf(termErrors(after));
        return after;
      }
      return grantable(deps, tx, after, shareTopics);
    },
    after: deps.changed,
  });
  const show = (vendor: Vendor) => showVendor(vendor, deps);
  return {
    async list(actor, query) {
      const { items, ...rest } = await resource.list(actor, query);
      return { items: items.map(show), ...rest };
    },
    get: async (actor, id) => show(await resource.get(actor, id)),
    create: async (actor, input) => show(await resource.create(actor, input)),
    update: async (actor, id, patch) => show(await resource.update(actor, id, patch)),
    remove: resource.remove,
    async requireVendor(id) {
      if (!(await deps.store.get(deps.db.autocommit, id, { kind: 'all' }))) throw new GatewayError('NOT_FOUND');
    },
  };
}

/** The vendor itself, when its id, dates, codes and topics may stand; another vendor's topics only when `share` says so. */
export async function grantable(
  { store }: Pick<VendorContext, 'store'>,
  tx: Tx,
  vendor: Vendor,
  share: boolean | undefined,
): Promise<Vendor> {
  if (RESERVED.has(vendor.id)) refuseIf([fieldError('/id', 'reserved', 'vendor.idReserved', { value: vendor.id })]);
  refuseIf([...termErrors(vendor), ...topicErrors(vendor)]);
  if (vendor.topics.length > 0 && !share) refuseIf(overlapErrors(vendor, await store.otherGrants(tx, vendor.id)));
  return vendor;
}

/** A vendor an administrator enters is in service; one that comes by itself starts in another state. */
export function newVendor(id: string, input: Omit<VendorInput, 'id'>, now: number): Vendor {
  return {
    id,
    name: input.name,
    contact: input.contact ?? null,
    topics: input.topics ?? [],
    hasKey: false,
    state: 'active',
    stateReason: null,
    stateAt: now,
    creditCode: input.creditCode ?? null,
    purpose: null,
    moduleIds: input.moduleIds ?? [],
    contract: input.contract ?? null,
    agreement: input.agreement ? { ...input.agreement, file: null } : null,
    agreementRequired: input.agreementRequired ?? false,
    quotas: input.quotas ?? {},
    createdAt: now,
  };
}

/** New dates keep the scan on record when they are the same agreement, that is, signed on the same day. */
function agreed(before: Vendor, dates: { signedOn: string; expiresOn: string } | null): Vendor['agreement'] {
  if (dates === null) return null;
  const same = before.agreement?.signedOn === dates.signedOn;
  return { ...dates, file: same ? (before.agreement?.file ?? null) : null };
}

/** What the schema cannot say of days and codes. */
export function termErrors({ contract, agreement, creditCode }: Pick<Vendor, 'contract' | 'agreement' | 'creditCode'>) {
  const errors: FieldError[] = [];
  const days = [
    ['/contract/from', contract?.from],
    ['/contract/to', contract?.to],
    ['/agreement/signedOn', agreement?.signedOn],
    ['/agreement/expiresOn', agreement?.expiresOn],
  ] as const;
  for (const [path, day] of days) {
    if (day !== undefined && !isDay(day)) errors.push(fieldError(path, 'date', 'input.date'));
  }
  if (contract?.from && contract.to && contract.to < contract.from) {
    errors.push(fieldError('/contract/to', 'range', 'vendor.endBeforeStart'));
  }
  if (agreement && agreement.expiresOn < agreement.signedOn) {
    errors.push(fieldError('/agreement/expiresOn', 'range', 'vendor.endBeforeStart'));
  }
  if (creditCode !== null && !isCreditCode(creditCode)) {
    errors.push(fieldError('/creditCode', 'creditCode', 'vendor.creditCode'));
  }
  return errors;
}

function topicErrors({ topics }: Vendor): FieldError[] {
  return topics.flatMap((topic, index) =>
    isGrantable(topic) ? [] : [fieldError(`/topics/${index}`, 'topic', 'registry.topicNotGrantable', { value: topic })],
  );
}

function overlapErrors({ topics }: Vendor, others: readonly { id: string; topics: readonly string[] }[]): FieldError[] {
  return topics.flatMap((topic, index) => {
    const other = others.find((vendor) => vendor.topics.some((granted) => filtersOverlap(granted, topic)));
    if (!other) return [];
    return [fieldError(`/topics/${index}`, 'granted', 'vendor.topicGranted', { value: topic, vendor: other.id })];
  });
}
