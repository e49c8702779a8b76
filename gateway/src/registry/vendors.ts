import type { Clock } from '../../../adapters/adapter.ts';
import { type Vendor, VendorInput, VendorPatch } from '../domain/catalogue-input.ts';
import { fieldError, refuseIf } from '../domain/input.ts';
import { isGrantable } from '../domain/topic-filter.ts';
import type { Transactor, Tx } from '../domain/tx.ts';
import { GatewayError } from '../errors.ts';
import { type CatalogueDeps, createResource, type Resource, type ResourceStore } from './catalogue.ts';

export interface VendorStore extends ResourceStore<Vendor> {
  logins(tx: Tx): Promise<{ id: string; topics: string[]; keys: { hash: string; expiresAt: number | null }[] }[]>;
}

/** Vendors' MQTT logins in memory: granted topics and the hashes of working keys. */
export interface VendorDirectory {
  byId(id: string): { readonly keyHashes: readonly string[]; readonly topics: readonly string[] } | undefined;
  /** Reads all of them; at start, after a change of ours, and from time to time for other processes' changes. */
  load(tx: Tx): Promise<void>;
}

export function createVendorDirectory(deps: {
  readonly vendors: Pick<VendorStore, 'logins'>;
  readonly clock: Clock;
}): VendorDirectory {
  let byId = new Map<string, Awaited<ReturnType<VendorStore['logins']>>[number]>();
  return {
    byId(id) {
      const vendor = byId.get(id);
      if (!vendor) return undefined;
      const now = deps.clock.now();
      const working = vendor.keys.filter(({ expiresAt }) => expiresAt === null || expiresAt > now);
      return { topics: vendor.topics, keyHashes: working.map(({ hash }) => hash) };
    },
    async load(tx) {
      byId = new Map((await deps.vendors.logins(tx)).map((vendor) => [vendor.id, vendor]));
    },
  };
}

export interface Vendors extends Resource<Vendor, VendorInput, VendorPatch> {
  /** Throws NOT_FOUND unless the vendor exists. */
  requireVendor(id: string): Promise<void>;
}

export function createVendors(
  deps: CatalogueDeps & {
    readonly db: Transactor;
    readonly vendors: VendorStore;
    readonly directory: VendorDirectory;
  },
): Vendors {
  const check = (vendor: Vendor): Vendor => {
    refuseIf(
      vendor.topics
        .map((topic, index) => ({ topic, path: `/topics/${index}` }))
        .filter(({ topic }) => !isGrantable(topic))
        .map(({ topic, path }) => fieldError(path, 'topic', 'registry.topicNotGrantable', { value: topic })),
    );
    return vendor;
  };
  return {
    ...createResource<Vendor, VendorInput, VendorPatch>(deps, {
      right: 'vendors',
      store: deps.vendors,
      input: VendorInput,
      patch: VendorPatch,
      make: async (_tx, _actor, input, id) =>
        check({
          id,
          name: input.name,
          contact: input.contact ?? null,
          topics: input.topics ?? [],
          hasKey: false,
          createdAt: deps.clock.now(),
        }),
      merge: async (_tx, _actor, before, patch) =>
        check({
          ...before,
          name: patch.name ?? before.name,
          contact: patch.contact === undefined ? before.contact : patch.contact,
          topics: patch.topics ?? before.topics,
        }),
      after: () => deps.directory.load(deps.db.autocommit),
    }),
    async requireVendor(id) {
      if (!(await deps.vendors.get(deps.db.autocommit, id, { kind: 'all' }))) throw new GatewayError('NOT_FOUND');
    },
  };
}
