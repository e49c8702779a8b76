/** PostgreSQL text holds neither NUL nor lone surrogates; both pass JSON.parse. */
export const storable = (text: string) => text.toWellFormed().replaceAll('\0', '\uFFFD');
/** The escapes JSON.stringify leaves of them; an escaped backslash in front makes it ordinary text. */
const UNSTORABLE_ESCAPE = /(?<=(?:^|[^\\])(?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/g;
/** JSON text for a jsonb column; null for nothing. */
export const storableJson = (value: unknown) =>
  value === undefined ? null : (JSON.stringify(value)?.replace(UNSTORABLE_ESCAPE, '\uFFFD') ?? null);
