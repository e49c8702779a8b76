import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { type FieldError, GatewayError } from '../errors.ts';
import { type BothWords, bilingual, type MessageKey } from '../messages/index.ts';
import { WRITTEN } from './written-forms.ts';

/** One refused field, in both languages. */
export function fieldError(
  path: string,
  code: string,
  key: MessageKey,
  values: Readonly<Record<string, string | number | BothWords>> = {},
): FieldError {
  return { path, code, message: bilingual(key, { field: path || '/', ...values }) };
}

/** Throws INVALID_INPUT naming every refused field, unless there is none. */
export function refuseIf(errors: readonly FieldError[]): void {
  const first = errors[0];
  if (first) throw new GatewayError('INVALID_INPUT', first.message, { errors });
}

interface SchemaFault {
  readonly keyword: string;
  readonly schemaPath: string;
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
}

interface Checker {
  Check(value: unknown): boolean;
  Errors(value: unknown): SchemaFault[];
}

/** Names in one fault: more than any list of allowed values has. */
const MAX_NAMED = 100;

const checkers = new WeakMap<TSchema, Checker>();

/** The refused fields of a value by its schema; empty when it is valid. */
export function schemaErrors(schema: TSchema, value: unknown): FieldError[] {
  const unsafe = unsafeText(value, '');
  if (unsafe) return [unsafe];
  let checker = checkers.get(schema);
  if (!checker) {
    checker = Compile(schema) as unknown as Checker;
    checkers.set(schema, checker);
  }
  if (checker.Check(value)) return [];
  // One fault a field is enough: a text that is too short seldom matches its pattern either.
  const seen = new Set<string>();
  return withoutForeignBranches(checker.Errors(value))
    .flatMap(describe)
    .filter(({ path }) => !seen.has(path) && seen.add(path))
    .slice(0, 20);
}

/** Validates once at the edge; throws INVALID_INPUT with one error a field. */
export function parseInput<S extends TSchema>(schema: S, value: unknown): Static<S> {
  refuseIf(schemaErrors(schema, value));
  return value as Static<S>;
}

// Control characters (line ends and tab aside), lone surrogates and bidirectional overrides: they break PostgreSQL,
// exports or the reader's trust in what is shown. Input is bounded by the transport, so is the walk by its depth.
const UNSAFE = /(?!\n|\t|\r\n)[\p{Cc}\p{Bidi_Control}]/u;
const MAX_DEPTH = 32;

function unsafeText(value: unknown, path: string, depth = 0): FieldError | undefined {
  if (typeof value === 'string') {
    return UNSAFE.test(value) || !value.isWellFormed()
      ? fieldError(path, 'controlCharacters', 'input.controlCharacters')
      : undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth >= MAX_DEPTH) return fieldError(path, 'depth', 'input.depth', { max: MAX_DEPTH });
  for (const [key, child] of Object.entries(value)) {
    if (key === '__proto__') return fieldError(path, 'unknownField', 'input.unknownField', { name: key });
    const fault = unsafeText(key, path) ?? unsafeText(child, `${path}/${key}`, depth + 1);
    if (fault) return fault;
  }
  return undefined;
}

/** Of a union's branches only those matter whose constants (`protocol: "rtsp"`) fit. */
function withoutForeignBranches(faults: readonly SchemaFault[]): SchemaFault[] {
  const foreign = faults
    .filter((fault) => fault.keyword === 'const')
    .map((fault) => /^(.*\/anyOf\/\d+)\//.exec(fault.schemaPath)?.[1])
    .filter((branch) => branch !== undefined);
  const kept = faults.filter((fault) => !foreign.some((branch) => fault.schemaPath.startsWith(branch)));
  const real = kept.filter((fault) => fault.keyword !== 'anyOf' && !orNull(fault));
  return real.length > 0 ? real : [...faults];
}

/** "It might have been null" is no help to who gave something. */
const orNull = ({ keyword, schemaPath, params }: SchemaFault): boolean =>
  keyword === 'type' && params.type === 'null' && /\/anyOf\/\d+(?:\/type)?$/.test(schemaPath);

function describe(fault: SchemaFault): FieldError[] {
  const path = fault.instancePath;
  const { params } = fault;
  const limit = Number(params.limit);
  switch (fault.keyword) {
    case 'required':
      return list(params.requiredProperties).map((name) => fieldError(`${path}/${name}`, 'required', 'input.required'));
    case 'additionalProperties':
      return list(params.additionalProperties).map((name) =>
        fieldError(`${path}/${name.slice(0, 64)}`, 'unknownField', 'input.unknownField', { name: name.slice(0, 64) }),
      );
    case 'boolean':
      return [];
    case 'type':
      return [fieldError(path, 'type', 'input.type', { type: String(params.type) })];
    case 'minLength':
      return [fieldError(path, 'tooShort', 'input.tooShort', { limit })];
    case 'maxLength':
      return [fieldError(path, 'tooLong', 'input.tooLong', { limit })];
    case 'maxItems':
    case 'maxProperties':
      return [fieldError(path, 'tooMany', 'input.tooMany', { limit })];
    case 'minItems':
      return [fieldError(path, 'tooFew', 'input.tooFew', { limit })];
    case 'minimum':
    case 'exclusiveMinimum':
      return [fieldError(path, 'range', 'input.minimum', { limit })];
    case 'maximum':
    case 'exclusiveMaximum':
      return [fieldError(path, 'range', 'input.maximum', { limit })];
    case 'pattern':
      return [patternFault(path, String(params.pattern))];
    case 'enum':
      return [fieldError(path, 'enum', 'input.enum', { allowed: list(params.allowedValues).join(', ') })];
    case 'const':
      return [fieldError(path, 'enum', 'input.enum', { allowed: String(params.allowedValue) })];
    default:
      return [fieldError(path, fault.keyword, 'input.invalid')];
  }
}

function patternFault(path: string, pattern: string): FieldError {
  const key = WRITTEN.get(pattern);
  return key === undefined ? fieldError(path, 'pattern', 'input.pattern') : fieldError(path, 'pattern', key);
}

function list(value: unknown): string[] {
  // A hostile body has a hundred thousand fields that nobody knows; a few of them are enough to say so.
  return Array.isArray(value) ? value.slice(0, MAX_NAMED).map(String) : [];
}
