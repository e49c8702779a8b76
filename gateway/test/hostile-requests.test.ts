import { Agent, request } from 'node:http';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENGINES } from './support/databases.ts';
import { FUZZ_SEED } from './support/fuzz.ts';
import { type GatewayProcess, startGateway } from './support/gateway-process.ts';
import { createGatewayStore, type GatewayStore } from './support/gateway-store.ts';
import { type GetOperation, getOperations, hostileTarget } from './support/hostile-requests.ts';
import { ISOLATION } from './support/isolation-table.ts';
import { ACTORS, fillWorld, tokenOf } from './support/isolation-world.ts';

const COUNT = 1_000;
const AT_ONCE = 8;
/** Of one answer: a query that a stranger made endless does not come back. */
const SILENCE_MS = 30_000;

// Over the fakes of the API's own tests every input is tried; here it goes on into the stages and the SQL.
describe('requests of a stranger to the whole gateway', () => {
  let store: GatewayStore;
  let gateway: GatewayProcess;
  let gets: readonly GetOperation[] = [];
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const admin = ACTORS.find(({ role }) => role === 'admin') ?? { name: 'admin', role: 'admin', all: true };

  beforeAll(async () => {
    store = await createGatewayStore(ENGINES.at(-1) ?? 'pglite', fillWorld);
    gateway = await startGateway(store.dataDir, store.env);
    gets = getOperations(JSON.parse((await ask('/api/openapi.json')).body));
  }, 120_000);
  afterAll(async () => {
    agent.destroy();
    await gateway?.stop();
    await store?.remove();
  });

  const ask = (path: string): Promise<{ status: number; type: string; body: string }> =>
    new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${tokenOf(admin)}` };
      const sent = request(`${gateway.base}${path}`, { headers, agent, timeout: SILENCE_MS }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            type: response.headers['content-type'] ?? '',
            body: Buffer.concat(chunks).toString('utf8'),
          }),
        );
      });
      sent.on('error', reject);
      sent.on('timeout', () => sent.destroy(new Error(`${path} does not answer`)));
      sent.end();
    });

  it('are answered, whatever stands in path and query', async () => {
    const own = (path: string, parameter: string) =>
      ISOLATION[`GET ${path.replace(/^\/api\/v1(?=\/)/, '')}`]?.at?.[parameter]?.own(admin);
    const left = fc.sample(hostileTarget(gets, own), { seed: FUZZ_SEED, numRuns: COUNT });
    const wrong: string[] = [];
    const statuses = new Map<number, number>();
    const next = async (): Promise<void> => {
      for (let one = left.pop(); one; one = left.pop()) {
        const { status, type, body } = await ask(one.url);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        const { mayFail, page } = one.operation;
        const says = type.startsWith('application/problem+json') || (page && type.startsWith('text/html'));
        if ((status >= 500 && !mayFail.includes(status)) || (status >= 400 && !says)) {
          wrong.push(`${one.url.slice(0, 300)} → ${status} ${type} ${body.slice(0, 300)}`);
        }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, next));
    expect(wrong, `seed ${FUZZ_SEED}`).toEqual([]);
    // Some get through to the stages, most are refused.
    expect(statuses.get(200)).toBeGreaterThan(COUNT / 20);
    expect((await ask('/readyz')).status).toBe(200);
  }, 120_000);
});
