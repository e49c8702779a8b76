type Address = Readonly<Record<string, string | undefined>>;

/** The filters of an address alone, in a fixed order. */
export function onlyNamed(address: Address, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = address[name];
      return value ? [[name, value] as const] : [];
    }),
  );
}

/** A filter with a name; kept in this browser for whoever is signed in. */
export interface Saved {
  readonly name: string;
  readonly filters: Record<string, string>;
}

const placeOf = (list: string, user: string) => `cgw.${list}.saved.${user}`;

/** `names`: the filters that list knows; others are left out. */
export function savedFilters(list: string, user: string, names: readonly string[]): Saved[] {
  return readKept(placeOf(list, user), (kept) =>
    kept.flatMap((one: unknown) => {
      if (typeof one !== 'object' || one === null || !('name' in one) || !('filters' in one)) return [];
      const { name, filters } = one;
      if (typeof name !== 'string' || typeof filters !== 'object' || filters === null) return [];
      const texts = Object.entries(filters).flatMap(([key, value]) =>
        typeof value === 'string' ? [[key, value]] : [],
      );
      return [{ name, filters: onlyNamed(Object.fromEntries(texts), names) }];
    }),
  );
}

export function saveFilters(list: string, user: string, all: readonly Saved[]): void {
  localStorage.setItem(placeOf(list, user), JSON.stringify(all));
}

/** A list that this browser keeps; whatever else stands there is none. */
export function readKept<T>(place: string, read: (kept: unknown[]) => T[]): T[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(place) ?? '[]');
    return Array.isArray(kept) ? read(kept) : [];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}
