import type { FastifySchemaCompiler } from 'fastify';
import type { TSchema } from 'typebox';
import { schemaErrors } from '../domain/input.ts';
import { GatewayError } from '../errors.ts';

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, { readonly type?: string; readonly default?: unknown }>>;
}

const optionals = new WeakSet<TSchema>();

/** The same schema for a body that may be left out; one that is there is checked like any other. */
export function optional<S extends TSchema>(schema: S): S {
  const copy = { ...schema };
  optionals.add(copy);
  return copy;
}

/** Bodies are taken as they are: a number that came as text is refused, never converted. */
function checkBody(schema: TSchema) {
  const mayLack = optionals.has(schema);
  return (value: unknown) => {
    // What was not sent comes here as null.
    if (mayLack && (value === undefined || value === null)) return { value: undefined };
    const errors = value === undefined || value === null ? [missingBody] : schemaErrors(schema, value);
    return errors.length === 0 ? { value } : { error: refusal(errors) };
  };
}

/** Query and path are text by nature: exactly what the schema calls a number or a boolean is read as one. */
function checkText(schema: TSchema) {
  const properties = (schema as ObjectSchema).properties ?? {};
  return (input: unknown) => {
    const value: Record<string, unknown> = { ...(input as Record<string, unknown>) };
    for (const [name, property] of Object.entries(properties)) {
      const raw = value[name];
      if (raw === undefined) {
        if (property.default !== undefined) value[name] = property.default;
      } else if (typeof raw === 'string') value[name] = readAs(property.type, raw);
    }
    const errors = schemaErrors(schema, value).map((e) => ({ ...e, path: e.path.replace(/^\//, '') }));
    return errors.length === 0 ? { value } : { error: refusal(errors) };
  };
}

function readAs(type: string | undefined, raw: string): unknown {
  if ((type === 'integer' || type === 'number') && /^-?\d{1,15}(\.\d{1,15})?$/.test(raw)) return Number(raw);
  if (type === 'boolean' && (raw === 'true' || raw === 'false')) return raw === 'true';
  return raw;
}

const missingBody = { path: '/', code: 'required', message: '需要 JSON 正文 / A JSON body is required' };

function refusal(errors: ReturnType<typeof schemaErrors>): GatewayError {
  const first = errors[0];
  return new GatewayError('INVALID_INPUT', first?.message, { errors });
}

export function createValidatorCompiler(): FastifySchemaCompiler<TSchema> {
  return ({ schema, httpPart }) => (httpPart === 'body' ? checkBody(schema) : checkText(schema));
}
