import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bearer, createTestApi } from './testing.ts';

/** Generated from the document: what no write route may take. A handler that is reached answers CONFLICT here. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
}

interface Write {
  readonly name: string;
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly schema: Schema;
}

/** A value that looks like the type and is none of it. */
const LOOKALIKE: Readonly<Record<string, unknown>> = {
  string: ['text'],
  number: '1',
  integer: '1',
  boolean: 'true',
  array: 'text',
  object: 'text',
};
/** Bodies that are free by nature, each with why. */
const FREE: Readonly<Record<string, string>> = {
  'POST /api/v1/device-types': 'a device type as it is written; its own grammar refuses what it does not know',
};

const api = createTestApi();
let writes: readonly Write[] = [];

beforeAll(async () => {
  await api.app.ready();
  const answer = await api.app.inject({ url: '/api/openapi.json' });
  const document = answer.json<{
    paths: Record<string, Record<string, { requestBody?: { content: Record<string, { schema: Schema }> } }>>;
    components: { schemas: Record<string, Schema> };
  }>();
  const resolved = (schema: Schema): Schema =>
    schema.$ref ? (document.components.schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {}) : schema;
  writes = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { requestBody }]) => {
      const schema = requestBody?.content['application/json']?.schema;
      const name = `${method.toUpperCase()} ${path}`;
      const upper = method.toUpperCase() as Write['method'];
      return schema && !FREE[name]
        ? [
            {
              name,
              method: upper,
              url: path.replace('{street}', '310115001').replace(/\{\w+\}/g, 'x1'),
              schema: resolved(schema),
            },
          ]
        : [];
    }),
  );
});
afterAll(() => api.app.close());

async function send({ method, url }: Write, payload: unknown) {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  const headers = { ...bearer('admin'), 'content-type': 'application/json' };
  const answer = await api.app.inject({ method, url, headers, payload: text });
  const body = answer.body === '' ? {} : answer.json<{ code?: string; errors?: { path: string; code: string }[] }>();
  return { status: answer.statusCode, code: body.code, errors: body.errors ?? [] };
}

/** The one type a property has beside null; undefined when there are several or any. */
function typeOf(schema: Schema): string | undefined {
  if (schema.enum || schema.const !== undefined) return typeof (schema.enum?.[0] ?? schema.const);
  const others = schema.anyOf?.filter(({ type }) => type !== 'null');
  if (others) return others.length === 1 && others[0] ? typeOf(others[0]) : undefined;
  return schema.type;
}

describe('write routes', () => {
  it('are all here', () => expect(writes.length).toBeGreaterThan(50));

  it('refuse a property the document does not name, by its name', async () => {
    const wrong: string[] = [];
    for (const write of writes) {
      const { status, errors } = await send(write, { isAdmin: true, vendorRole: 'admin' });
      const named = errors.filter(({ path }) => path === '/isAdmin' || path === '/vendorRole').length === 2;
      if (status !== 400 || !named) wrong.push(`${write.name} ${status} ${JSON.stringify(errors)}`);
    }
    expect(wrong).toEqual([]);
  });

  it('convert nothing: a text is no number, no truth and no list', async () => {
    const wrong: string[] = [];
    let count = 0;
    for (const write of writes) {
      for (const [name, property] of Object.entries(write.schema.properties ?? {})) {
        const type = typeOf(property);
        if (type === undefined) continue;
        count += 1;
        const { status, errors } = await send(write, { [name]: LOOKALIKE[type] });
        const named = errors.some(({ path }) => path === `/${name}` || path.startsWith(`/${name}/`));
        if (status !== 400 || !named) wrong.push(`${write.name} ${name} ${status} ${JSON.stringify(errors)}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(count).toBeGreaterThan(150);
  });

  it.each([
    ['__proto__', '{"__proto__":{"isAdmin":true}}'],
    ['constructor', '{"constructor":{"prototype":{"isAdmin":true}}}'],
    ['forty levels', `{"name":${'['.repeat(40)}${']'.repeat(40)}}`],
    ['a list', '[]'],
    ['a text', '"text"'],
    ['null', 'null'],
    ['a number', '1'],
  ])('refuse %s', async (_what, body) => {
    const wrong: string[] = [];
    for (const write of writes) {
      const { status, code } = await send(write, body);
      if (status !== 400 || code !== 'INVALID_INPUT') wrong.push(`${write.name} ${status} ${code}`);
    }
    expect(wrong).toEqual([]);
  });
});
