import { ERROR_TABLE, type ErrorCode } from '../error-table.ts';
import { Problem } from './problem.ts';
import { fullUrl, type Route } from './route.ts';

type Json = Record<string, unknown>;

const TAGS: Readonly<Record<string, string>> = {
  system: 'Life signs and metrics',
  sessions: 'Log in and out',
  users: 'People, passwords and API keys',
  roles: 'Who may do what: role × resource × action',
  overview: 'Counts at a glance',
  reports: 'Availability, figures of tickets, daily and monthly reports',
  devices: 'Registration, lifecycle and health of devices',
  registration: 'Trial and acceptance, duplicates, reviews of proposed cameras, handovers (设备登记与验收)',
  cameras: 'Live view, pictures, clips, private areas, and who looked',
  telemetry: 'What devices said and what they are told',
  'device-types': 'What kinds of devices say',
  quarantine: 'Messages that were kept but refused',
  incidents: 'What the monitor found',
  tickets: 'Work orders (工单) from discovery to verification',
  organisation: 'Organisations, modules, sites, maintenance units, rosters',
  maintenance: 'Maintenance windows, silences, important-event security (重保) and drills (演练)',
  vendors: 'Vendors: applications, invitations, agreements, keys, quotas',
  notifications: 'Who is told what',
  settings: 'Settings of the whole system',
};

const WRITES = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/** The OpenAPI 3.1 document of the routes: schemas with a title stand once under `components`. */
export function buildOpenApi(routes: readonly Route[], version: string): Json {
  const schemas: Json = {};
  const hoist = createHoister(schemas);
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const path = fullUrl(route).replace(/:([A-Za-z]+)/g, '{$1}');
    paths[path] ??= {};
    paths[path][route.method.toLowerCase()] = operation(route, hoist);
  }
  hoist(Problem);
  const used = new Set(routes.map((route) => route.tag));
  return {
    openapi: '3.1.0',
    info: {
      title: 'chengyun-gateway',
      version,
      description:
        'IoT device and video gateway for street-level city operations centres (城运网关). Errors are RFC 9457 problems; ' +
        'times are ISO 8601 with offset; durations are written `30s 5m 2h 30d`.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0.html' },
    },
    servers: [{ url: '/', description: 'The gateway that serves this document' }],
    tags: Object.entries(TAGS)
      .filter(([name]) => used.has(name))
      .map(([name, description]) => ({ name, description })),
    security: [{ bearer: [] }, { cookie: [] }],
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => a.localeCompare(b))),
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'Session token or API key' },
        cookie: { type: 'apiKey', in: 'cookie', name: 'cgw_session', description: 'Set by login; same-origin only' },
      },
      responses: Object.fromEntries(problemStatuses().map(([status, codes]) => [`Problem${status}`, problem(codes)])),
    },
  };
}

const SUCCESS = { 200: 'OK', 201: 'Created', 202: 'Accepted', 204: 'Done', 302: 'Go on there' } as const;

function operation(route: Route, hoist: (schema: unknown) => unknown): Json {
  const status = route.status ?? 200;
  const media = route.produces ?? 'application/json';
  const success = {
    description: SUCCESS[status],
    ...(status === 302 ? { headers: { location: { schema: { type: 'string' } } } } : {}),
    ...(route.ok ? { content: { [media]: { schema: hoist(route.ok) } } } : {}),
  };
  const parameters = [
    ...fields(route.params, 'path', hoist),
    ...fields(route.query, 'query', hoist),
    ...(WRITES.has(route.method) && route.access !== 'public' ? [IDEMPOTENCY] : []),
  ];
  return {
    operationId: route.operationId,
    tags: [route.tag],
    summary: route.summary,
    description: [route.description ?? route.summary, accessText(route)].join('\n\n'),
    ...(route.access === 'public' ? { security: [] } : {}),
    'x-access': route.access,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(route.upload
      ? {
          requestBody: {
            required: true,
            content: Object.fromEntries(
              route.upload.types.map((type) => [type, { schema: { type: 'string', format: 'binary' } }]),
            ),
          },
        }
      : {}),
    ...(route.body
      ? {
          requestBody: {
            required: !route.bodyOptional,
            content: {
              'application/json': { schema: hoist(route.body) },
              ...Object.fromEntries((route.consumes ?? []).map((type) => [type, { schema: { type: 'string' } }])),
            },
          },
        }
      : {}),
    responses: {
      [status]: success,
      ...(route.alternative ? { [route.alternative]: success } : {}),
      ...Object.fromEntries(
        statusesOf(route).map((code) => [String(code), { $ref: `#/components/responses/Problem${code}` }]),
      ),
    },
  };
}

function accessText(route: Route): string {
  if (route.access === 'public') return 'No login.';
  return route.access === 'login' ? 'Any login.' : `Right: \`${route.access}\`.`;
}

/** The route's own refusals and those that follow from its shape. */
function statusesOf(route: Route): number[] {
  const codes = new Set<ErrorCode>(route.problems ?? []);
  if (route.access !== 'public') {
    codes.add('UNAUTHENTICATED');
    codes.add('FORBIDDEN');
    codes.add('UNAVAILABLE');
  } else if (WRITES.has(route.method)) codes.add('FORBIDDEN');
  if (route.body || route.query || route.params) codes.add('INVALID_INPUT');
  if (route.body || route.upload) {
    codes.add('PAYLOAD_TOO_LARGE');
    codes.add('UNSUPPORTED_MEDIA_TYPE');
  }
  if (WRITES.has(route.method) && route.access !== 'public') {
    codes.add('IDEMPOTENCY_MISMATCH');
    codes.add('CONFLICT');
  }
  const statuses = new Set([...codes].map((code) => ERROR_TABLE[code].status as number));
  if (route.alternative) statuses.delete(route.alternative);
  return [...statuses].sort((a, b) => a - b);
}

function problemStatuses(): [number, ErrorCode[]][] {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const [code, row] of Object.entries(ERROR_TABLE)) {
    byStatus.set(row.status, [...(byStatus.get(row.status) ?? []), code as ErrorCode]);
  }
  return [...byStatus]
    .filter(([status]) => status !== 500 && status !== 405 && status !== 408)
    .sort(([a], [b]) => a - b);
}

function problem(codes: readonly ErrorCode[]): Json {
  return {
    description: codes.map((code) => `\`${code}\` ${ERROR_TABLE[code].title.en}`).join('; '),
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
}

const IDEMPOTENCY: Json = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'Repeats within 24 h answer the first result again, without secrets; another body answers 422',
  schema: { type: 'string', minLength: 1, maxLength: 200 },
};

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, Json>>;
  readonly required?: readonly string[];
}

function fields(schema: unknown, where: 'path' | 'query', hoist: (schema: unknown) => unknown): Json[] {
  const { properties = {}, required = [] } = (schema ?? {}) as ObjectSchema;
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...rest } = property;
    return {
      name,
      in: where,
      required: where === 'path' || required.includes(name),
      ...(description === undefined ? {} : { description }),
      schema: hoist(rest),
    };
  });
}

/** Copies a schema, moving every titled one into `components` and leaving a reference. */
function createHoister(schemas: Json): (schema: unknown) => unknown {
  const copy = (value: unknown, top: boolean): unknown => {
    if (Array.isArray(value)) return value.map((item) => copy(item, false));
    if (typeof value !== 'object' || value === null) return value;
    const title = (value as { title?: unknown }).title;
    if (!top && typeof title === 'string' && 'type' in value) {
      schemas[title] ??= copy(value, true);
      return { $ref: `#/components/schemas/${title}` };
    }
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copy(inner, false)]));
  };
  return (schema) => copy(schema, false);
}
