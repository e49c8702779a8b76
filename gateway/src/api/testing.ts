import type { FastifyInstance } from 'fastify';
import { createManualClock } from '../clock.ts';
import type { User } from '../domain/access-input.ts';
import type { Actor } from '../domain/actor.ts';
import type { Device } from '../domain/device-record.ts';
import type { StoredAnswer } from '../domain/idempotency.ts';
import { ROLES, type Role } from '../domain/permission.ts';
import { shippedRights } from '../domain/role-rights.ts';
import { GatewayError } from '../errors.ts';
import { createLogger } from '../log.ts';
import { createMetrics } from '../metrics.ts';
import { createApi } from './app.ts';
import type { ApiConfig } from './deps.ts';
import type { ForwardPort } from './ports/forwarding.ts';
import type { Services } from './ports.ts';
import { createReadiness } from './readiness.ts';

/** Tests only: the API over services that live in memory. A token is the name of a role. */
export const PASSWORD = 'correct-horse-1!';

export function deviceFixture(over: Partial<Device> = {}): Device {
  return {
    key: 7,
    id: 'cam-1',
    type: 'generic/camera',
    name: '东门摄像机',
    nickname: null,
    serial: null,
    externalId: null,
    module: 'security',
    vendorId: null,
    orgId: null,
    siteId: null,
    nationalCode: null,
    mac: null,
    location: null,
    connection: { protocol: 'rtsp', url: 'rtsp://10.0.0.8/main', username: 'viewer' },
    hasConnectionPassword: true,
    maintenanceUnitId: null,
    parentId: null,
    installedOn: null,
    healthPolicy: { interval: 30_000, freshWithin: { picture: 600_000 } },
    labels: {},
    lifecycle: 'active',
    lifecycleReason: null,
    lifecycleAt: Date.UTC(2026, 10, 22),
    flags: [],
    health: { state: 'offline', reason: 'timeout', since: Date.UTC(2026, 10, 22, 23, 50), suspect: false },
    link: null,
    lastSeenAt: Date.UTC(2026, 10, 22, 23, 49),
    zombieCount: 0,
    zombieAt: null,
    revision: 3,
    createdAt: Date.UTC(2026, 10, 1),
    updatedAt: Date.UTC(2026, 10, 2),
    ...over,
  };
}

const user = (role: Role): User => ({
  id: `u-${role}`,
  username: role,
  name: role,
  role: role === 'system' ? 'viewer' : role,
  orgId: null,
  scopeOrgIds: null,
  moduleIds: null,
  vendorId: null,
  phone: null,
  email: null,
  mustChangePassword: false,
  passwordChangedAt: 0,
  secondFactor: false,
  singleSignOn: false,
  disabled: false,
  createdAt: 0,
});

const actor = (role: Role): Actor => ({
  kind: 'user',
  id: `u-${role}`,
  name: role,
  role,
  rights: shippedRights(role),
  scope: role === 'vendor' ? { kind: 'vendor', vendorId: 'v1' } : { kind: 'all' },
  address: '127.0.0.1',
  sessionId: `s-${role}`,
});

export interface TestApi {
  readonly app: FastifyInstance;
  readonly calls: { readonly method: string; readonly args: readonly unknown[] }[];
  /** Replaces what a service method does, by dotted name. */
  on(name: string, answer: (...args: never[]) => unknown): void;
  readonly clock: ReturnType<typeof createManualClock>;
  readonly log: string[];
  readonly readiness: ReturnType<typeof createReadiness>;
}

/** A service method nobody gave an answer to: proves that a request got through to the stages. */
export const REACHED = 'CONFLICT';

export function createTestApi(config: Partial<ApiConfig> = {}, forwarding?: ForwardPort): TestApi {
  const clock = createManualClock();
  const calls: { method: string; args: readonly unknown[] }[] = [];
  const answers = new Map<string, (...args: never[]) => unknown>();
  const log: string[] = [];
  const group = (prefix: string): unknown =>
    new Proxy(
      {},
      {
        get(_target, name: string) {
          const method = `${prefix}.${name}`;
          if (['orgs', 'modules', 'sites', 'vendors', 'maintenanceUnits', 'drills', 'excused'].includes(name))
            return group(method);
          if (method === 'db.autocommit') return {};
          return (...args: never[]) => {
            calls.push({ method, args });
            const answer = answers.get(method);
            if (answer) return answer(...args);
            throw new GatewayError(REACHED, method);
          };
        },
      },
    );
  const services = new Proxy({}, { get: (_target, name: string) => group(name) }) as Services;

  const on: TestApi['on'] = (name, answer) => void answers.set(name, answer);
  on('sessions.authenticate', async (token: string) => {
    if (token === 'bare-admin') return { ...actor('admin'), mustEnrol: true };
    if (token === 'fresh-admin') return { ...actor('admin'), mustChangePassword: true };
    return (ROLES as readonly string[]).includes(token) ? actor(token as Role) : null;
  });
  on('sessions.login', async (input: { username: string; password: string }) => {
    if (input.password !== PASSWORD) throw new GatewayError('BAD_CREDENTIALS');
    const expiresAt = clock.now() + 3_600_000;
    return { token: input.username, expiresAt, user: user(input.username as Role), mustChangePassword: false };
  });
  on('singleSignOn.methods', async () => ({ password: true, oidc: false, wecom: false }));
  on('sessions.logout', async () => undefined);
  on('judgement.status', () => ({ state: 'ready', reason: 'ok', paths: [] }));
  on('users.me', async (who: Actor) => user(who.role));
  memoryIdempotency(on);
  on('auditDoor.denied', () => undefined);
  on('auditDoor.unproven', async () => undefined);

  const readiness = createReadiness({ clock, essential: ['spool'] });
  readiness.set('spool', 'ready', 'ok');
  const app = createApi({
    services,
    config: { timeZone: 'Asia/Shanghai', version: '0.0.0', ...config },
    log: createLogger('debug', (line) => log.push(line)),
    clock,
    metrics: createMetrics(),
    readiness,
    ...(forwarding && { forwarding }),
  });
  return { app, calls, on, clock, log, readiness };
}

function memoryIdempotency(on: TestApi['on']): void {
  const slots = new Map<string, { fingerprint: string; answer?: StoredAnswer }>();
  on('idempotency.begin', async (claim: { slot: string; fingerprint: string }) => {
    const known = slots.get(claim.slot);
    if (!known) {
      slots.set(claim.slot, { fingerprint: claim.fingerprint });
      return { state: 'new' };
    }
    if (known.fingerprint !== claim.fingerprint) return { state: 'mismatch' };
    return known.answer ? { state: 'done', answer: known.answer } : { state: 'running' };
  });
  on('idempotency.finish', async (slot: string, answer: StoredAnswer) => {
    const known = slots.get(slot);
    if (known) known.answer = answer;
  });
  on('idempotency.abandon', async (slot: string) => void slots.delete(slot));
}

export const bearer = (role: string) => ({ authorization: `Bearer ${role}` });
