import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyAudit } from '../src/access/audit/verify.ts';
import { createSecrets } from '../src/access/secrets.ts';
import { type Action, may, type Resource } from '../src/domain/permission.ts';
import { shippedRights } from '../src/domain/role-rights.ts';
import { createAuditStore } from '../src/store/audit.ts';
import { ENGINES } from './support/databases.ts';
import { FLEET_KEY } from './support/fleet-devices.ts';
import { type GatewayProcess, startGateway } from './support/gateway-process.ts';
import { createGatewayStore, type GatewayStore } from './support/gateway-store.ts';
import type { Kind } from './support/isolation-kinds.ts';
import type { Line } from './support/isolation-lines.ts';
import { ISOLATION } from './support/isolation-table.ts';
import { ACTORS, type ActorOfTest, fillWorld, tokenOf } from './support/isolation-world.ts';

/** One operation of the document. */
interface Operation {
  /** `GET /devices/{id}`, without the base. */
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly access: string;
  readonly line: Line;
}

interface Answer {
  readonly status: number;
  /** Without the request's own id. */
  readonly body: string;
}

const SILENCE_MS = 60_000;
const AT_ONCE = 8;

let store: GatewayStore;
let gateway: GatewayProcess;
let operations: readonly Operation[] = [];
const unknown: string[] = [];
const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
let asked = 0;
/** Writes that succeed here and change nothing, so their stage has nothing to prove: same fields again, every item refused. */
const CHANGES_NOTHING = ['PATCH /cameras/:id/archive', 'PUT /cameras/:id/archive', 'POST /devices/bulk'];
/** Writes that succeeded. */
const written = new Set<string>();

beforeAll(async () => {
  // Isolation is in the SQL, which both engines share (store/engines.test.ts); PostgreSQL works beside this process.
  store = await createGatewayStore(ENGINES.at(-1) ?? 'pglite', fillWorld);
  gateway = await startGateway(store.dataDir, store.env);
  const document = JSON.parse((await ask('GET', '/api/openapi.json', undefined)).body) as {
    paths: Record<string, Record<string, { 'x-access': string }>>;
  };
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, operation]) => {
      const name = `${method.toUpperCase()} ${path.replace(/^\/api\/v1(?=\/)/, '')}`;
      const line = ISOLATION[name];
      if (!line) unknown.push(name);
      return line ? [{ name, method: method.toUpperCase(), path, access: operation['x-access'], line }] : [];
    }),
  );
}, 120_000);

afterAll(async () => {
  agent.destroy();
  await gateway?.stop();
  await store?.remove();
});

function ask(
  method: string,
  path: string,
  actor: ActorOfTest | undefined,
  body?: unknown,
  raw?: string,
): Promise<Answer> {
  asked += 1;
  const json = body === undefined ? undefined : JSON.stringify(body);
  const text = raw === undefined ? json : '%PDF-1.4\n%%EOF\n';
  return new Promise((resolve, reject) => {
    const headers = {
      ...(actor ? { authorization: `Bearer ${tokenOf(actor)}` } : {}),
      ...(text === undefined
        ? {}
        : { 'content-type': raw ?? 'application/json', 'content-length': Buffer.byteLength(text) }),
    };
    const sent = request(`${gateway.base}${path}`, { method, headers, agent, timeout: SILENCE_MS }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const whole = Buffer.concat(chunks).toString('utf8');
        resolve({ status: response.statusCode ?? 0, body: whole.replace(/"requestId":"[^"]*"/, '"requestId":""') });
      });
    });
    sent.on('error', reject);
    sent.on('timeout', () => sent.destroy(new Error(`${method} ${path} does not answer`)));
    sent.end(text);
  });
}

const allowed = ({ access, line }: Operation, actor: ActorOfTest): boolean => {
  if (line.who) return line.who(actor);
  if (access === 'public' || access === 'login') return true;
  const [resource, action] = access.split(':') as [Resource, Action];
  return may({ role: actor.role, rights: shippedRights(actor.role) }, resource, action);
};

/** The path with every parameter filled in: own ones, except where said otherwise. */
function addressOf(
  { path, line }: Operation,
  actor: ActorOfTest,
  special: Readonly<Record<string, string>> = {},
): string {
  const filled = path.replace(/\{(\w+)\}/g, (_whole, name: string) => {
    const kind = line.at?.[name];
    const id = special[name] ?? kind?.own(actor) ?? kind?.absent ?? 'none';
    return encodeURIComponent(id).replaceAll('~1', '%2F');
  });
  return `${filled}${line.query ?? ''}`;
}

const noteWrite = ({ method, name }: Operation, { status }: Answer) => {
  if (method !== 'GET' && status < 300) written.add(name);
};

const foreignOf = (line: Line, actor: ActorOfTest) =>
  Object.entries(line.at ?? {}).flatMap(([name, kind]) => kind.foreign(actor).map((id) => ({ name, kind, id })));

/** What hangs on a foreign object, so that the attempt is one on what is really there. */
const besides = ({ at = {} }: Line, param: string, id: string) =>
  Object.fromEntries(
    Object.entries(at).flatMap(([name, { under }]) => (under && name !== param ? [[name, under(id)]] : [])),
  );

async function each<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const next = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, next));
}

const pairs = () =>
  operations
    .filter(({ line }) => line.open === undefined)
    .flatMap((operation) => ACTORS.map((actor) => ({ operation, actor })));

describe('isolation, every route × every role', () => {
  it('knows every route of the document, and no other', () => {
    const how =
      'add one line for each to gateway/test/support/isolation-table.ts: how it is addressed, with which body';
    expect(unknown, how).toEqual([]);
    const there = new Set(operations.map(({ name }) => name));
    const gone = Object.keys(ISOLATION).filter((name) => !there.has(name));
    expect(gone, 'lines of gateway/test/support/isolation-table.ts whose route is gone').toEqual([]);
    expect(operations.length).toBeGreaterThan(100);
  });

  it('refuses a role without the right before it looks at any object', async () => {
    const wrong: string[] = [];
    let count = 0;
    await each(
      pairs().filter(({ operation, actor }) => !allowed(operation, actor)),
      async ({ operation, actor }) => {
        const { line, method, name } = operation;
        const absent = Object.fromEntries(Object.entries(line.at ?? {}).map(([param, kind]) => [param, kind.absent]));
        const [foreign] = foreignOf(line, actor);
        const addresses = [
          addressOf(operation, actor),
          ...(line.at ? [addressOf(operation, actor, foreign ? { [foreign.name]: foreign.id } : absent)] : []),
        ];
        const bodies = new Set<string>();
        for (const address of addresses) {
          const answer = await ask(method, address, actor, line.body, line.raw);
          count += 1;
          if (answer.status !== 403)
            wrong.push(`${actor.name} ${name} ${address} → ${answer.status} ${answer.body.slice(0, 200)}`);
          bodies.add(answer.body);
        }
        if (bodies.size > 1) wrong.push(`${actor.name} ${name} tells its refusals apart: ${[...bodies].join(' | ')}`);
      },
    );
    expect(wrong).toEqual([]);
    expect(count).toBeGreaterThan(500);
  }, 120_000);

  it('answers a foreign object exactly as an absent one', async () => {
    const wrong: string[] = [];
    let count = 0;
    await each(
      pairs().filter(({ operation, actor }) => operation.line.at && allowed(operation, actor)),
      async ({ operation, actor }) => {
        const { line, method, name } = operation;
        for (const [param, kind] of Object.entries(line.at ?? {})) {
          const hide = (answer: Answer, id: string) => answer.body.replaceAll(id, '…');
          const absent = await ask(
            method,
            addressOf(operation, actor, { [param]: kind.absent }),
            actor,
            line.body,
            line.raw,
          );
          count += 1;
          if (absent.status !== 404 && !line.makes) {
            wrong.push(`${actor.name} ${name} absent ${param} → ${absent.status} ${absent.body.slice(0, 200)}`);
          }
          for (const id of kind.foreign(actor)) {
            const address = addressOf(operation, actor, { ...besides(line, param, id), [param]: id });
            const foreign = await ask(method, address, actor, line.body, line.raw);
            count += 1;
            if (foreign.status === absent.status && hide(foreign, id) === hide(absent, kind.absent)) continue;
            wrong.push(`${actor.name} ${name} ${id} → ${foreign.status} ${foreign.body.slice(0, 300)}`);
          }
        }
      },
    );
    expect(wrong).toEqual([]);
    expect(count).toBeGreaterThan(400);
  }, 120_000);

  it('reads a foreign object that a body names as an absent one', async () => {
    const wrong: string[] = [];
    let count = 0;
    await each(
      pairs().filter(({ operation, actor }) => operation.line.refs && allowed(operation, actor)),
      async ({ operation: { line, method, name, path }, actor }) => {
        for (const [field, kind] of Object.entries(line.refs ?? {}) as [string, Kind][]) {
          const named = (id: string) =>
            ask(method, path, actor, { ...(line.body as object), [field]: kind.many ? [id] : id });
          for (const id of kind.foreign(actor)) {
            const [absent, foreign] = [await named(kind.absent), await named(id)];
            count += 1;
            const same = foreign.body.replaceAll(id, '…') === absent.body.replaceAll(kind.absent, '…');
            if (absent.status === foreign.status && (kind.many || absent.status === 400) && same) continue;
            wrong.push(
              `${actor.name} ${name} ${field}=${id} → ${foreign.status} ${foreign.body.slice(0, 300)} / ${absent.body.slice(0, 200)}`,
            );
          }
        }
      },
    );
    expect(wrong).toEqual([]);
    expect(count).toBeGreaterThan(5);
  }, 120_000);

  it('shows what is own, and in no answer anything foreign', async () => {
    const wrong: string[] = [];
    let count = 0;
    const tries = pairs().filter(
      ({ operation: { line }, actor }) =>
        line.notOwn === undefined && Object.values(line.at ?? {}).every((kind) => kind.own(actor) !== undefined),
    );
    const look = async ({ operation, actor }: (typeof tries)[number]) => {
      if (!allowed(operation, actor)) return;
      const { line, method, name } = operation;
      const answer = await ask(method, addressOf(operation, actor), actor, line.body, line.raw);
      count += 1;
      noteWrite(operation, answer);
      const refused = actor.role === 'vendor' && method !== 'GET' ? [401, 404] : [401, 403, 404];
      const fits =
        method === 'GET'
          ? answer.status < 300 || [409, 410, 422].includes(answer.status)
          : !refused.includes(answer.status);
      if (!fits || answer.status === 500)
        wrong.push(`${actor.name} ${name} → ${answer.status} ${answer.body.slice(0, 300)}`);
      const at = actor.all || (line.tells && actor.role !== 'vendor') ? -1 : answer.body.search(/foreign/i);
      if (at >= 0) wrong.push(`${actor.name} ${name} tells …${answer.body.slice(Math.max(0, at - 150), at + 150)}…`);
    };
    await each(
      tries.filter(({ operation: { method } }) => method === 'GET'),
      look,
    );
    // Writes one after the other: they change what the next one finds.
    const writes = tries.filter(({ operation: { method, line } }) => method !== 'GET' && !line.ends);
    for (const one of writes) await look(one);
    for (const one of tries.filter(({ operation: { line }, actor }) => line.ends && actor.role === 'admin'))
      await look(one);
    expect(wrong).toEqual([]);
    expect(count).toBeGreaterThan(300);
    process.stdout.write(
      `isolation: ${operations.length} routes × ${ACTORS.length} actors, ${asked} requests, ${count} own objects shown\n`,
    );
  }, 180_000);

  it('left a proof of its own for every write that succeeded, in a chain that holds', async () => {
    await gateway.stop();
    const { unproven, denied, outcome } = await store.inspect(async (db) => {
      const signer = createSecrets(FLEET_KEY);
      const audit = createAuditStore(signer);
      const directory = join(store.dataDir, 'audit-anchors');
      const rows = async (action: string) =>
        (await audit.list(db.autocommit, { limit: 10_000, action })).items.map(
          ({ after }) => after as { what: string },
        );
      return {
        unproven: new Set((await rows('call')).map(({ what }) => what)),
        denied: new Set((await rows('accessDenied')).map(({ what }) => what)),
        outcome: await verifyAudit({ db, audit, signer, directory, now: Date.now }),
      };
    });
    // The net of the API caught these: their stage must append to the audit itself, or api/proof.ts say why it need not.
    expect([...unproven].filter((what) => !CHANGES_NOTHING.includes(what))).toEqual([]);
    expect(written.size).toBeGreaterThan(50);
    expect(denied.size).toBeGreaterThan(100);
    expect(outcome).toMatchObject({ findings: [], intact: true });
  }, 60_000);
});
