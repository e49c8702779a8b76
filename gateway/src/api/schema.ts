import Type, { type Static, type TSchema } from 'typebox';

/**
 * Building blocks of the route schemas. A handler works with epoch milliseconds and millisecond durations; the schema
 * says which fields are times, and {@link file://./answers.ts} writes them as text. So a field is declared once.
 */
export const TimeOut = Type.Unsafe<number>({
  type: 'string',
  format: 'date-time',
  examples: ['2026-11-23T08:00:00.000+08:00'],
});
export const TimeIn = Type.Unsafe<string | number>({
  description: 'ISO 8601 with offset, or epoch milliseconds',
  anyOf: [
    { type: 'string', maxLength: 40 },
    { type: 'integer', minimum: 0 },
  ],
});
export const DurationOut = Type.Unsafe<number>({ type: 'string', format: 'short-duration', examples: ['90s'] });

/** Shown once: left out of the copy that answers an idempotent replay. */
export const Secret = (description: string) =>
  Type.Optional(Type.Unsafe<string>({ type: 'string', description, 'x-secret': true }));

export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
export const Text = (max: number, options: object = {}) => Type.String({ minLength: 1, maxLength: max, ...options });
export const Enum = <const T extends readonly string[]>(values: T, options: object = {}) =>
  Type.Unsafe<T[number]>({ type: 'string', enum: [...values], ...options });
/** A named schema: stands once in the document under `components.schemas`. */
export const Named = <T extends TSchema>(title: string, schema: T): T => ({ ...schema, title });
/** Refuses unknown fields, so nobody assigns what the route does not name. */
export const Strict = <P extends Parameters<typeof Type.Object>[0]>(properties: P, options: object = {}) =>
  Type.Object(properties, { additionalProperties: false, ...options });
/** An array of a response; handlers may give a readonly one. */
export const List = <T extends TSchema>(items: T) => Type.Unsafe<readonly Static<T>[]>({ type: 'array', items });
export const Anything = Type.Unsafe<unknown>({ description: 'Any JSON value' });
export const Dict = <T extends TSchema>(schema: T) =>
  Type.Unsafe<Readonly<Record<string, Static<T>>>>({ type: 'object', additionalProperties: schema });
export const Title = Type.Object({ zh: Type.String(), en: Type.String() });
export const IdParams = Type.Object({ id: Type.String({ minLength: 1, maxLength: 200 }) });
