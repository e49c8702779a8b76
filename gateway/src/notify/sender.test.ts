import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase, ENGINES, type TestDatabase } from '../../test/support/databases.ts';
import { emptyTables } from '../../test/support/empty-tables.ts';
import { createManualClock, createSystemClock, type ManualClock } from '../clock.ts';
import { SYSTEM } from '../domain/actor.ts';
import { withoutSecrets } from '../domain/channel-config.ts';
import { type Notice, OF_NO_DEVICE } from '../domain/notice.ts';
import { createLogger } from '../log.ts';
import { createAuditStore } from '../store/audit.ts';
import { createIncidentAcknowledgements } from '../store/incident-acknowledgements.ts';
import { createNotificationCareStore } from '../store/notification-care.ts';
import { createNotificationChannelStore } from '../store/notification-channels.ts';
import { createNotificationPaceStore } from '../store/notification-pace.ts';
import { createOutboxStore } from '../store/outbox.ts';
import type { Channel } from './channel.ts';
import { createNotifications, type Notifications } from './notifications.ts';
import { createOutbox } from './outbox.ts';
import type { Secrets } from './ports.ts';
import { createSender, type Sender, type SenderOptions } from './sender.ts';
import { createSmtp } from './smtp/channel.ts';
import { exampleNotice, type Receiver, startReceiver } from './testing.ts';
import { createWebhook } from './webhook/channel.ts';
import { createWecom } from './wecom/channel.ts';

const log = createLogger('silent');
const secrets: Secrets = {
  seal: (plain, context) => Buffer.from(`${context}|${plain}`).toString('base64'),
  open: (sealed, context) => {
    const text = Buffer.from(sealed, 'base64').toString('utf8');
    if (!text.startsWith(`${context}|`)) throw new Error('sealed for another place');
    return text.slice(context.length + 1);
  },
};

const MAIL = { port: 465, security: 'tls', from: 'cgw@example.cn', to: ['desk@example.cn'] };

describe.each(ENGINES)('outbox and sender on %s', (engine) => {
  let database: TestDatabase;
  let receiver: Receiver;
  let clock: ManualClock;
  let notifications: Notifications;
  let senders: Sender[];
  let channelId: string;
  const store = {
    ...createOutboxStore(),
    ...createNotificationChannelStore(),
    ...createNotificationPaceStore(),
    ...createNotificationCareStore(),
    ...createIncidentAcknowledgements(),
  };
  const checkTarget = async () => [{ address: '127.0.0.1', family: 4 as const }];
  const reach = { checkTarget, clock: createSystemClock() };
  const webhook = createWebhook(reach);

  beforeAll(async () => {
    database = await createTestDatabase(engine);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    await emptyTables(database.db, 'outbox', 'notification_rule', 'notification_channel', 'notice_trace');
    receiver = await startReceiver();
    clock = createManualClock();
    senders = [];
    notifications = createNotifications({
      store,
      transactor: database.db,
      audit: createAuditStore(),
      kinds: [webhook, createWecom(reach), createSmtp({ ...reach, resolve: reach.checkTarget })],
      secrets,
      clock,
    });
    channelId = await addChannel('主通道');
  });
  afterEach(async () => {
    for (const sender of senders) await sender.stop();
    await receiver.stop();
  });

  async function addChannel(name: string, rule: object = {}, url = receiver.url()): Promise<string> {
    const { channel } = await notifications.createChannel(SYSTEM, {
      name,
      kind: 'webhook',
      config: { url },
      secret: 'geheim',
    });
    await notifications.createRule(SYSTEM, { channelId: channel.id, ...rule });
    return channel.id;
  }
  /** Sends on the wall clock of the channel but plans by the manual clock of the test. */
  function start(more: Partial<SenderOptions> = {}): Sender {
    const own: Channel = {
      ...webhook,
      send: (message, config, options) =>
        webhook.send(message, config as never, { ...options, deadline: Date.now() + 2_000 }),
    };
    const sender = createSender({
      store,
      transactor: database.db,
      channels: [own],
      secrets,
      clock,
      log,
      settings: { pollEvery: 10 },
      random: () => 0.999,
      ...more,
    });
    senders.push(sender);
    sender.start();
    return sender;
  }
  const outbox = () => createOutbox({ store, clock });
  const add = (...notices: Notice[]) => database.db.transaction((tx) => outbox().add(tx, notices));
  const notice = (n: number, more: Partial<Notice> = {}) =>
    exampleNotice({ key: `tk_${n}:1`, subject: `tk_${n}`, ...more });
  const resolved = (n: number, revision = 2) => notice(n, { key: `tk_${n}:${revision}`, event: 'resolved' });
  const states = async () => {
    const rows = await notifications.messages({ limit: 500 });
    return rows.map((row) => `${row.key} ${row.state}`).reverse();
  };
  const keys = () => receiver.received.map((request) => request.headers['idempotency-key']);
  const until = (what: () => unknown, expected: unknown) => expect.poll(what, { timeout: 25_000 }).toEqual(expected);

  test('a notice is sent once, signed, and only after its transaction', async () => {
    start();
    await expect(
      database.db.transaction(async (tx) => {
        await outbox().add(tx, [notice(1)]);
        throw new Error('rolled back');
      }),
    ).rejects.toThrow('rolled back');
    await add(notice(2));
    await add(notice(2));
    await until(states, ['tk_2:1 sent']);
    expect(keys()).toEqual(['tk_2:1']);
    expect(receiver.received[0]?.headers['x-cgw-signature']).toMatch(/^sha256=[0-9a-f]{64}$/);
    expect(JSON.parse(receiver.received[0]?.body ?? '')).toMatchObject({
      title: '【重要】离线：充电柜1',
      text: expect.stringContaining('处置建议：检查电源'),
    });
  });

  test('rules choose the channels; without one nothing is sent', async () => {
    await emptyTables(database.db, 'notification_rule');
    await add(notice(1));
    expect(await states()).toEqual([]);
    await notifications.createRule(SYSTEM, { channelId, faults: ['smoke'], minSeverity: 'major', stages: ['closed'] });
    await add(
      notice(2),
      notice(3, { fault: 'smoke', severity: 'minor' }),
      notice(4, { fault: 'smoke' }),
      notice(5, { fault: 'smoke', event: 'stage', stage: 'handling' }),
      notice(6, { fault: 'smoke', event: 'stage', stage: 'closed' }),
    );
    expect(await states()).toEqual(['tk_4:1 pending', 'tk_6:1 pending']);
  });

  test('what is about no device, as a login or the audit, goes to rules that name no module and to no other', async () => {
    const video = await addChannel('只收视频', { modules: ['video'] });
    const street = await addChannel('只收甲街道', { orgIds: ['own-street'] });
    const fault = await addChannel('只收批量变更', { faults: ['bulkChanges'] });
    const about = (n: number, what: Partial<Notice>) => notice(n, { ...OF_NO_DEVICE, ...what });
    await add(
      about(1, { fault: 'oddHourLogin', severity: 'minor', orgId: 'own-street' }),
      about(2, { fault: 'bulkChanges' }),
      notice(3, { module: 'video' }),
    );
    const told = (await notifications.messages({ limit: 50 })).map((row) => `${row.key} ${row.channelId}`);
    expect(told.toSorted()).toEqual(
      [
        `tk_1:1 ${channelId}`,
        `tk_1:1 ${street}`,
        `tk_2:1 ${channelId}`,
        `tk_2:1 ${fault}`,
        `tk_3:1 ${channelId}`,
        `tk_3:1 ${video}`,
      ].toSorted(),
    );
  });

  test('a resolved goes exactly to who was told the firing', async () => {
    const other = await addChannel('只收烟感', { faults: ['smoke'] });
    await add(notice(1));
    await add(resolved(1), resolved(2));
    const rows = await notifications.messages({ limit: 10 });
    expect(rows.map((row) => [row.channelId === other, row.key]).reverse()).toEqual([
      [false, 'tk_1:1'],
      [false, 'tk_1:2'],
    ]);
    start();
    await until(keys, ['tk_1:1', 'tk_1:2']);
  });

  test('a resolved waits for its firing, and is skipped when that became a dead letter', async () => {
    receiver.answer((response, request) =>
      response.writeHead(request.headers['idempotency-key'] === 'tk_1:1' ? 404 : 204).end(),
    );
    await add(notice(1), resolved(1), notice(2), resolved(2));
    start();
    await until(states, ['tk_1:1 dead', 'tk_1:2 skipped', 'tk_2:1 sent', 'tk_2:2 sent']);
    receiver.answer((response) => response.writeHead(204).end());
    const [dead] = await notifications.messages({ state: 'dead', limit: 10 });
    expect(dead?.detail).toBe('HTTP 404');
    expect(await notifications.resend(SYSTEM, [dead?.id ?? 0])).toBe(1);
    await until(states, ['tk_1:1 sent', 'tk_1:2 sent', 'tk_2:1 sent', 'tk_2:2 sent']);
    expect(keys().slice(-2)).toEqual(['tk_1:1', 'tk_1:2']);
  });

  test('firing, resolved, firing again: each resolved looks at its own firing', async () => {
    await add(notice(1), resolved(1, 2), notice(1, { key: 'tk_1:3' }), resolved(1, 4));
    start();
    await until(keys, ['tk_1:1', 'tk_1:2', 'tk_1:3', 'tk_1:4']);
  });

  test('a receiver that fails, resets and restarts gets everything, in the order of each subject', async () => {
    const failing = [500, 0, 429];
    receiver.answer((response) => {
      const status = failing.shift();
      if (status === 0) response.socket?.resetAndDestroy();
      else response.writeHead(status ?? 204).end();
    });
    await add(notice(1), resolved(1));
    start();
    const pushing = setInterval(() => clock.advance(60_000), 20);
    try {
      await until(states, ['tk_1:1 sent', 'tk_1:2 sent']);
      expect(keys()).toEqual(['tk_1:1', 'tk_1:1', 'tk_1:1', 'tk_1:1', 'tk_1:2']);
      await receiver.stop();
      await add(notice(2));
      await until(async () => (await notifications.messages({ limit: 1 }))[0]?.detail, 'ECONNREFUSED');
      await receiver.restart();
      await until(states, ['tk_1:1 sent', 'tk_1:2 sent', 'tk_2:1 sent']);
    } finally {
      clearInterval(pushing);
    }
  });

  test('tries are spread out and end as a dead letter', async () => {
    receiver.answer((response) => response.writeHead(500).end());
    await add(notice(1));
    start({ settings: { pollEvery: 10, maxAttempts: 3 } });
    const planned = async () => ((await notifications.messages({ limit: 1 }))[0]?.nextAt ?? 0) > clock.now();
    await until(planned, true);
    clock.advance(1_900);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(receiver.received.length).toBe(1);
    clock.advance(200);
    await until(() => receiver.received.length, 2);
    await until(planned, true);
    clock.advance(60_000);
    await until(states, ['tk_1:1 dead']);
    expect(receiver.received.length).toBe(3);
    expect((await notifications.depth()).find((queue) => !queue.lifeSafety)).toMatchObject({ pending: 0, dead: 1 });
  });

  test('killed between sending and marking: the next sender repeats it under the same key', async () => {
    await add(notice(1));
    const dying = { ...store, finish: () => Promise.reject(new Error('killed')) };
    const killed = createSender({
      store: dying,
      transactor: database.db,
      channels: [
        { ...webhook, send: (m, c, o) => webhook.send(m, c as never, { ...o, deadline: Date.now() + 2_000 }) },
      ],
      secrets,
      clock,
      log,
      settings: { pollEvery: 10 },
    });
    killed.start();
    await until(keys, ['tk_1:1']);
    await killed.stop();
    start();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(keys()).toEqual(['tk_1:1']);
    clock.advance(41_000);
    await until(keys, ['tk_1:1', 'tk_1:1']);
    await until(states, ['tk_1:1 sent']);
    expect(receiver.received[0]?.body).toBe(receiver.received[1]?.body);
  });

  test('two senders never send a row twice', async () => {
    await add(...Array.from({ length: 200 }, (_, n) => notice(n)));
    start();
    start();
    await until(async () => (await notifications.depth()).map((queue) => queue.pending), [0, 0]);
    expect(keys().length).toBe(200);
    expect(new Set(keys()).size).toBe(200);
  });

  test('a slow receiver holds up nobody else, and life safety overtakes 10,000 waiting rows', async () => {
    const slow = await startReceiver();
    let open = 0;
    let most = 0;
    slow.answer((response, request) => {
      open += 1;
      most = Math.max(most, open);
      const isUrgent = request.headers['idempotency-key'] === 'fire:1';
      response.on('close', () => {
        open -= 1;
      });
      if (isUrgent) response.writeHead(204).end();
    });
    try {
      await emptyTables(database.db, 'notification_rule');
      const slowId = await addChannel('慢', { modules: ['charging'] }, slow.url());
      await notifications.createRule(SYSTEM, { channelId, modules: ['garbage'] });
      await add(...Array.from({ length: 10_000 }, (_, n) => notice(n)));
      const sender = start();
      await until(() => open, 8);
      await add(notice(1, { key: 'garbage:1', subject: 'garbage', module: 'garbage' }));
      await until(keys, ['garbage:1']);
      await add(notice(1, { key: 'fire:1', subject: 'tk_1', fault: 'smoke', lifeSafety: true, severity: 'critical' }));
      const slowKeys = () => slow.received.map((request) => request.headers['idempotency-key']);
      await expect.poll(slowKeys, { timeout: 5_000 }).toContain('fire:1');
      expect(most).toBeLessThanOrEqual(9);
      expect(slow.received.length).toBeLessThanOrEqual(9);
      expect((await notifications.depth()).find((queue) => !queue.lifeSafety)?.pending).toBe(10_000);
      await sender.stop();
      expect(
        (await notifications.messages({ channelId: slowId, state: 'sent', limit: 10 })).map((row) => row.key),
      ).toEqual(['fire:1']);
    } finally {
      await slow.stop();
    }
  });

  test('a backlog is drained with no more tries at once than configured', async () => {
    let open = 0;
    let most = 0;
    receiver.answer((response) => {
      most = Math.max(most, ++open);
      response.on('close', () => {
        open -= 1;
      });
      response.writeHead(204).end();
    });
    const counting: Channel = {
      ...webhook,
      send: async () => {
        most = Math.max(most, ++open);
        await Promise.resolve();
        open -= 1;
        return { outcome: 'sent', detail: 'ok' };
      },
    };
    await add(...Array.from({ length: 1_000 }, (_, n) => notice(n)));
    start({ channels: [counting], settings: { pollEvery: 10, concurrency: 64 } });
    await expect
      .poll(async () => (await notifications.depth()).find((queue) => !queue.lifeSafety)?.pending, { timeout: 20_000 })
      .toBe(0);
    expect(most).toBeLessThanOrEqual(64);
  });

  test('stop waits for the running try and marks it', async () => {
    receiver.answer((response) => setTimeout(() => response.writeHead(204).end(), 100));
    await add(notice(1));
    const sender = start();
    await until(() => receiver.received.length, 1);
    await sender.stop();
    const [row] = await notifications.messages({ limit: 1 });
    expect(['sent', 'pending']).toContain(row?.state);
    const count = receiver.received.length;
    await add(notice(2));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(receiver.received.length).toBe(count);
  });

  test('what is over is pruned, a firing only after its resolved', async () => {
    await add(notice(1), notice(2), resolved(2));
    const sender = start();
    await until(states, ['tk_1:1 sent', 'tk_2:1 sent', 'tk_2:2 sent']);
    await sender.stop();
    expect(await store.prune(database.db.autocommit, clock.now() + 1, 100)).toBe(2);
    expect(await states()).toEqual(['tk_1:1 sent']);
  });

  test('channels: what is shown hidden and comes back hidden is kept, for the same host only', async () => {
    const config = { url: receiver.url('/hook?key=k-1'), headers: { Authorization: 'Bearer t-1', 'X-Team': 'a' } };
    const { channel } = await notifications.createChannel(SYSTEM, { name: 'y', kind: 'webhook', config });
    const stored = async () => (await notifications.channels()).find(({ id }) => id === channel.id)?.config;
    const [seen] = (await notifications.channels()).filter(({ id }) => id === channel.id).map(withoutSecrets);
    expect(JSON.stringify(seen)).not.toMatch(/k-1|t-1/);
    await notifications.changeChannel(SYSTEM, channel.id, { name: 'z', config: seen?.config });
    expect(await stored()).toEqual(config);
    const url = `${receiver.url('/other')}?key=***&more=1`;
    await notifications.changeChannel(SYSTEM, channel.id, {
      config: { url, headers: { Authorization: '***', 'X-Team': 'b' } },
    });
    expect(await stored()).toEqual({
      url: url.replace('***', 'k-1'),
      headers: { Authorization: 'Bearer t-1', 'X-Team': 'b' },
    });
    const change = (next: object) => notifications.changeChannel(SYSTEM, channel.id, { config: next });
    await expect(change({ url: 'http://other.example/', headers: { Authorization: '***' } })).rejects.toMatchObject({
      errors: [{ path: '/config/headers' }],
    });
    await expect(change({ url: 'http://other.example/?key=***' })).rejects.toMatchObject({
      errors: [{ path: '/config/url' }],
    });
    await expect(change({ url, headers: { New: '***' } })).rejects.toMatchObject({
      errors: [{ path: '/config/headers' }],
    });
  });

  test.each([
    ['wecom', { baseUrl: 'https://im.example' }, { baseUrl: 'https://other.example' }],
    ['smtp', { ...MAIL, user: 'cgw', host: 'mail.example' }, { ...MAIL, user: 'cgw', host: 'other.example' }],
  ])('channels: the secret of %s is kept, and sent to no other host', async (kind, config, elsewhere) => {
    const made = await notifications.createChannel(SYSTEM, { name: 'y', kind, config, secret: 'geheim' });
    const { id } = made.channel;
    await notifications.changeChannel(SYSTEM, id, { name: 'z', config });
    const stored = await store.channel(database.db.autocommit, id);
    expect(stored?.secret && secrets.open(stored.secret, `channel:${id}`)).toBe('geheim');
    const moved = notifications.changeChannel(SYSTEM, id, { config: elsewhere });
    await expect(moved).rejects.toMatchObject({ errors: [{ path: '/secret' }] });
    await notifications.changeChannel(SYSTEM, id, { config: elsewhere, secret: 'anderes' });
    const unnamed = notifications.createChannel(SYSTEM, { name: 'y', kind, config });
    await expect(unnamed).rejects.toMatchObject({ errors: [{ path: '/secret' }] });
  });

  test('channels: a bad configuration is refused by field, secrets are never returned', async () => {
    await expect(
      notifications.createChannel(SYSTEM, { name: 'x', kind: 'webhook', config: { url: 'file:///etc/passwd' } }),
    ).rejects.toMatchObject({ code: 'INVALID_INPUT', errors: [{ path: '/config/url' }] });
    await expect(notifications.createChannel(SYSTEM, { name: 'x', kind: 'fax', config: {} })).rejects.toMatchObject({
      errors: [{ path: '/kind' }],
    });
    await expect(notifications.createRule(SYSTEM, { channelId: 'none' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const made = await notifications.createChannel(SYSTEM, {
      name: 'y',
      kind: 'webhook',
      config: { url: receiver.url() },
    });
    expect(made.secret.length).toBeGreaterThanOrEqual(43);
    const changed = await notifications.changeChannel(SYSTEM, made.channel.id, { enabled: false });
    expect(changed).toMatchObject({ enabled: false, hasSecret: true });
    expect(JSON.stringify(await notifications.channels())).not.toContain(made.secret);
    await notifications.removeChannel(SYSTEM, made.channel.id);
    await expect(notifications.removeChannel(SYSTEM, made.channel.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
