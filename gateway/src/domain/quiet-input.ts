import { type Static, Type } from 'typebox';
import { ObjectId } from './device-input.ts';
import type { Repeat } from './quiet-times.ts';

const closed = { additionalProperties: false } as const;
const ids = (max: number) => Type.Array(ObjectId, { minItems: 1, maxItems: max, uniqueItems: true });
const Words = (max: number) => Type.String({ minLength: 1, maxLength: max, pattern: '\\S' });
const Code = Type.String({ minLength: 1, maxLength: 100, pattern: '^[A-Za-z][A-Za-z0-9._-]*$' });

const lists = {
  devices: Type.Optional(ids(1_000)),
  sites: Type.Optional(ids(200)),
  orgs: Type.Optional(ids(200)),
  modules: Type.Optional(ids(50)),
  vendors: Type.Optional(ids(50)),
  types: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 130 }), { minItems: 1, maxItems: 50 })),
  labels: Type.Optional(
    Type.Unsafe<Readonly<Record<string, string>>>({
      type: 'object',
      minProperties: 1,
      maxProperties: 10,
      propertyNames: { maxLength: 64 },
      additionalProperties: { type: 'string', maxLength: 200 },
    }),
  ),
};
/** Which devices; a device must be in each list there is, and at least one must be there. */
export const QuietScopeInput = Type.Object(lists, closed);
export const SilenceScopeInput = Type.Object(
  { ...lists, faults: Type.Optional(Type.Array(Code, { minItems: 1, maxItems: 50 })) },
  closed,
);

export const RepeatInput = Type.Unsafe<Repeat>(
  Type.Union([
    Type.Object({ every: Type.Literal('day') }, closed),
    Type.Object(
      {
        every: Type.Literal('week'),
        days: Type.Array(Type.Integer({ minimum: 1, maximum: 7 }), {
          minItems: 1,
          maxItems: 7,
          description: '1 = Monday',
        }),
      },
      closed,
    ),
    Type.Object(
      {
        every: Type.Literal('month'),
        days: Type.Array(Type.Integer({ minimum: -1, maximum: 31, not: { const: 0 } }), {
          minItems: 1,
          maxItems: 31,
          description: 'Day of the month; -1 = the last. A day a month does not have is left out',
        }),
      },
      closed,
    ),
  ]),
);

export const QUIET_NAME = Words(100);
export const QUIET_REASON = Words(500);

/** What any of them is made from; times in epoch milliseconds. */
export interface QuietInput {
  readonly name?: string;
  readonly reason: string;
  readonly scope: Static<typeof SilenceScopeInput>;
  /** Absent = now. */
  readonly startsAt?: number;
  readonly endsAt: number;
  readonly repeats?: Repeat;
  readonly repeatsUntil?: number;
  /** It is meant although a 重保 goes on there. */
  readonly confirm?: boolean;
}
