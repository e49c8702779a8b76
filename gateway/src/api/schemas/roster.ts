import Type from 'typebox';
import { ObjectId } from '../../domain/device-input.ts';
import { SHIFT_DAYS } from '../../domain/duty-rows.ts';
import { Enum, List, Named, Nullable, Strict } from '../schema.ts';
import { ImportErrorView } from './device-table.ts';

const Text = Type.String();
const shift = {
  orgId: ObjectId,
  module: Nullable(ObjectId),
  userId: Type.String({ minLength: 1, maxLength: 64 }),
  days: Type.Array(Type.Integer({ minimum: 1, maximum: 7 }), { minItems: 1, maxItems: 7, description: '1 = Monday' }),
  fromMinute: Type.Integer({ minimum: 0, maximum: 1439, description: 'Minute of the day' }),
  toMinute: Type.Integer({ minimum: 0, maximum: 1440, description: 'Below fromMinute = over midnight' }),
  validFrom: Nullable(Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' })),
  validTo: Nullable(Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' })),
  on: Enum(SHIFT_DAYS, {
    description:
      '`always`: the week days of `days`; `workdays` with make-up days, `restDays` weekends and holidays, else as named',
  }),
  position: Type.Integer({ minimum: 0, maximum: 1000, description: 'Lower is asked first' }),
};
export const ShiftView = Named(
  'Shift',
  Type.Object({ id: Text, ...shift, on: Type.Optional(shift.on), days: List(Type.Integer()) }),
);
export const ShiftInput = Strict({
  orgId: shift.orgId,
  userId: shift.userId,
  module: Type.Optional(shift.module),
  days: Type.Optional(shift.days),
  fromMinute: Type.Optional(shift.fromMinute),
  toMinute: Type.Optional(shift.toMinute),
  validFrom: Type.Optional(shift.validFrom),
  validTo: Type.Optional(shift.validTo),
  on: Type.Optional(shift.on),
  position: Type.Optional(shift.position),
});
export const RosterPersonView = Named(
  'RosterPerson',
  Type.Object({
    id: Text,
    name: Text,
    orgId: Nullable(Text),
    mayServe: Type.Boolean({ description: 'False: on a roster, but nobody the reader may put on duty' }),
  }),
);
export const RosterImportView = Named(
  'RosterImport',
  Type.Object({
    created: Type.Integer(),
    updated: Type.Integer(),
    unchanged: Type.Integer(),
    errors: List(ImportErrorView),
    errorCount: Type.Integer({ description: 'All of them; at most 1,000 are listed' }),
  }),
);
export const ShiftPatch = Type.Partial(ShiftInput, { additionalProperties: false });
