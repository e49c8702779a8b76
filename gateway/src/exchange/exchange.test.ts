import { createHmac } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase, ENGINES, type TestDatabase } from '../../test/support/databases.ts';
import { emptyTables } from '../../test/support/empty-tables.ts';
import { until } from '../../test/support/until.ts';
import { createSecrets } from '../access/secrets.ts';
import { createSystemClock } from '../clock.ts';
import type { Actor } from '../domain/actor.ts';
import type { DataSetId } from '../domain/exchange.ts';
import type { Notice } from '../domain/notice.ts';
import { createLogger } from '../log.ts';
import { type Receiver, startReceiver } from '../notify/testing.ts';
import type { CheckTarget } from '../outbound.ts';
import { createAuditStore } from '../store/audit.ts';
import { sql } from '../store/database.ts';
import { createExchangeStore } from '../store/exchange.ts';
import { type Courier, type CourierSettings, createCourier } from './courier.ts';
import { createExchange } from './exchange.ts';
import { judgeBody } from './post.ts';
import { createWatch } from './watch.ts';

interface Item {
  readonly op: 'upsert' | 'remove';
  readonly id: string;
  readonly data?: Record<string, unknown>;
}
interface Body {
  readonly sequence: number;
  readonly kind: string;
  readonly items: readonly Item[];
}

const SECRET = 'street-and-district';
const secrets = createSecrets('a-master-key-of-at-least-32-characters');
const checkTarget: CheckTarget = async () => [{ address: '127.0.0.1', family: 4 }];
const clock = createSystemClock();
const log = createLogger('silent');
const person = (id: string): Actor => ({
  ...{ kind: 'user', id, name: id, role: 'admin', rights: 'all', scope: { kind: 'all' }, address: null },
});
const [ANNA, BERT] = [person('anna'), person('bert')];

describe.each(ENGINES)('hand-over to an upper platform on %s', (engine) => {
  const store = createExchangeStore();
  let database: TestDatabase;
  let platform: Receiver;
  let exchange: ReturnType<typeof createExchange>;
  let couriers: Courier[];
  let peerId: string;

  const query = (text: string, values: unknown[] = []) => sql(database.db.autocommit).query(text, values);
  const shared = () => ({ store, transactor: database.db, secrets, checkTarget, clock, log });
  function start(settings: Partial<CourierSettings> = {}): Courier {
    const courier = createCourier({
      ...shared(),
      settings: { pollEvery: 20, firstWait: 20, longestWait: 100, leaseFor: 10_000, sendWithin: 5_000, ...settings },
    });
    couriers.push(courier);
    courier.start();
    return courier;
  }
  const bodies = () => platform.received.map(({ body }) => JSON.parse(body) as Body);
  /** What the platform has when it believes all it was told. */
  const held = () => {
    const has = new Map<string, unknown>();
    for (const { items } of bodies())
      for (const { op, id, data } of items) op === 'remove' ? has.delete(id) : has.set(id, data);
    return has;
  };
  const subscription = async (id: string) => (await exchange.subscriptions()).find((one) => one.id === id);
  const subscribe = async (dataSet: DataSetId, more: { orgId?: string; modules?: string[] } = {}) => {
    const { id, state } = await exchange.subscribe(ANNA, { peerId, dataSet, purpose: '区平台汇聚', ...more });
    if (state === 'pending') await exchange.act(BERT, id, 'approve');
    return id;
  };
  const complete = (id: string) =>
    until('everything arrived', async () => {
      const now = await subscription(id);
      return now?.completeAt !== null && now?.backlog === 0 && now.failures === 0;
    });
  const again = (id: string) => query('update exchange_subscription set next_at = now() where id = $1', [id]);

  beforeAll(async () => {
    database = await createTestDatabase(engine);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    await emptyTables(database.db, 'exchange_peer', 'exchange_data_set', 'device', 'org', 'module', 'outbox');
    await sql(database.db.autocommit).script(`
      insert into org (id, kind, level, name) values ('street', 'area', 3, '甲街道');
      insert into org (id, parent_id, kind, level, name) values ('hood', 'street', 'area', 5, '一居'), ('far', 'street', 'area', 5, '二居');
      insert into module (id, name_zh, name_en) values ('video', '视频', 'Video'), ('fire', '消防', 'Fire');
      insert into device (id, type, name, module, org_id, lifecycle, connection, connection_secret)
        select 'd' || n, 'generic/camera', '设备' || n, case when n % 2 = 0 then 'video' else 'fire' end,
          case when n < 6 then 'hood' else 'far' end, 'active', '{"protocol":"rtsp","url":"rtsp://10.0.0.9/x"}', '\\x01'
        from generate_series(1, 8) n;`);
    platform = await startReceiver();
    couriers = [];
    exchange = createExchange({ ...shared(), audit: createAuditStore(secrets), kick: () => undefined });
    const peer = await exchange.createPeer(ANNA, {
      ...{ name: '区城运平台', baseUrl: platform.url('/in/'), auth: 'hmac', secret: SECRET },
    });
    peerId = peer.id;
  });
  afterEach(async () => {
    await Promise.all(couriers.map((courier) => courier.stop()));
    await platform.stop();
  });

  test('everything first, then what changed and what went; signed, numbered, in order', async () => {
    const id = await subscribe('devices');
    start({ maxItems: 3 });
    await complete(id);
    expect(bodies().map(({ sequence, kind, items }) => [sequence, kind, items.length])).toEqual([
      [1, 'full', 3],
      [2, 'full', 3],
      [3, 'full', 2],
    ]);
    const [first] = platform.received;
    const timestamp = String(first?.headers['x-cgw-timestamp']);
    expect(first?.path).toBe('/in/devices');
    expect(first?.headers['x-cgw-signature']).toBe(
      `sha256=${createHmac('sha256', SECRET).update(`${timestamp}.${first?.body}`).digest('hex')}`,
    );
    expect(first?.body).not.toContain('10.0.0.9');
    await query(`update device set name = '改名' where id = 'd3'`);
    await query(`update device set lifecycle = 'retired' where id = 'd5'`);
    await again(id);
    const last = await until('the increment', () => bodies()[3]);
    expect(last).toMatchObject({ sequence: 4, kind: 'changes' });
    expect(last.items.map(({ op, id }) => [op, id])).toEqual([
      ['upsert', 'd3'],
      ['remove', 'd5'],
    ]);
    await again(id);
    expect(await until('a sign of life', () => bodies()[4])).toMatchObject({ kind: 'unchanged', items: [] });
  });

  test('a platform that is down is an abnormal interface with a backlog; back, it gets all of it in order', async () => {
    const id = await subscribe('devices');
    await platform.stop();
    start({ maxItems: 2 });
    await until('a backlog', async () => (await subscription(id))?.backlog === 8);
    const notices: Notice[] = [];
    const watch = createWatch({ ...shared(), notices: async (_tx, more) => void notices.push(...more) });
    await watch.look();
    expect(await subscription(id)).toMatchObject({ interface: 'failing', lastError: 'ECONNREFUSED' });
    expect(notices).toEqual([]);
    await query(`update exchange_subscription set interface_since = now() - interval '6 minutes'`);
    await watch.look();
    await watch.look();
    expect(notices).toMatchObject([{ event: 'firing', fault: 'exchangeFailing' }]);
    await query(`update device set name = '断网期间' where id = 'd8'`);
    await platform.restart();
    await complete(id);
    expect(bodies().map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4]);
    expect(held().size).toBe(8);
    expect(held().get('d8')).toMatchObject({ name: '断网期间' });
    await watch.look();
    expect(notices[1]).toMatchObject({ event: 'resolved', subject: notices[0]?.subject });
    expect(await subscription(id)).toMatchObject({ interface: 'normal' });
  });

  test('what was sent and not recorded is sent again with the same key and bytes', async () => {
    const id = await subscribe('devices');
    // Received, and the gateway dies before the answer.
    platform.answer(() => undefined);
    const dying = start();
    const first = await until('the first try', () => platform.received[0]);
    await dying.stop();
    platform.answer((response) => response.writeHead(200).end('{"code":0}'));
    start();
    await complete(id);
    expect(platform.received).toHaveLength(2);
    expect(platform.received[1]?.headers['idempotency-key']).toBe(first.headers['idempotency-key']);
    expect(platform.received[1]?.body).toBe(first.body);
  });

  test('hanging, an error said with 200 and a login page are failures, and nothing is skipped for them', async () => {
    const id = await subscribe('devices');
    const answers = ['hang', '{"code":500,"msg":"忙"}', '<html>login</html>', '{"success":false}'];
    platform.answer((response) => {
      const next = answers.shift();
      if (next !== 'hang') response.writeHead(200).end(next ?? '{"code":200}');
    });
    start({ sendWithin: 150 });
    await complete(id);
    expect(new Set(platform.received.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
    expect(platform.received).toHaveLength(5);
  });

  test('one item it will not have is set aside, counted and not given up; the others arrive', async () => {
    const id = await subscribe('devices');
    platform.answer((response, { body }) => response.writeHead(body.includes('"id":"d4"') ? 422 : 200).end());
    start();
    await until('the others', async () => (await subscription(id))?.completeAt !== null);
    const [log1] = await exchange.deliveries({ subscriptionId: id, state: 'refused', limit: 10 });
    expect(log1).toMatchObject({ items: 1, status: 422 });
    expect(await subscription(id)).toMatchObject({ refused: 1, backlog: 1 });
    platform.answer((response) => response.writeHead(200).end());
    platform.received.length = 0;
    await query(`update device set name = '改正' where id = 'd4'`);
    await again(id);
    await until('the mended one', async () => (await subscription(id))?.refused === 0);
    expect([...held().keys()]).toEqual(['d4']);
  });

  test('only what is in the scope goes out, and only after a second person approved', async () => {
    const { id, state } = await exchange.subscribe(ANNA, {
      ...{ peerId, dataSet: 'devices', purpose: '汇聚', orgId: 'hood', modules: ['video'] },
    });
    expect(state).toBe('pending');
    start();
    await expect(exchange.act(ANNA, id, 'approve')).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(platform.received).toEqual([]);
    await exchange.act(BERT, id, 'approve', '同意');
    await complete(id);
    expect([...held().keys()]).toEqual(['d2', 'd4']);
    await exchange.changeDataSet(ANNA, 'devices', { sharing: 'none' });
    expect(await subscription(id)).toMatchObject({ state: 'refused' });
    await expect(subscribe('devices')).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(exchange.act(BERT, id, 'approve')).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  test('a message, and what went out since a time, goes out again as it is now', async () => {
    const since = clock.now();
    const id = await subscribe('states');
    await query(`insert into health (device, state, reason, since) select key, 'online', 'ok', now() from device`);
    start();
    await complete(id);
    const [delivery] = await exchange.deliveries({ subscriptionId: id, limit: 1 });
    await query(`update health set state = 'offline' where device = (select key from device where id = 'd1')`);
    expect(await exchange.replay(ANNA, delivery?.id ?? 0)).toEqual({ items: 8 });
    const replayed = await until('the replay', () => bodies()[1]);
    expect(replayed.items).toHaveLength(8);
    expect(held().get('d1')).toMatchObject({ state: 'offline' });
    expect(platform.received[1]?.headers['idempotency-key']).not.toBe(platform.received[0]?.headers['idempotency-key']);
    await complete(id);
    expect(await exchange.replaySince(ANNA, id, since)).toEqual({ items: 8 });
    await until('the second replay', () => bodies()[2]);
  });

  test('every data set has an example without secrets, tickets and emergencies included', async () => {
    await sql(database.db.autocommit).script(`
      insert into camera (device) select key from device where id = 'd2';
      update device set national_code = '31010400001320000001', location = '{"lat":31.2,"lon":121.4}' where id = 'd2';
      insert into health (device, state, reason, since) select key, 'online', 'ok', now() from device;
      insert into incident (id, kind, key, device, fault, reason, severity, state, opened_at, path, last_at, life_safety)
        select 'i' || id, 'device', id, key, 'fire', 'x', 'major', 'open', now(), 'mqtt', now(), id = 'd1' from device;
      insert into ticket (id, no, kind, fault, priority, severity, stage, stage_since, org_id, opened_at, round_since)
        values ('t1', '1', 'event', 'fire', 'critical', 'critical', 'filed', now(), 'hood', now(), now());`);
    const samples = new Map((await exchange.dataSets(ANNA)).map((set) => [set.id, set]));
    for (const { sample, fields } of samples.values())
      expect(Object.keys(sample as object).sort()).toEqual([...fields].sort());
    expect(samples.get('incidents')?.sample).toMatchObject({ id: 'id1', deviceId: 'd1', deviceCount: 1 });
    expect(samples.get('cameras')?.sample).toMatchObject({ location: { lat: 31.2, lon: 121.4 } });
    const limited = { ...ANNA, scope: { kind: 'orgs', orgIds: ['hood'] } } as const;
    expect((await exchange.dataSets(limited)).every(({ sample }) => sample === null)).toBe(true);
  });

  test('the secret is never told, and not sent to another host by mistake', async () => {
    await exchange.changePeer(ANNA, peerId, { auth: 'bearer', secret: 'another-secret' });
    expect(await exchange.testPeer(ANNA, peerId)).toMatchObject({ outcome: 'taken', status: 204 });
    expect(platform.received[0]).toMatchObject({
      path: '/in/test',
      headers: { authorization: 'Bearer another-secret' },
    });
    const moving = exchange.changePeer(ANNA, peerId, { baseUrl: 'http://127.0.0.2:1/' });
    await expect(moving).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    const { rows } = await query('select before, after from audit');
    expect(JSON.stringify([await exchange.peers(), rows])).not.toMatch(/another-secret|street-and-district/);
    const stored = await query('select secret from exchange_peer');
    expect(JSON.stringify(stored.rows)).not.toContain('another-secret');
  });
});

test.each([
  ['', 'taken'],
  ['ok', 'taken'],
  ['{"code":"0"}', 'taken'],
  ['{"errcode":0,"errmsg":"ok"}', 'taken'],
  ['{"data":[]}', 'taken'],
  ['{"code":401}', 'failed'],
  ['{"code":"E1002","message":"token"}', 'failed'],
  ['{"code":422}', 'refused'],
  ['{"error":"x"}', 'failed'],
  ['<html>', 'failed'],
])('an answer of 200 with %s means %s', (body, outcome) => {
  expect(judgeBody(body).outcome).toBe(outcome);
});
