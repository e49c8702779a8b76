import type { FormInstance } from 'antd';
import { besideField, Problem } from '../api/problem.ts';

/** Puts what the gateway says of a field beside that field; answers whether everything it said found its place. */
export function showInForm(form: FormInstance, error: unknown): boolean {
  if (!(error instanceof Problem) || error.fields.length === 0) return false;
  const known = new Set(form.getFieldsError().map(({ name }) => name.join('/')));
  const said = new Map<string, string[]>();
  let all = true;
  for (const field of error.fields) {
    const name = placeOf(field.path.replace(/^\//, ''), known);
    if (name === null) all = false;
    else said.set(name, [...(said.get(name) ?? []), besideField(field)]);
  }
  // What an earlier answer said of other fields is over.
  form.setFields([...known].map((name) => ({ name: name.split('/'), errors: said.get(name) ?? [] })));
  return all;
}

/**
 * The field itself, or the one it is an entry of: `addresses/0` stands in `addresses`; or, in a form that is flat where
 * the gateway's body is not, the one of its last name: `location/lat` stands in `lat`.
 */
function placeOf(path: string, known: ReadonlySet<string>): string | null {
  if (known.has(path)) return path;
  const last = path.slice(path.lastIndexOf('/') + 1);
  if (known.has(last)) return last;
  const end = path.lastIndexOf('/');
  return end < 0 ? null : placeOf(path.slice(0, end), known);
}
