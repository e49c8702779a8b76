import { beforeEach, describe, expect, it } from 'vitest';
import { createManualClock } from '../clock.ts';
import type { DeviceBrief, Lifecycle } from '../domain/device.ts';
import type { VendorClosed } from '../domain/vendor-access.ts';
import { createLogger } from '../log.ts';
import { createDeviceLogin, type OnVendorDenied } from './device-login.ts';
import { createSecrets } from './secrets.ts';
import { createTopicRights } from './topic-rights.ts';

const secrets = createSecrets('a master secret for tests, 32 characters or more');

function device(id: string, lifecycle: Lifecycle = 'active', vendorId: string | null = null): DeviceBrief {
  return {
    key: Number(id.slice(1)),
    id,
    type: 't',
    lifecycle,
    vendorId,
    serial: null,
    externalId: null,
    siteId: null,
    orgId: null,
    module: null,
    parentKey: null,
    healthPolicy: null,
  };
}

const fleet = new Map(
  [
    device('d1', 'active', 'acme'),
    device('d2', 'suspended'),
    device('d3', 'retired', 'acme'),
    device('d4', 'pending'),
    device('d5', 'trial', 'globex'),
    device('d6', 'rejected'),
  ].map((entry) => [entry.id, entry]),
);

function rig(loaded = true) {
  const clock = createManualClock();
  const slept: number[] = [];
  const unexpected: string[] = [];
  const counted: string[] = [];
  const state: { loaded: boolean; closed: VendorClosed | null } = { loaded, closed: null };
  const devices = {
    get loaded() {
      return state.loaded;
    },
    byId: (id: string) => fleet.get(id),
    secretHash: (key: number) => {
      const found = [...fleet.values()].find((entry) => entry.key === key);
      return found && secrets.hash(`secret-${found.id}`);
    },
  };
  const vendors = {
    byId: (id: string) => (id === 'acme' ? { topics: ['acme/+/up', 'acme/all/#'] } : undefined),
    closed: () => state.closed,
    mqttKeys: (id: string) =>
      id === 'acme'
        ? [
            { id: 'k1', hash: secrets.hash('key-1'), addresses: null },
            { id: 'k2', hash: secrets.hash('key-2'), addresses: null },
            { id: 'k3', hash: secrets.hash('key-3'), addresses: ['192.168.7.0/24'] },
          ]
        : [],
    keyWorks: (_id: string, keyId: string) => state.closed === null && keyId !== 'k9',
  };
  const denied: string[] = [];
  const used: string[] = [];
  const onDenied: OnVendorDenied = ({ vendorId, what, target, reason }) =>
    void denied.push([vendorId, what, target, reason].join(' '));
  const login = createDeviceLogin({
    devices,
    vendors,
    secrets,
    clock,
    log: createLogger('silent'),
    counts: { login: (result) => counted.push(result) },
    onUnexpected: ({ id }) => unexpected.push(id),
    onKeyUsed: ({ id, address }) => used.push(`${id} ${address}`),
    onDenied,
    sleep: async (ms) => {
      slept.push(ms);
    },
  });
  const authorize = createTopicRights({
    devices,
    vendors,
    onDenied,
    ownTopics: ({ id }) => (id === 'd1' ? ['openevse/box-1/+', 'tele/box-1/#'] : []),
  });
  const attempt = async (username: string, password: string) => {
    const result = await login({ username, password, clientId: 'c', remoteAddress: '10.0.0.1' });
    return 'refused' in result ? result.refused : result;
  };
  return { attempt, authorize, slept, unexpected, counted, state, clock, denied, used };
}

describe('MQTT login', () => {
  let r: ReturnType<typeof rig>;
  beforeEach(() => {
    r = rig();
  });

  it.each([
    ['d1', 'secret-d1', { kind: 'device', deviceId: 'd1' }],
    ['d2', 'secret-d2', { kind: 'device', deviceId: 'd2' }],
    ['d5', 'secret-d5', { kind: 'device', deviceId: 'd5' }],
    ['d1', 'secret-d2', 'BAD_CREDENTIALS'],
    ['d1', '', 'BAD_CREDENTIALS'],
    ['nobody', 'secret-d1', 'BAD_CREDENTIALS'],
    ['', '', 'BAD_CREDENTIALS'],
    ['d3', 'secret-d3', 'ZOMBIE'],
    ['d3', 'wrong', 'BAD_CREDENTIALS'],
    ['d4', 'secret-d4', 'LIFECYCLE'],
    ['d6', 'secret-d6', 'LIFECYCLE'],
    ['vendor:acme', 'key-1', { kind: 'vendor', vendorId: 'acme', keyId: 'k1' }],
    ['vendor:acme', 'key-2', { kind: 'vendor', vendorId: 'acme', keyId: 'k2' }],
    ['vendor:acme', 'key-3', 'BAD_CREDENTIALS'],
    ['vendor:acme', 'secret-d1', 'BAD_CREDENTIALS'],
    ['vendor:globex', 'key-1', 'BAD_CREDENTIALS'],
    ['vendor:', 'key-1', 'BAD_CREDENTIALS'],
  ])('%s with %s', async (username, password, expected) => {
    expect(await r.attempt(username, password)).toEqual(expected);
  });

  it('reports a device that knew its secret but must not connect, and nobody else', async () => {
    await r.attempt('d3', 'secret-d3');
    await r.attempt('d4', 'secret-d4');
    await r.attempt('d3', 'wrong');
    expect(r.unexpected).toEqual(['d3', 'd4']);
    expect(r.counted).toEqual(['ZOMBIE', 'LIFECYCLE', 'BAD_CREDENTIALS']);
  });

  it('fails closed until the directory is loaded', async () => {
    r.state.loaded = false;
    expect(await r.attempt('d1', 'secret-d1')).toBe('UNAVAILABLE');
    expect(await r.attempt('vendor:acme', 'key-1')).toBe('UNAVAILABLE');
    expect(r.authorize({ kind: 'device', deviceId: 'd1' }, 'publish', 'cgw/v1/d1/telemetry')).toBe(false);
  });

  it('makes wrong secrets wait ever longer, but always hears the right one', async () => {
    for (let i = 0; i < 9; i++) await r.attempt('d1', 'wrong');
    expect(r.slept).toEqual([250, 500, 1000, 2000, 4000, 5000]);
    expect(await r.attempt('d1', 'secret-d1')).toEqual({ kind: 'device', deviceId: 'd1' });
    expect(r.slept).toHaveLength(6);
    await r.attempt('d1', 'wrong');
    expect(r.slept).toHaveLength(6);
  });
});

describe('a vendor whose access is over', () => {
  it('is refused with the reason only where the key is right, and both its logins and its topics are told to the audit', async () => {
    const r = rig();
    r.state.closed = 'agreementEnded';
    expect(await r.attempt('vendor:acme', 'key-1')).toBe('ACCESS_ENDED');
    expect(await r.attempt('vendor:acme', 'guess')).toBe('BAD_CREDENTIALS');
    const session = { kind: 'vendor', vendorId: 'acme', keyId: 'k1' } as const;
    expect(r.authorize(session, 'publish', 'acme/x/up')).toBe(false);
    expect(r.denied).toEqual(['acme login acme agreementEnded', 'acme publish acme/x/up topicNotGranted']);
  });

  it('notes where a key was used, and lets the sessions of the others go on when one ends', async () => {
    const r = rig();
    await r.attempt('vendor:acme', 'key-2');
    await r.attempt('vendor:acme', 'key-3');
    expect(r.used).toEqual(['k2 10.0.0.1']);
    expect(r.denied).toEqual(['acme login acme addressNotAllowed']);
    expect(r.authorize({ kind: 'vendor', vendorId: 'acme', keyId: 'k9' }, 'publish', 'acme/x/up')).toBe(false);
    expect(r.authorize({ kind: 'vendor', vendorId: 'acme', keyId: 'k2' }, 'publish', 'acme/x/up')).toBe(true);
    expect(r.authorize({ kind: 'vendor', vendorId: 'acme', keyId: 'k2' }, 'subscribe', '#')).toBe(false);
    expect(r.denied.at(-1)).toBe('acme subscribe # topicNotGranted');
  });
});

describe('topic rights', () => {
  const { authorize } = rig();
  const d1 = { kind: 'device', deviceId: 'd1' } as const;
  const acme = { kind: 'vendor', vendorId: 'acme' } as const;

  it.each([
    [d1, 'publish', 'cgw/v1/d1/telemetry', true],
    [d1, 'publish', 'cgw/v1/d1/event', true],
    [d1, 'publish', 'cgw/v1/d1/state', true],
    [d1, 'publish', 'cgw/v1/d1/command/ack', true],
    [d1, 'publish', 'cgw/v1/d1/command', false],
    [d1, 'publish', 'cgw/v1/d1/error', false],
    [d1, 'publish', 'cgw/v1/d1', false],
    [d1, 'publish', 'cgw/v1/d1/', false],
    [d1, 'publish', 'cgw/v1/d1/telemetry/', false],
    [d1, 'publish', 'cgw/v1/d1/telemetry/x', false],
    [d1, 'publish', 'CGW/v1/d1/telemetry', false],
    [d1, 'publish', '/cgw/v1/d1/telemetry', false],
    [d1, 'publish', 'cgw/v2/d1/telemetry', false],
    [d1, 'publish', 'cgw/v1/d2/telemetry', false],
    [d1, 'publish', 'cgw/v1/+/telemetry', false],
    [d1, 'publish', 'cgw/v1/d1/telemetry\0', false],
    [d1, 'publish', '', false],
    [d1, 'publish', '$SYS/broker', false],
    [d1, 'publish', 'openevse/box-1/amp', true],
    [d1, 'publish', 'openevse/box-2/amp', false],
    [d1, 'publish', 'openevse/box-1/amp/x', false],
    [d1, 'publish', 'tele/box-1/a/b', true],
    [d1, 'publish', 'tele/box-1', true],
    [d1, 'publish', 'tele/box-10/a', false],
    [d1, 'subscribe', 'openevse/box-1/amp', false],
    [d1, 'subscribe', 'cgw/v1/d1/command', true],
    [d1, 'subscribe', 'cgw/v1/d1/error', true],
    [d1, 'receive', 'cgw/v1/d1/command', true],
    [d1, 'receive', 'cgw/v1/d2/command', false],
    [d1, 'subscribe', 'cgw/v1/d1/telemetry', false],
    [d1, 'subscribe', 'cgw/v1/d1/+', false],
    [d1, 'subscribe', 'cgw/v1/d1/#', false],
    [d1, 'subscribe', '#', false],
    [d1, 'subscribe', '+/+', false],
    [d1, 'subscribe', '$SYS/#', false],
    [d1, 'subscribe', '$share/g/#', false],
    [d1, 'subscribe', '$share/g/cgw/v1/d1/command', false],
    [{ kind: 'device', deviceId: 'd3' }, 'publish', 'cgw/v1/d3/telemetry', false],
    [{ kind: 'device', deviceId: 'd4' }, 'subscribe', 'cgw/v1/d4/command', false],
    [{ kind: 'device', deviceId: 'ghost' }, 'publish', 'cgw/v1/ghost/telemetry', false],
    [acme, 'publish', 'cgw/v1/d1/telemetry', true],
    [acme, 'publish', 'cgw/v1/d3/telemetry', true],
    [acme, 'publish', 'cgw/v1/d5/telemetry', false],
    [acme, 'publish', 'cgw/v1/d2/telemetry', false],
    [acme, 'publish', 'cgw/v1/ghost/telemetry', false],
    [acme, 'publish', 'acme/x/up', true],
    [acme, 'publish', 'acme/x/y/up', false],
    [acme, 'publish', 'acme/all', true],
    [acme, 'subscribe', 'acme/x/up', false],
    [acme, 'subscribe', 'cgw/v1/d1/command', true],
    [acme, 'subscribe', 'cgw/v1/+/command', false],
    [acme, 'receive', 'cgw/v1/d5/command', false],
    [{ kind: 'vendor', vendorId: 'globex' }, 'publish', 'cgw/v1/d5/telemetry', false],
    [{ kind: 'broker', name: 'b' }, 'publish', 'anything/else', true],
    [{ kind: 'broker', name: 'b' }, 'publish', '$SYS/x', false],
    [{ kind: 'broker', name: 'b' }, 'subscribe', 'anything', false],
  ] as const)('%o %s %s → %s', (principal, action, topic, allowed) => {
    expect(authorize(principal, action, topic)).toBe(allowed);
  });
});
