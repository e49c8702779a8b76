import { expect, it } from 'vitest';
import { forChange, forCreate } from './input.ts';

const typed = { name: ' 城运中心 ', code: '', contact: { name: '', phone: undefined }, ids: [], days: 0, on: false };

it('leaves out of a new thing what nobody filled in, but keeps lists, zeros and a no', () => {
  expect(forCreate(typed)).toEqual({ name: '城运中心', ids: [], days: 0, on: false });
});

it('empties there what was emptied here', () => {
  expect(forChange(typed)).toEqual({ name: '城运中心', code: null, contact: null, ids: [], days: 0, on: false });
  expect(forChange({ contact: { name: '李', phone: '' } })).toEqual({ contact: { name: '李' } });
});
