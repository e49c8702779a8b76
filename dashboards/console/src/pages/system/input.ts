/** What is in a form's fields, as the gateway wants it: spaces gone, what is empty left out (new) or null (changed). */
function blank(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  return plain(value) && Object.values(value).every(blank);
}

function plain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function tidy(value: unknown): unknown {
  if (typeof value === 'string') return value.trim();
  if (!plain(value)) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([name, one]) => (blank(one) ? [] : [[name, tidy(one)]])));
}

/** For a new thing. The caller names what it is to be. */
export const forCreate = <T>(input: object): T => tidy(input) as T;

/** For a change: a field that was emptied is emptied there too. */
export const forChange = <T>(input: object): T =>
  Object.fromEntries(Object.entries(input).map(([name, one]) => [name, blank(one) ? null : tidy(one)])) as T;
