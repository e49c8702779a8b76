import type { Entry } from './entry.ts';
import type { EntryStore } from './queue.ts';

const NAME = 'cgw-field';
const QUEUE = 'queue';
const KEPT = 'kept';

/** What was read, for reading it again without a line. */
export interface Kept {
  readonly owner: string;
  readonly name: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly value: unknown;
}

let opened: Promise<IDBDatabase> | undefined;

function database(): Promise<IDBDatabase> {
  opened ??= new Promise((done, fail) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(QUEUE, { keyPath: 'id' }).createIndex('owner', 'owner');
      request.result.createObjectStore(KEPT, { keyPath: ['owner', 'name'] });
    };
    request.onsuccess = () => {
      // A page of another version wants it changed: it is opened anew by whoever needs it.
      request.result.onversionchange = () => {
        request.result.close();
        opened = undefined;
      };
      done(request.result);
    };
    request.onerror = () => {
      opened = undefined;
      fail(request.error);
    };
  });
  return opened;
}

/** One step in a transaction of its own; answered when it is on the disk, not before. */
async function step<T>(
  store: string,
  mode: IDBTransactionMode,
  work: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const db = await database();
  return new Promise((done, fail) => {
    const transaction = db.transaction(store, mode, { durability: 'strict' });
    const request = work(transaction.objectStore(store));
    transaction.oncomplete = () => done(request.result);
    transaction.onabort = () => fail(transaction.error);
    transaction.onerror = () => fail(transaction.error);
  });
}

/** Entries in the browser's own database. */
export const entryStore: EntryStore = {
  of: (owner) => step(QUEUE, 'readonly', (store) => store.index('owner').getAll(owner) as IDBRequest<Entry[]>),
  async put(entry) {
    await step(QUEUE, 'readwrite', (store) => store.put(entry));
  },
  async remove(id) {
    await step(QUEUE, 'readwrite', (store) => store.delete(id));
  },
};

export const keptStore = {
  get: (owner: string, name: string): Promise<Kept | undefined> =>
    step(KEPT, 'readonly', (store) => store.get([owner, name]) as IDBRequest<Kept | undefined>),
  async put(kept: Kept): Promise<void> {
    await step(KEPT, 'readwrite', (store) => store.put(kept));
  },
  async remove(owner: string, name: string): Promise<void> {
    await step(KEPT, 'readwrite', (store) => store.delete([owner, name]));
  },
  names: (owner: string): Promise<IDBValidKey[]> =>
    step(KEPT, 'readonly', (store) => store.getAllKeys(IDBKeyRange.bound([owner], [owner, []]))),
  async clear(): Promise<void> {
    await step(KEPT, 'readwrite', (store) => store.clear());
  },
};
