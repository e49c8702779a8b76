import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApi } from '../src/api/app.ts';
import { createReadiness } from '../src/api/readiness.ts';
import { createManualClock } from '../src/clock.ts';
import { createMetrics } from '../src/metrics.ts';
import { sql } from '../src/store/database.ts';
import { createReadStore } from '../src/store/reads.ts';
import { createTestDatabase, ENGINES, type TestDatabase } from './support/databases.ts';
import { realServices } from './support/real-services.ts';

const FIRST = 'First-password-1!';
const SECOND = 'Second-password-2!';

describe.each(ENGINES)('the API over the real stages on %s', (engine) => {
  let database: TestDatabase;
  let api: ReturnType<typeof createApi>;
  const clock = createManualClock();
  const replayed: unknown[] = [];
  let admin = '';
  /** A vendor without a device of its own. */
  let acme = '';

  beforeAll(async () => {
    database = await createTestDatabase(engine);
    const { db } = database;
    const { services, log } = await realServices(db, clock, FIRST, replayed);
    const readiness = createReadiness({ clock, essential: [] });
    api = createApi({
      services,
      config: { timeZone: 'Asia/Shanghai' },
      log,
      clock,
      metrics: createMetrics(),
      readiness,
    });
    await api.ready();
  });
  afterAll(async () => {
    await api?.close();
    await database?.close();
  });

  const call = async (
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: object,
    token = admin,
  ) => {
    const answer = await api.inject({
      method,
      url: `/api/v1${path}`,
      headers: token ? { authorization: `Bearer ${token}` } : {},
      ...(body ? { payload: body } : {}),
    });
    return { status: answer.statusCode, body: answer.body === '' ? null : answer.json() };
  };

  it('lets the first administrator in only after the password was changed', async () => {
    const login = await call('POST', '/sessions', { username: 'admin', password: FIRST });
    expect(login).toMatchObject({ status: 200, body: { mustChangePassword: true } });
    admin = login.body.token;
    expect((await call('GET', '/devices')).body.code).toBe('PASSWORD_CHANGE_REQUIRED');
    const change = { currentPassword: FIRST, newPassword: SECOND };
    expect((await call('POST', '/users/me/password', change)).status).toBe(204);
    expect((await call('GET', '/users/me')).body).toMatchObject({ username: 'admin', role: 'admin' });
    expect((await call('GET', '/devices')).body).toMatchObject({ items: [], total: 0, nextCursor: null });
  });

  it('takes a device through its life', async () => {
    const created = await call('POST', '/devices', {
      id: 'cam-1',
      type: 'generic/camera',
      name: '东门',
      connection: { protocol: 'rtsp', url: 'rtsp://10.0.0.9/1', username: 'u', password: 'canary' },
      healthPolicy: { interval: '30s' },
    });
    expect(created.status).toBe(201);
    expect(created.body.credentials.username).toBe('cam-1');
    expect(created.body.credentials.password.length).toBeGreaterThanOrEqual(22);
    expect(JSON.stringify(created.body)).not.toContain('canary');
    expect(created.body.device).toMatchObject({ lifecycle: 'active', healthPolicy: { interval: '30s' } });
    expect((await call('PATCH', '/devices/cam-1', { nickname: '大门' })).body.nickname).toBe('大门');
    expect((await call('POST', '/devices/cam-1/approve', { reason: 'x' })).body).toMatchObject({
      code: 'TRANSITION_NOT_ALLOWED',
      allowed: expect.arrayContaining(['suspend', 'retire']),
    });
    const suspended = await call('POST', '/devices/cam-1/suspend', { reason: '施工' });
    expect([suspended.status, suspended.body.lifecycle]).toEqual([200, 'suspended']);
    expect(
      (await call('POST', '/devices/bulk', { ids: ['cam-1'], action: 'reactivate', reason: 'y' })).body,
    ).toMatchObject({ matched: 1, done: 1, failed: [] });
    const timeline = await call('GET', '/devices/cam-1/timeline?limit=2');
    expect(timeline.body.items).toHaveLength(2);
    const rest = await call('GET', `/devices/cam-1/timeline?cursor=${timeline.body.nextCursor}`);
    expect(rest.body.items.length).toBeGreaterThan(0);
    expect((await call('GET', '/devices/cam-1/timeline?cursor=bm9uZQ')).body.errors[0].path).toBe('cursor');
    expect((await call('GET', '/devices/cam-1/health')).body).toMatchObject({ state: 'unknown', facts: { data: {} } });
    await sql(database.db.autocommit).query(
      `insert into health_fact (device, name, state, reason, since, path, evidence)
       select key, 'flapping:alarm:black', 'bad', 'flapping', now(), 'rtsp', '{"score": 3, "at": 0, "active": true, "flips": 4}'
       from device where id = 'cam-1'`,
    );
    expect((await call('GET', '/devices/cam-1/health')).body).toMatchObject({
      flapping: { active: false, startsAt: 4 },
      unsteady: [
        { fault: 'alarm:black', score: 3, active: true, unstable: false, flips: 4, startsAt: 2.2, endsAt: 1.2 },
      ],
    });
    expect((await call('GET', '/devices/cam-1/latest')).body).toEqual({ metrics: {} });
    expect((await call('GET', '/devices/cam-1/telemetry')).body).toMatchObject({ source: 'raw', series: [] });
    expect((await call('GET', '/devices/cam-1/events')).body).toEqual({ items: [], nextCursor: null });
    const command = await call('POST', '/devices/cam-1/commands', { name: 'reboot' });
    expect([command.status, command.body.code]).toEqual([503, 'UNAVAILABLE']);
  });

  it('answers the same 404 for a foreign and an unknown id, for every resource below it', async () => {
    const vendor = await call('POST', '/users', { username: 'acme-1', name: '甲厂', role: 'vendor', vendorId: 'acme' });
    expect([vendor.status, vendor.body.user.vendorId]).toEqual([201, 'acme']);
    const login = await call('POST', '/sessions', { username: 'acme-1', password: vendor.body.password }, '');
    const foreign = login.body.token as string;
    const change = { currentPassword: vendor.body.password, newPassword: SECOND };
    expect((await call('POST', '/users/me/password', change, foreign)).status).toBe(204);
    acme = foreign;
    for (const path of ['', '/health', '/latest', '/telemetry', '/events', '/timeline']) {
      const [own, unknown] = [
        await call('GET', `/devices/cam-1${path}`, undefined, foreign),
        await call('GET', `/devices/none${path}`, undefined, foreign),
      ];
      expect([path, own.status]).toEqual([path, 404]);
      expect({ ...own.body, requestId: '' }).toEqual({ ...unknown.body, requestId: '' });
    }
    expect((await call('GET', '/devices', undefined, foreign)).body.items).toEqual([]);
    expect((await call('GET', '/overview', undefined, foreign)).body).toMatchObject({
      devices: { total: 0 },
      messages: null,
      tickets: { open: 0 },
    });
    const pending = await call('POST', '/devices', { id: 'own', type: 'generic/camera', name: '自有' }, foreign);
    expect(pending.body.device).toMatchObject({ lifecycle: 'pending', vendorId: 'acme' });
  });

  it('lists and replays quarantined messages once, cut to what one may see', async () => {
    await sql(database.db.autocommit).script(`
      insert into quarantine (received_at, via, principal, device, topic, payload, code, detail)
      select to_timestamp(1795392000 + n), 'mqtt', 'device:cam-1', (select key from device where id = 'cam-1'),
        'cgw/v1/cam-1/telemetry', '{"a":1}', 'READING_OUT_OF_RANGE', 'n ' || n from generate_series(1, 5) as n;
      insert into quarantine (received_at, via, principal, topic, payload, code, detail)
      values (to_timestamp(1795392009), 'mqtt', 'vendor:globex', 'x', '\\xff00', 'UNKNOWN_DEVICE', 'd');`);
    const first = await call('GET', '/quarantine?limit=4');
    expect(first.body.items[0]).toMatchObject({ payload: '/wA=', payloadEncoding: 'base64', deviceId: null });
    expect(first.body.items[1]).toMatchObject({ payload: '{"a":1}', detail: 'n 5', deviceId: 'cam-1' });
    expect(first.body.items[1].receivedAt).toBe('2026-11-23T08:00:05.000+08:00');
    const second = await call('GET', `/quarantine?limit=4&cursor=${first.body.nextCursor}`);
    expect(second.body.items.map((row: { detail: string }) => row.detail)).toEqual(['n 2', 'n 1']);
    expect(second.body.nextCursor).toBeNull();
    const reasons = async (query = '', token = admin) =>
      (await call('GET', `/quarantine/reasons${query}`, undefined, token)).body.items;
    expect(await reasons()).toMatchObject([
      { code: 'READING_OUT_OF_RANGE', count: 5, waiting: 5, devices: 1, newestAt: '2026-11-23T08:00:05.000+08:00' },
      { code: 'UNKNOWN_DEVICE', count: 1, waiting: 1, devices: 0 },
    ]);
    expect((await reasons('?deviceId=cam-1')).map(({ code }: { code: string }) => code)).toEqual([
      'READING_OUT_OF_RANGE',
    ]);
    expect(await reasons('', acme)).toEqual([]);
    expect((await call('POST', '/quarantine/replay', {})).status).toBe(400);
    const filter = { filter: { code: 'READING_OUT_OF_RANGE' } };
    expect((await call('POST', '/quarantine/replay', filter)).body).toEqual({ replayed: 5, remaining: 0 });
    expect((await call('POST', '/quarantine/replay', filter)).body).toEqual({ replayed: 0, remaining: 0 });
    expect((await call('POST', '/quarantine/replay', { ids: ['no-number'] })).body).toEqual({
      replayed: 0,
      remaining: 0,
    });
    // Of two replays at once that read the same rows, one gets them.
    const ids = second.body.items.map((row: { id: string }) => row.id);
    expect(await createReadStore().claimForReplay(database.db.autocommit, ids, clock.now())).toEqual([]);
    expect(replayed).toHaveLength(5);
    expect(replayed[0]).toMatchObject({ principal: 'device:cam-1', receivedAt: 1795392001000 });
  });

  it('opens a ticket by hand, shows it in the overview and refuses a leap', async () => {
    const body = { title: '井盖缺失', module: 'video', deviceIds: ['cam-1'], note: '居民反映' };
    const created = await call('POST', '/tickets', body);
    expect(created.status).toBe(201);
    const { id } = created.body;
    expect((await call('GET', `/tickets/${id}`)).body).toMatchObject({ deviceIds: ['cam-1'], kind: 'manual' });
    const leap = await call('POST', `/tickets/${id}/transitions`, { to: 'handling', note: 'x' });
    expect([leap.status, leap.body.code, Array.isArray(leap.body.allowed)]).toEqual([
      409,
      'TRANSITION_NOT_ALLOWED',
      true,
    ]);
    expect((await call('POST', `/tickets/${id}/comments`, { note: '已知' })).body.comments[0].text).toBe('已知');
    expect((await call('GET', '/tickets?stage=discovered,filed,dispatched')).body.items).toHaveLength(1);
    expect((await call('GET', '/tickets/none')).status).toBe(404);
    expect((await call('GET', '/overview')).body).toMatchObject({
      devices: { total: 2, byLifecycle: { active: 1, pending: 1 }, byState: { unknown: 1 } },
      tickets: { open: 1 },
      incidents: { open: 0 },
    });
  });

  it('shows incidents to whom they concern, and no held one', async () => {
    await sql(database.db.autocommit).script(`
      insert into incident (id, kind, key, device, fault, reason, severity, state, opened_at, path, decide_at, last_at)
      select 'i-' || s, 'device', 'cam-1', (select key from device where id = 'cam-1'), s, 'timeout', 'major', s,
        to_timestamp(1795392000), 'probe', case when s = 'held' then 1 end, now() from unnest(array['held', 'open']) as s;`);
    const { body } = await call('GET', '/incidents');
    expect(body).toMatchObject({
      total: 1,
      items: [{ id: 'i-open', members: [{ deviceId: 'cam-1', state: 'bad', since: '2026-11-23T08:00:00.000+08:00' }] }],
    });
    expect((await call('GET', '/incidents/i-open')).status).toBe(200);
    expect((await call('GET', '/incidents/i-held')).status).toBe(404);
    expect((await call('GET', '/incidents?state=open&deviceId=cam-1')).body.items).toHaveLength(1);
  });

  it('says who is on duty and when nobody is, and takes a calendar whole or not at all', async () => {
    const org = (await call('POST', '/orgs', { kind: 'department', name: '值守所', parentId: 'street-a' })).body.id;
    const userId = (await call('GET', '/users/me')).body.id;
    const wu = (await call('POST', '/users', { username: 'wu-jun', name: '吴军', role: 'cooperating', orgId: org }))
      .body.user.id;
    const at = encodeURIComponent('2026-10-10T10:00:00+08:00');
    const now = async () => (await call('GET', `/rosters/now?orgId=${org}&at=${at}`)).body;
    expect(await now()).toMatchObject({ why: 'nobody', userId: null, text: '无人值班，请尽快排班' });
    await call('POST', '/rosters', { orgId: org, userId, on: 'workdays', fromMinute: 480 });
    // A Saturday that works.
    expect(await now()).toMatchObject({ why: 'shift', userId });
    const away = { userId, from: '2026-10-10T00:00:00+08:00', to: '2036-10-11T00:00:00+08:00', substituteId: wu };
    expect((await call('POST', '/rosters/absences', { ...away, substituteId: userId })).body.errors[0].path).toBe(
      '/substituteId',
    );
    expect((await call('POST', '/rosters/absences', { ...away, substituteId: 'x' })).body.errors[0].path).toBe(
      '/substituteId',
    );
    const absence = await call('POST', '/rosters/absences', away);
    expect(absence.status).toBe(201);
    const replaced = await now();
    expect(replaced).toMatchObject({ why: 'substitute', userId: wu, insteadOf: [userId] });
    expect(replaced.text).not.toContain(userId);
    expect((await call('GET', '/rosters/absences')).body.items).toHaveLength(1);
    expect((await call('DELETE', `/rosters/absences/${absence.body.id}`)).status).toBe(204);
    const week = `from=${encodeURIComponent('2026-10-09T12:00:00+08:00')}&to=${encodeURIComponent('2026-10-10T12:00:00+08:00')}`;
    const gaps = await call('GET', `/rosters/gaps?orgId=${org}&${week}`);
    expect(gaps.body.items.map(({ text }: { text: string }) => text)).toEqual([
      '2026-10-10 周六 00:00 至 08:00 无人值班',
    ]);

    expect((await call('GET', '/calendar?year=2026')).body).toMatchObject({ known: true });
    const wrong = await call('PUT', '/calendar', { csv: '日期,类型\n2031-10-01,放假\n2031-13-01,放假' });
    expect([wrong.status, wrong.body.errors[0].path]).toEqual([400, '/csv/3']);
    expect((await call('GET', '/calendar?year=2031')).body).toMatchObject({
      year: 2031,
      days: [],
      known: false,
      warning: expect.stringContaining('2031'),
    });
    await call('PUT', '/calendar', { csv: '日期,类型,名称\n2026-10-10,放假,试' });
    expect(await now()).toMatchObject({ why: 'nobody' });
    expect((await call('PUT', '/calendar', { remove: ['2026-10-10'] })).body).toMatchObject({ removed: 1 });
    const settings = {
      workingHours: { days: [1], from: '17:00', to: '08:00' },
      dutyDesk: { orgId: 'none', userId: null },
      ticketLimits: [{ stage: 'handling', module: 'none', limit: '0s' }],
    };
    const refused = await call('PUT', '/settings', settings);
    expect(refused.body.errors.map(({ path }: { path: string }) => path).sort()).toEqual([
      '/dutyDesk/orgId',
      '/ticketLimits/0/limit',
      '/ticketLimits/0/module',
      '/workingHours/to',
    ]);
  });

  it('keeps organisations, rosters and settings', async () => {
    const org = await call('POST', '/orgs', { kind: 'department', name: '市容所', parentId: 'street-a' });
    expect(org.status).toBe(201);
    expect((await call('PATCH', `/orgs/${org.body.id}`, { name: '市容管理所' })).body.name).toBe('市容管理所');
    for (const path of ['/orgs', '/modules', '/sites', '/vendors', '/maintenance-units', '/users', '/device-types']) {
      const { status, body } = await call('GET', `${path}?limit=5`);
      expect([path, status, body.items.length > 0]).toEqual([path, 200, true]);
    }
    const userId = (await call('GET', '/users/me')).body.id;
    const shift = await call('POST', '/rosters', { orgId: org.body.id, userId, days: [1, 2, 3] });
    expect(shift.body).toMatchObject({ fromMinute: 0, toMinute: 1440, module: null });
    const wrong = await call('POST', '/rosters', { orgId: 'none', userId: 'nobody' });
    expect(wrong.body.errors.map(({ path }: { path: string }) => path)).toEqual(['/orgId', '/userId']);
    expect((await call('PATCH', `/rosters/${shift.body.id}`, { position: 3 })).body.position).toBe(3);
    expect((await call('DELETE', `/rosters/${shift.body.id}`)).status).toBe(204);
    expect((await call('DELETE', `/rosters/${shift.body.id}`)).status).toBe(404);
    expect((await call('PUT', '/settings', { groupHold: '90s' })).body.groupHold).toBe('90s');
    expect((await call('PUT', '/settings', { groupHold: 'soon' })).status).toBe(400);
  });

  it('decodes a payload on trial and says what would be refused', async () => {
    const type = '/device-types/generic%2Febike-charger';
    expect((await call('GET', type)).body).toMatchObject({ id: 'generic/ebike-charger', builtIn: true });
    const decode = (payload: object) => call('POST', `${type}/decode`, { topic: 'cgw/v1/d1/telemetry', payload });
    const good = await decode({ metrics: { totalPower: 840, ports: [{ no: 3, current: 2.1 }] } });
    expect(good.body).toMatchObject({ readings: { totalPower: 840, 'ports.3.current': 2.1 }, refused: [] });
    const bad = await decode({ metrics: { totalPower: -5 } });
    expect(bad.body.refused[0].code).toBe('READING_OUT_OF_RANGE');
    expect((await call('GET', '/device-types/none')).status).toBe(404);
    expect((await call('POST', '/device-types', { id: 'x' })).body.errors.length).toBeGreaterThan(0);
  });

  it('repeats a write by its key after a restart too, without the secret', async () => {
    const send = () =>
      api.inject({
        method: 'POST',
        url: '/api/v1/devices/cam-1/credentials',
        headers: { authorization: `Bearer ${admin}`, 'idempotency-key': 'rotate-1' },
      });
    const [first, again] = [await send(), await send()];
    expect(first.json().password.length).toBeGreaterThan(20);
    expect(again.json()).toEqual({ username: 'cam-1' });
    const { rows } = await sql(database.db.autocommit).query<{ body: string }>('select body from idempotent_request');
    expect(JSON.stringify(rows)).not.toContain(first.json().password);
  });

  it('makes an API key that works until it is revoked', async () => {
    const made = await call('POST', '/users/me/api-keys', { name: '大屏' });
    expect(made.status).toBe(201);
    expect((await call('GET', '/devices', undefined, made.body.key)).status).toBe(200);
    expect(JSON.stringify((await call('GET', '/users/me/api-keys')).body)).not.toContain(made.body.key);
    expect((await call('DELETE', `/users/me/api-keys/${made.body.id}`)).status).toBe(204);
    expect((await call('GET', '/devices', undefined, made.body.key)).status).toBe(401);
  });
});
