import { Form, type FormInstance } from 'antd';
import { useEffect } from 'react';
import { besideField, Problem } from '../api/problem.ts';

/** What the fields held when the gateway refused them. */
const refused = new WeakMap<object, Map<string, unknown>>();

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
  refused.set(form, new Map([...said.keys()].map((name) => [name, form.getFieldValue(name.split('/'))])));
  return all;
}

/** Takes a refusal away once its field holds something else: a form does so by itself only where a field has rules. */
export function useForgetting<Values extends object>(form: FormInstance<Values>): void {
  const values = Form.useWatch([], form);
  useEffect(() => {
    const said = refused.get(form);
    if (said === undefined || values === undefined) return;
    for (const [name, value] of said) {
      if (form.getFieldValue(name.split('/') as never) === value) continue;
      form.setFields([{ name: name.split('/') as never, errors: [] }]);
      said.delete(name);
    }
  }, [form, values]);
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
