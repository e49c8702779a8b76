/** A binary heap of things by due time; the earliest first. An entry is moved by pushing it again. */
export interface DueQueue<T> {
  /** Earliest due time, or undefined when empty. */
  next(): number | undefined;
  /** Puts the entry in, or moves it to the new time. */
  push(entry: T, due: number): void;
  remove(entry: T): void;
  /** Takes out everything due at `now`, earliest first. */
  take(now: number): T[];
}

interface Item<T> {
  readonly entry: T;
  readonly due: number;
  /** Among equals the one pushed first comes first. */
  readonly order: number;
}

export function createDueQueue<T>(): DueQueue<T> {
  const heap: Item<T>[] = [];
  let pushed = 0;
  const positions = new Map<T, number>();

  const place = (at: number, item: Item<T>) => {
    heap[at] = item;
    positions.set(item.entry, at);
  };
  const before = (a: Item<T> | undefined, b: Item<T> | undefined): boolean =>
    a !== undefined && (b === undefined || a.due < b.due || (a.due === b.due && a.order < b.order));

  const sift = (start: number) => {
    let at = start;
    const item = heap[at];
    if (!item) return;
    for (;;) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (at === 0 || !above || !before(item, above)) break;
      place(at, above);
      at = parent;
    }
    for (;;) {
      const child = before(heap[2 * at + 2], heap[2 * at + 1]) ? 2 * at + 2 : 2 * at + 1;
      const below = heap[child];
      if (!below || !before(below, item)) break;
      place(at, below);
      at = child;
    }
    place(at, item);
  };

  const remove = (entry: T) => {
    const at = positions.get(entry);
    if (at === undefined) return;
    positions.delete(entry);
    const last = heap.pop();
    if (!last || last.entry === entry) return;
    place(at, last);
    sift(at);
  };

  return {
    next: () => heap[0]?.due,
    push(entry, due) {
      remove(entry);
      heap.push({ entry, due, order: pushed });
      pushed += 1;
      positions.set(entry, heap.length - 1);
      sift(heap.length - 1);
    },
    remove,
    take(now) {
      const taken: T[] = [];
      for (let first = heap[0]; first && first.due <= now; first = heap[0]) {
        taken.push(first.entry);
        remove(first.entry);
      }
      return taken;
    },
  };
}
