export interface Change {
  /** Dotted name of what changed; empty = the whole. */
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
}

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const said = (value: unknown): string | null =>
  value === undefined || value === null ? null : typeof value === 'string' ? value : JSON.stringify(value);

/** What differs between two states of an object, field by field; null = it was not there. */
export function changesOf(before: unknown, after: unknown, path = ''): Change[] {
  if (isPlain(before) || isPlain(after)) {
    const [old, next] = [isPlain(before) ? before : {}, isPlain(after) ? after : {}];
    const names = [...new Set([...Object.keys(old), ...Object.keys(next)])];
    return names.flatMap((name) => changesOf(old[name], next[name], path === '' ? name : `${path}.${name}`));
  }
  const [a, b] = [said(before), said(after)];
  return a === b ? [] : [{ path, before: a, after: b }];
}
