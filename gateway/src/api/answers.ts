import { formatDuration } from '../domain/duration.ts';
import type { Times } from './times.ts';

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

/** JSON of a value; undefined for what JSON has no text for. */
type Write = (value: unknown) => string | undefined;
type Writable = NonNullable<unknown>;

/**
 * Writes answers as their schema declares them: undeclared fields are dropped (a store row with one column too many never
 * leaks), times and durations become text. `secrets: false` also drops what is shown only once. The schema is read once,
 * by the first answer, and no copy is made of the value.
 */
export function answerWriter(
  schema: unknown,
  times: Times,
  options: { readonly secrets: boolean } = { secrets: true },
): (value: unknown) => string {
  let write: Write | undefined;
  return (value) => {
    write ??= compile(schema as JsonSchema, times, options.secrets);
    return write(value) ?? 'null';
  };
}

function compile(schema: JsonSchema, times: Times, secrets: boolean): Write {
  const inner = (part: JsonSchema): Write => compile(part, times, secrets);
  if (schema.anyOf) return writeUnion(schema.anyOf, inner);
  const number = numberWriter(schema.format, times);
  const list = writeList(schema, inner);
  const object = writeObject(schema, inner, secrets);
  return (value) => {
    if (value === null) return 'null';
    switch (typeof value) {
      case 'string':
        return quoted(value);
      case 'number':
        return number(value);
      case 'object':
        return Array.isArray(value) ? list(value) : object(value);
      default:
        return JSON.stringify(value);
    }
  };
}

function numberWriter(format: string | undefined, times: Times): (value: number) => string {
  if (format === 'date-time') return (value) => `"${times.iso(value)}"`;
  if (format === 'short-duration') return (value) => quoted(formatDuration(value));
  return (value) => JSON.stringify(value);
}

/** Of a union the branch whose constants (`source: "xyz"`) the value has, else the first: another one drops its fields. */
function writeUnion(branches: readonly JsonSchema[], inner: (part: JsonSchema) => Write): Write {
  const real = branches.filter(({ type }) => type !== 'null');
  const constants = real.map(({ properties = {} }) =>
    Object.entries(properties).flatMap(([name, { const: only }]) =>
      only === undefined ? [] : [[name, only] as const],
    ),
  );
  const [first = inner({}), ...others] = real.map(inner);
  if (others.length === 0) return first;
  const writers = [first, ...others];
  return (value) => {
    if (value === null || value === undefined) return first(value);
    const has = value as Readonly<Record<string, unknown>>;
    const fitting = constants.findIndex((pairs) => pairs.every(([name, only]) => has[name] === only));
    return (writers[fitting] ?? first)(value);
  };
}

function writeList(schema: JsonSchema, inner: (part: JsonSchema) => Write): (value: readonly unknown[]) => string {
  const first = (schema.prefixItems ?? []).map(inner);
  const rest = schema.items ? inner(schema.items) : JSON.stringify;
  return (value) => {
    let text = '[';
    for (let i = 0; i < value.length; i++) {
      if (i > 0) text += ',';
      text += (first[i] ?? rest)(value[i]) ?? 'null';
    }
    return `${text}]`;
  };
}

function writeObject(
  schema: JsonSchema,
  inner: (part: JsonSchema) => Write,
  secrets: boolean,
): (value: Writable) => string | undefined {
  const { properties = {}, additionalProperties } = schema;
  const shown = ([, part]: [string, JsonSchema]) => secrets || !part['x-secret'];
  const declared = Object.entries(properties)
    .filter(shown)
    .map(([name, part]) => [name, inner(part)] as const);
  if (typeof additionalProperties === 'object' && shown(['', additionalProperties])) {
    return writeEach(new Map(declared), new Set(Object.keys(properties)), inner(additionalProperties));
  }
  if (!schema.properties && typeof additionalProperties !== 'object') return JSON.stringify;
  const names = declared.map(([name]) => name);
  const heads = names.map((name) => `${JSON.stringify(name)}:`);
  const writers = declared.map(([, write]) => write);
  // What every object inherits is no field of the value.
  const inherited = names.map((name) => name in {});
  return (value) => {
    const fields = value as Readonly<Record<string, unknown>>;
    let text = '{';
    for (let i = 0; i < names.length; i++) {
      const name = names[i] as string;
      if (inherited[i] && !Object.hasOwn(fields, name)) continue;
      const written = writers[i]?.(fields[name]);
      if (written === undefined) continue;
      text += text === '{' ? heads[i] : `,${heads[i]}`;
      text += written;
    }
    return `${text}}`;
  };
}

/** All fields the value has: those that are named by their own schema, the others by one for all. */
function writeEach(
  declared: ReadonlyMap<string, Write>,
  named: ReadonlySet<string>,
  other: Write,
): (value: Writable) => string {
  return (value) => {
    let text = '{';
    for (const [name, part] of Object.entries(value)) {
      const write = declared.get(name) ?? (named.has(name) ? undefined : other);
      const written = write?.(part);
      if (written !== undefined) text += `${text === '{' ? '' : ','}${JSON.stringify(name)}:${written}`;
    }
    return `${text}}`;
  };
}

const PLAIN = /^[ !#-[\]-\ud7ff\ue000-\uffff]*$/;

/** Ids and words need no escape, which is quicker to see than to leave to JSON. */
function quoted(text: string): string {
  return text.length < 64 && PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}
