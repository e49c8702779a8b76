import type { DeviceBrief, DeviceKey } from '../domain/device.ts';
import type { DirectoryRow } from '../domain/device-rows.ts';
import type { Tx } from '../domain/tx.ts';
import type { DeviceStore } from './ports.ts';

/** A device as it was and as it is; `before` is null for one never seen here. */
export interface DirectoryChange {
  readonly before: DeviceBrief | null;
  readonly after: DeviceBrief;
}

/** Every device in memory, for the data path: no query a message. About 0.6 KiB each. */
export interface Directory {
  /** False until every device has been read once; logins fail closed until then. */
  readonly loaded: boolean;
  readonly size: number;
  byId(id: string): DeviceBrief | undefined;
  byKey(key: DeviceKey): DeviceBrief | undefined;
  /** A living device is preferred; two of them (different vendors, no vendor given) are no answer. */
  bySerial(serial: string, vendorId: string | null): DeviceBrief | undefined;
  byExternalId(externalId: string, vendorId: string | null): DeviceBrief | undefined;
  all(): IterableIterator<DeviceBrief>;
  /** HMAC of the device's secret, base64. */
  secretHash(key: DeviceKey): string | undefined;
  /** Hears of every change after it is committed; synchronous and cheap. Answers the unsubscriber. */
  onChange(listener: (changes: readonly DirectoryChange[]) => void): () => void;
  /** Reads all devices, in pages. */
  load(tx: Tx): Promise<void>;
  /** Reads these devices again; after a commit of ours. */
  refresh(tx: Tx, keys: readonly DeviceKey[]): Promise<void>;
  /** Reads what other processes changed since the last call. */
  poll(tx: Tx): Promise<void>;
}

interface Entry {
  brief: DeviceBrief;
  /** Latin-1 text of the 32 bytes: a Buffer would cost three times as much. */
  secret: string | null;
  revision: number;
}

const PAGE = 5_000;
const POLL_PAGE = 500;
/** A transaction that began before the last poll may commit after it; none lasts this long. */
const OVERLAP_MS = 120_000;

export function createDirectory(deps: {
  readonly devices: Pick<DeviceStore, 'page' | 'byKeys' | 'changedSince'>;
}): Directory {
  const byKey = new Map<DeviceKey, Entry>();
  const byId = new Map<string, Entry>();
  const serials = createIndex();
  const externals = createIndex();
  const listeners = new Set<(changes: readonly DirectoryChange[]) => void>();
  // Types, organisations and vendors repeat 100,000 times; one copy of each is enough.
  const words = new Map<string, string>();
  let loaded = false;
  let polledAt: number | null = null;

  const word = <T extends string | null>(text: T): T => {
    if (text === null) return text;
    const known = words.get(text);
    if (known !== undefined) return known as T;
    words.set(text, text);
    return text;
  };

  const put = (row: DirectoryRow): DirectoryChange | undefined => {
    const known = byKey.get(row.key);
    // Two refreshes may overtake each other; the older picture never wins.
    if (known && known.revision >= row.revision) return undefined;
    const { secretHash, revision, ...rest } = row;
    const brief: DeviceBrief = {
      ...rest,
      type: word(rest.type),
      vendorId: word(rest.vendorId),
      siteId: word(rest.siteId),
      orgId: word(rest.orgId),
      module: word(rest.module),
    };
    const secret = secretHash === null ? null : Buffer.from(secretHash, 'base64').toString('latin1');
    const before = known?.brief ?? null;
    const entry = known ?? { brief, secret, revision };
    if (known) {
      serials.remove(known.brief.serial, known);
      externals.remove(known.brief.externalId, known);
      Object.assign(known, { brief, secret, revision });
    }
    byKey.set(brief.key, entry);
    byId.set(brief.id, entry);
    serials.add(brief.serial, entry);
    externals.add(brief.externalId, entry);
    return { before, after: brief };
  };

  const apply = (rows: readonly DirectoryRow[]) => {
    const changes = rows.map(put).filter((change) => change !== undefined);
    if (changes.length > 0) for (const listener of listeners) listener(changes);
  };

  return {
    get loaded() {
      return loaded;
    },
    get size() {
      return byKey.size;
    },
    byId: (id) => byId.get(id)?.brief,
    byKey: (key) => byKey.get(key)?.brief,
    bySerial: (serial, vendorId) => serials.find(serial, vendorId)?.brief,
    byExternalId: (externalId, vendorId) => externals.find(externalId, vendorId)?.brief,
    *all() {
      for (const { brief } of byKey.values()) yield brief;
    },
    secretHash(key) {
      const secret = byKey.get(key)?.secret;
      return secret ? Buffer.from(secret, 'latin1').toString('base64') : undefined;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async load(tx) {
      const { now } = await deps.devices.changedSince(tx, null, { after: 0, limit: 0 });
      for (let after = 0; ; ) {
        const rows = await deps.devices.page(tx, after, PAGE);
        apply(rows);
        const last = rows.at(-1);
        if (!last || rows.length < PAGE) break;
        after = last.key;
      }
      polledAt = now;
      loaded = true;
    },
    async refresh(tx, keys) {
      for (let start = 0; start < keys.length; start += PAGE) {
        apply(await deps.devices.byKeys(tx, keys.slice(start, start + PAGE)));
      }
    },
    async poll(tx) {
      if (polledAt === null) return;
      const since = polledAt - OVERLAP_MS;
      let begun: number | undefined;
      // An import or a bulk change elsewhere is tens of thousands of rows at once.
      for (let after = 0; ; ) {
        const { rows, now } = await deps.devices.changedSince(tx, since, { after, limit: POLL_PAGE });
        begun ??= now;
        apply(rows);
        const last = rows.at(-1);
        if (!last || rows.length < POLL_PAGE) break;
        after = last.key;
      }
      polledAt = begun;
    },
  };
}

/** Entries by a name that is unique among the living of one vendor only. One entry a name is the rule, so no array. */
function createIndex() {
  const index = new Map<string, Entry | Entry[]>();
  const entriesOf = (name: string): readonly Entry[] => {
    const found = index.get(name);
    return found === undefined ? [] : Array.isArray(found) ? found : [found];
  };
  const set = (name: string, entries: Entry[]) => {
    const [only] = entries;
    if (only === undefined) index.delete(name);
    else index.set(name, entries.length === 1 ? only : entries);
  };
  return {
    add(name: string | null, entry: Entry) {
      if (name !== null) set(name, [...entriesOf(name), entry]);
    },
    remove(name: string | null, entry: Entry) {
      if (name !== null)
        set(
          name,
          entriesOf(name).filter((other) => other !== entry),
        );
    },
    find(name: string, vendorId: string | null): Entry | undefined {
      const fitting = entriesOf(name).filter((entry) => vendorId === null || entry.brief.vendorId === vendorId);
      const living = fitting.filter(({ brief }) => brief.lifecycle !== 'retired' && brief.lifecycle !== 'rejected');
      const candidates = living.length > 0 ? living : fitting;
      return candidates.length === 1 ? candidates[0] : undefined;
    },
  };
}
