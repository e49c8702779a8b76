import Type from 'typebox';
import { expect, it } from 'vitest';
import { DURATION_PATTERN } from './duration.ts';
import { schemaErrors } from './input.ts';

it.each([
  ['a duration', DURATION_PATTERN, '5 minutes', '30s、5m、2h'],
  ['a date', '^\\d{4}-\\d{2}-\\d{2}$', '23.11.2026', '2026-11-23'],
  ['a time of day', '^([01]\\d|2[0-3]):[0-5]\\d$', '8 Uhr', '08:30'],
])('says how %s is written, not which expression checks it', (_what, pattern, value, example) => {
  const [fault, ...more] = schemaErrors(Type.Object({ field: Type.String({ pattern }) }), { field: value });
  expect(more).toEqual([]);
  expect(fault).toMatchObject({ path: '/field', code: 'pattern' });
  expect(fault?.message).toContain(example);
  expect(fault?.message).not.toContain('[0-');
  expect(fault?.message).not.toContain('\\d');
});

it('does not ask for null where something was given', () => {
  const place = Type.Object({ address: Type.String({ pattern: '^\\S+$' }) });
  const schema = Type.Object({ location: Type.Union([place, Type.Null()]) });
  const faults = schemaErrors(schema, { location: { address: ' x' } });
  expect(faults.map(({ path }) => path)).toEqual(['/location/address']);
});
