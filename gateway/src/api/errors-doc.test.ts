import { expect, it } from 'vitest';
import { ERROR_TABLE } from '../error-table.ts';
import { committedErrorsPage, errorsPage } from './errors-doc.ts';

it('the reference page names exactly the codes of the table', () => {
  const documented = [...committedErrorsPage().matchAll(/^\| `(\w+)` \|/gm)].map((match) => match[1]);
  expect(documented).toEqual(Object.keys(ERROR_TABLE));
});

it('the reference page is the one the table makes (node gateway/src/api/errors-doc.ts --write renews it)', () => {
  expect(committedErrorsPage()).toBe(errorsPage());
});
