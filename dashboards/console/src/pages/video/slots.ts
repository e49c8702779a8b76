/** Places of a video wall: camera ids by place, `''` where there is none. Pages of `size` places follow each other. */
export type Slots = readonly string[];

export const SIZES = [1, 4, 9, 16] as const;
export type Size = (typeof SIZES)[number];
/** No wall is longer than its address can carry. */
const MOST = 160;

const trimmed = (slots: readonly string[]): Slots => {
  const last = slots.findLastIndex((id) => id !== '');
  return slots.slice(0, last + 1);
};
const at = (slots: Slots, index: number): string => slots[index] ?? '';
const filledTo = (slots: Slots, length: number) => Array.from({ length }, (_, n) => at(slots, n));

/** Puts a camera into a place; a camera is on the wall once, so it leaves where it was. */
export function put(slots: Slots, index: number, id: string): Slots {
  if (index < 0 || index >= MOST) return slots;
  const from = slots.indexOf(id);
  if (from >= 0) return swap(slots, from, index);
  return trimmed(filledTo(slots, Math.max(slots.length, index + 1)).map((was, n) => (n === index ? id : was)));
}

/** Two places exchange what they show. */
export function swap(slots: Slots, from: number, to: number): Slots {
  if (from < 0 || to < 0 || to >= MOST) return slots;
  const next = filledTo(slots, Math.max(slots.length, from + 1, to + 1));
  next[from] = at(slots, to);
  next[to] = at(slots, from);
  return trimmed(next);
}

export const clear = (slots: Slots, index: number): Slots => trimmed(slots.map((id, n) => (n === index ? '' : id)));

/** Puts cameras that are not on the wall yet into the empty places, from the first on. */
export function fill(slots: Slots, ids: readonly string[], size: Size): Slots {
  const waiting = ids.filter((id) => !slots.includes(id));
  const length = Math.min(MOST, Math.ceil(Math.max(1, slots.length, ids.length) / size) * size);
  return trimmed(filledTo(slots, length).map((id) => (id === '' ? (waiting.shift() ?? '') : id)));
}

/** Where the next camera goes: the first empty place after `index` on its page, else there again. */
export function nextPlace(slots: Slots, index: number, size: Size): number {
  const first = Math.floor(index / size) * size;
  const around = Array.from({ length: size }, (_, n) => first + ((index - first + 1 + n) % size));
  return around.find((n) => at(slots, n) === '') ?? index;
}

export const pagesOf = (slots: Slots, size: Size): number => Math.max(1, Math.ceil(slots.length / size));
export const onPage = (slots: Slots, page: number, size: Size): Slots =>
  Array.from({ length: size }, (_, n) => at(slots, page * size + n));

/** As it stands in the address; ids have no comma. */
export const written = (slots: Slots): string => slots.join(',');
export const read = (text: string | undefined): Slots => (text ? trimmed(text.split(',').slice(0, MOST)) : []);
export const sizeOf = (text: string | undefined): Size => SIZES.find((size) => String(size) === text) ?? 4;
