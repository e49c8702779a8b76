import type { FormInstance } from 'antd';
import { besideField, Problem } from '../api/problem.ts';

/** Puts what the gateway says of a field beside that field; answers whether everything it said found its place. */
export function showInForm(form: FormInstance, error: unknown): boolean {
  if (!(error instanceof Problem) || error.fields.length === 0) return false;
  const known = form.getFieldsError().map(({ name }) => name.join('/'));
  let all = true;
  for (const field of error.fields) {
    const name = field.path.replace(/^\//, '');
    if (known.includes(name)) form.setFields([{ name: name.split('/'), errors: [besideField(field)] }]);
    else all = false;
  }
  return all;
}
