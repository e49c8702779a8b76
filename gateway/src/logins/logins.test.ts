import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, ENGINES, type TestDatabase } from '../../test/support/databases.ts';
import { createFakeDynsec } from '../../test/support/dynsec.ts';
import { emptyTables } from '../../test/support/empty-tables.ts';
import { FLEET_KEY } from '../../test/support/fleet-devices.ts';
import { until } from '../../test/support/until.ts';
import { createSecrets } from '../access/secrets.ts';
import { createManualClock } from '../clock.ts';
import type { DeviceBrief, DeviceKey, Lifecycle } from '../domain/device.ts';
import { createLogger } from '../log.ts';
import { createBrokerLoginStore } from '../store/broker-logins.ts';
import { createLogins, type Logins } from './logins.ts';

const DAY = 86_400_000;

describe.each(ENGINES)('logins at a broker elsewhere, on %s', (engine) => {
  let test: TestDatabase;
  const running: Logins[] = [];
  beforeAll(async () => {
    test = await createTestDatabase(engine);
  });
  afterEach(async () => {
    for (const logins of running.splice(0)) await logins.stop();
    await emptyTables(test.db, 'broker_login', 'broker_login_pending', 'broker_manager');
  });
  afterAll(() => test?.close());

  /** A street: devices of one type, a vendor, and a broker. */
  const street = () => {
    const clock = createManualClock();
    const broker = createFakeDynsec();
    const devices = new Map<string, DeviceBrief>();
    const vendor = { id: 'acme', topics: ['acme/#'], works: new Set<string>() };
    let listener: ((changes: readonly { before: DeviceBrief | null; after: DeviceBrief }[]) => void) | undefined;

    const put = (id: string, changed: Partial<DeviceBrief> = {}) => {
      const before = devices.get(id) ?? null;
      const after = { id, type: 'lamp', lifecycle: 'active', vendorId: null, ...before, ...changed } as DeviceBrief;
      devices.set(id, after);
      listener?.([{ before, after }]);
    };
    const open = () => {
      const logins = createLogins({
        db: test.db,
        store: createBrokerLoginStore(),
        sealing: createSecrets(FLEET_KEY),
        devices: {
          loaded: true,
          byId: (id) => devices.get(id),
          all: () => devices.values(),
          secretHash: (_: DeviceKey) => undefined,
          onChange(listen) {
            listener = listen;
            return () => undefined;
          },
        },
        vendors: {
          byId: (id) => (id === vendor.id ? vendor : undefined),
          all: () => [vendor],
          keyWorks: (_, key) => vendor.works.has(key),
        },
        ownTopics: ({ id }) => [`lamps/${id}/up`],
        speaksMqtt: (type) => type === 'lamp',
        control: broker.control,
        ownLogin: 'gateway',
        clock,
        log: createLogger('silent'),
        everyMs: 5,
      });
      logins.start();
      running.push(logins);
      return logins;
    };
    const logins = open();
    const issue = (username: string, password: string, keyId?: string, of = logins) =>
      test.db.transaction((tx) => of.issued(tx, [{ username, password, ...(keyId && { keyId }) }]));
    const has = (name: string) => broker.clients.get(name);
    const password = (name: string, wanted: string) =>
      until(`${name} has ${wanted}`, () => has(name)?.password === wanted, { everyMs: 5 });
    const settled = (of = logins) =>
      until(
        'nothing is on its way',
        async () =>
          (await createBrokerLoginStore().pendingNames(test.db.autocommit)).length === 0 &&
          of.status().managedBy === 'dynsec' &&
          of.status().pending === 0,
        { everyMs: 5 },
      );
    const topicsOf = (name: string) =>
      (broker.roles.get(`cgw-login:${name}`)?.acls as { acltype: string; topic: string }[] | undefined)
        ?.map(({ acltype, topic }) => `${acltype === 'publishClientSend' ? '>' : '<'} ${topic}`)
        .sort();
    return { clock, broker, vendor, put, open, logins, issue, has, password, settled, topicsOf };
  };
  const lifecycle = (value: Lifecycle) => ({ lifecycle: value });

  it('makes a login with the rights of its device and no others, and forgets the secret', async () => {
    const { put, issue, password, settled, topicsOf, logins } = street();
    put('d1');
    await issue('d1', 'secret-1');
    await password('d1', 'secret-1');
    await settled();
    expect(topicsOf('d1')).toEqual([
      '< cgw/v1/d1/command',
      '< cgw/v1/d1/error',
      '> cgw/v1/d1/command/ack',
      '> cgw/v1/d1/event',
      '> cgw/v1/d1/state',
      '> cgw/v1/d1/telemetry',
      '> lamps/d1/up',
    ]);
    expect(logins.status()).toEqual({ managedBy: 'dynsec', missing: 0, pending: 0 });
  });

  it('a new secret takes the place of the old one, and nothing else is said of the login', async () => {
    const { put, issue, password, settled, broker } = street();
    put('d1');
    await issue('d1', 'old');
    await password('d1', 'old');
    await settled();
    broker.heard.length = 0;
    await issue('d1', 'new');
    await password('d1', 'new');
    await settled();
    expect(broker.heard.filter((line) => line.includes('d1'))).toEqual(['setClientPassword d1']);
  });

  it('a device that is gone for good is closed, opened when it is back, and removed with its type of speech', async () => {
    const { put, issue, password, has, topicsOf } = street();
    put('d1');
    await issue('d1', 'secret');
    await password('d1', 'secret');
    put('d1', lifecycle('retired'));
    await until('it is closed', () => has('d1')?.disabled === true, { everyMs: 5 });
    put('d1', lifecycle('active'));
    await until('it is open', () => has('d1')?.disabled === false, { everyMs: 5 });
    expect(has('d1')?.password).toBe('secret');
    put('d1', { type: 'camera' });
    await until('it is removed', () => has('d1') === undefined, { everyMs: 5 });
    await until('its role too', () => topicsOf('d1') === undefined, { everyMs: 5 });
  });

  it('what changes while the broker is away reaches it when it is back: the newest secret, and who is gone', async () => {
    const { put, issue, password, settled, has, broker, logins } = street();
    for (const id of ['d1', 'd2']) put(id);
    await issue('d1', 'd1-old');
    await issue('d2', 'd2-old');
    await password('d2', 'd2-old');
    await settled();
    broker.away();
    await until('nobody keeps the logins', () => logins.status().managedBy === null, { everyMs: 5 });
    await issue('d1', 'd1-lost');
    await issue('d1', 'd1-new');
    put('d2', lifecycle('retired'));
    put('d3');
    await issue('d3', 'd3');
    await until('they are on their way', () => logins.status().pending === 2, { everyMs: 5 });
    broker.back();
    await password('d1', 'd1-new');
    await password('d3', 'd3');
    await until('d2 is closed', () => has('d2')?.disabled === true, { everyMs: 5 });
    await settled();
  });

  it('a process that begins anew finds what its predecessor could not tell any more', async () => {
    const { put, issue, password, settled, has, broker, logins, open } = street();
    for (const id of ['d1', 'd2']) put(id);
    await issue('d2', 'd2');
    await password('d2', 'd2');
    await settled();
    broker.away();
    await issue('d1', 'd1');
    await logins.stop();
    put('d2', lifecycle('retired'));
    broker.back();
    await settled(open());
    await password('d1', 'd1');
    await until('d2 is closed', () => has('d2')?.disabled === true, { everyMs: 5 });
  });

  it('a broker that lost its file has no login any more: all are missing until they get new secrets', async () => {
    const { put, issue, password, settled, has, broker, logins } = street();
    for (const id of ['d1', 'd2']) put(id);
    put('d3', lifecycle('retired'));
    for (const id of ['d1', 'd2']) await issue(id, id);
    await password('d2', 'd2');
    await settled();
    broker.away();
    await until('the broker is missed', () => logins.status().managedBy === null, { everyMs: 5 });
    broker.forget();
    broker.back();
    await until('both are missing', () => logins.status().missing === 2, { everyMs: 5 });
    expect(has('d1')).toBeUndefined();
    await issue('d1', 'again');
    await password('d1', 'again');
    await until('one is', () => logins.status().missing === 1, { everyMs: 5 });
  });

  it('two changes of one device while the broker is being told: the last one stands', async () => {
    const { put, issue, password, settled, has, broker } = street();
    put('d1');
    let changed = false;
    broker.during(async ({ command, username }) => {
      if (command !== 'createClient' || username !== 'd1' || changed) return;
      changed = true;
      await issue('d1', 'second');
      put('d1', lifecycle('retired'));
      await issue('d1', 'third');
    });
    await issue('d1', 'first');
    await password('d1', 'third');
    await until('it is closed', () => has('d1')?.disabled === true, { everyMs: 5 });
    await settled();

    let turned = false;
    broker.during(async ({ command, username }) => {
      if (command !== 'enableClient' || username !== 'd1' || turned) return;
      turned = true;
      put('d1', lifecycle('retired'));
    });
    put('d1', lifecycle('active'));
    await until('it was opened', () => turned, { everyMs: 5 });
    await until('and closed again', () => has('d1')?.disabled === true, { everyMs: 5 });
  });

  it('one login that the broker refuses holds up no other', async () => {
    const { put, issue, password, settled, has, broker, clock } = street();
    for (const id of ['a1', 'b1', 'c1']) put(id);
    await issue('b1', 'b1');
    await password('b1', 'b1');
    await settled();
    // Made, and removed, by hand since we looked.
    broker.clients.set('a1', { password: 'by hand', disabled: false, roles: [] });
    broker.clients.delete('b1');
    await issue('a1', 'a1');
    await issue('b1', 'b1-new');
    await issue('c1', 'c1');
    await password('c1', 'c1');
    clock.advance(31_000);
    await password('b1', 'b1-new');
    await settled();
    expect(has('a1')).toEqual({ password: 'by hand', disabled: false, roles: [] });
  });

  it('a vendor has the topics it was granted and those of its devices, under its newest key', async () => {
    const { put, issue, password, settled, has, topicsOf, vendor, logins } = street();
    put('d1', { vendorId: 'acme' });
    put('d2');
    vendor.works.add('k1');
    await issue('vendor:acme', 'key-1', 'k1');
    await password('vendor:acme', 'key-1');
    await settled();
    const own = ['command/ack', 'event', 'state', 'telemetry'].map((rest) => `> cgw/v1/d1/${rest}`);
    const down = ['< cgw/v1/d1/command', '< cgw/v1/d1/error'];
    expect(topicsOf('vendor:acme')).toEqual([...down, '> acme/#', ...own].sort());
    put('d1', { vendorId: null });
    await until('the device is not its own', () => topicsOf('vendor:acme')?.length === 1, { everyMs: 5 });
    vendor.works.delete('k1');
    logins.cut('key:k1');
    await until('it is closed', () => has('vendor:acme')?.disabled === true, { everyMs: 5 });
    vendor.works.add('k2');
    await issue('vendor:acme', 'key-2', 'k2');
    await password('vendor:acme', 'key-2');
    await until('it is open', () => has('vendor:acme')?.disabled === false, { everyMs: 5 });
  });

  it('a secret that found no broker in a week is forgotten', async () => {
    const { put, issue, broker, logins, clock } = street();
    broker.away();
    put('d1');
    await issue('d1', 'secret');
    await until('it is on its way', () => logins.status().pending === 1, { everyMs: 5 });
    clock.advance(7 * DAY + 1);
    await until('it is forgotten', () => logins.status().pending === 0, { everyMs: 5 });
  });

  it('no device takes the name of a login that is not ours, nor the name of the gateway', async () => {
    const { put, issue, settled, has, broker } = street();
    broker.clients.set('panel', { password: 'theirs', disabled: false, roles: [{ rolename: 'screens' }] });
    for (const id of ['panel', 'gateway']) {
      put(id);
      await issue(id, 'taken');
    }
    await until('they were compared', () => broker.heard.includes('listRoles'), { everyMs: 5 });
    await settled();
    expect(has('panel')?.password).toBe('theirs');
    expect(has('gateway')?.password).toBe('g');
  });
});
