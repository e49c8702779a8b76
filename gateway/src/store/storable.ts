/** PostgreSQL text holds neither NUL nor lone surrogates; both pass JSON.parse. */
export const storable = (text: string) => text.toWellFormed().replaceAll('\0', '\uFFFD');
/** The escapes JSON.stringify leaves of them; an escaped backslash in front makes it ordinary text. */
const UNSTORABLE_ESCAPE = /(?<=(?:^|[^\\])(?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/g;
/** JSON text for a jsonb column; null for nothing. */
export const storableJson = (value: unknown) =>
  value === undefined ? null : (JSON.stringify(value)?.replace(UNSTORABLE_ESCAPE, '\uFFFD') ?? null);
/** The same where a value must stand: nothing becomes JSON's own null. */
export const toJson = (value: unknown): string => storableJson(value) ?? 'null';
/** The same for a value that may be missing: nothing becomes SQL's null. */
export const toJsonOrNull = (value: unknown) => (value === null || value === undefined ? null : toJson(value));
