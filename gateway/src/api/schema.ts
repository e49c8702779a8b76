import Type, { type Static, type TSchema } from 'typebox';
import { formatDuration } from '../domain/duration.ts';
import type { Times } from './times.ts';

/**
 * Building blocks of the route schemas. A handler works with epoch milliseconds and millisecond durations; the schema
 * says which fields are times, and {@link project} writes them as text. So a field is declared once.
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

interface JsonSchema {
  readonly type?: string;
  readonly format?: string;
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly prefixItems?: readonly JsonSchema[];
  readonly 'x-secret'?: boolean;
}

/**
 * The value as the response schema declares it: undeclared fields are dropped (a store row with one column too many
 * never leaks), times and durations become text. `secrets: false` also drops what is shown only once.
 */
export function project(schema: unknown, value: unknown, times: Times, options = { secrets: true }): unknown {
  const visit = (s: JsonSchema, v: unknown): unknown => {
    if (v === null || v === undefined) return v;
    if (s.anyOf) return visit(branchOf(s.anyOf, v), v);
    if (typeof v === 'number') {
      if (s.format === 'date-time') return times.iso(v);
      return s.format === 'short-duration' ? formatDuration(v) : v;
    }
    if (Array.isArray(v)) return v.map((item, i) => visit(s.prefixItems?.[i] ?? s.items ?? {}, item));
    if (typeof v !== 'object') return v;
    return visitObject(s, v);
  };
  const visitObject = (s: JsonSchema, v: object): unknown => {
    const each = typeof s.additionalProperties === 'object' ? s.additionalProperties : undefined;
    if (!s.properties && !each) return v;
    const out: Record<string, unknown> = {};
    for (const [key, inner] of Object.entries(v)) {
      const known = (s.properties && Object.hasOwn(s.properties, key) ? s.properties[key] : undefined) ?? each;
      if (!known || (known['x-secret'] && !options.secrets)) continue;
      out[key] = visit(known, inner);
    }
    return out;
  };
  return visit(schema as JsonSchema, value);
}

/** Of a union the branch whose constants (`source: "xyz"`) the value has, else the first: another one drops its fields. */
function branchOf(branches: readonly JsonSchema[], value: unknown): JsonSchema {
  const real = branches.filter(({ type }) => type !== 'null');
  const has = Object(value) as Record<string, unknown>;
  const fits = ({ properties = {} }: JsonSchema) =>
    Object.entries(properties).every(([name, { const: only }]) => only === undefined || only === has[name]);
  return real.find(fits) ?? real[0] ?? {};
}
