/** Caps how many probes may run at once per key (a host, an NVR); what finds a key full waits there and blocks nobody else. */
export interface Gates<T> {
  /** Lets the entry wait behind the first full key and returns true, or returns false when all have room. */
  waitIfFull(keys: readonly GateKey[], entry: T, front: boolean): boolean;
  enter(keys: readonly GateKey[]): void;
  /** Frees the keys and hands waiting entries to `retry` while there is room; `retry` enters, waits elsewhere or drops it. */
  leave(keys: readonly GateKey[], retry: (entry: T) => void): void;
  /** Entries waiting behind any key. */
  readonly waiting: number;
}

export interface GateKey {
  readonly name: string;
  readonly cap: number;
}

export function createGates<T>(): Gates<T> {
  const gates = new Map<string, { inside: number; readonly waiting: T[] }>();
  let waiting = 0;
  const gate = (name: string) => {
    const known = gates.get(name) ?? { inside: 0, waiting: [] };
    gates.set(name, known);
    return known;
  };
  return {
    waitIfFull(keys, entry, front) {
      const full = keys.find(({ name, cap }) => (gates.get(name)?.inside ?? 0) >= cap);
      if (!full) return false;
      if (front) gate(full.name).waiting.unshift(entry);
      else gate(full.name).waiting.push(entry);
      waiting += 1;
      return true;
    },
    enter(keys) {
      for (const { name } of keys) gate(name).inside += 1;
    },
    leave(keys, retry) {
      for (const { name } of keys) gate(name).inside -= 1;
      for (const { name, cap } of keys) {
        const one = gate(name);
        // The first in line may turn out to wait for another key; the room here then goes to the next.
        while (one.inside < cap && one.waiting.length > 0) {
          const next = one.waiting.shift();
          waiting -= 1;
          if (next !== undefined) retry(next);
        }
        if (one.inside === 0 && one.waiting.length === 0) gates.delete(name);
      }
    },
    get waiting() {
      return waiting;
    },
  };
}
