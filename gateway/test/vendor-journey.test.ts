import mqtt, { type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DataDir, type GatewayProcess, makeMigratedDataDir, startGateway } from './support/gateway-process.ts';

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}
type Person = { token: string };

const HOUR_MS = 3_600_000;
const soon = { timeout: 20_000, interval: 50 };
const company = { username: 'qingyuan', password: 'Water-Level-2026!' };
const topic = 'qingyuan/WL-1/up';

/** Centimetres as text, local time without a zone; `scale` is what the vendor may get wrong. */
const gauge = (id: string, scale: number) => `id: ${id}
title: { zh: 清源水位计, en: Water gauge }
module: twin
adapter: mqtt
topics: ["qingyuan/{serial}/up"]
identify: { from: "{serial}", match: serial }
time: { from: /时间, format: local, zone: Asia/Shanghai }
metrics:
  level: { from: /数据/水位, type: number, unit: m, scale: ${scale}, fromText: true, min: 0, max: 20, freshWithin: 10m, required: true, title: { zh: 水位, en: Level } }
health: { interval: 1m, offlineAfter: 5m }
examples:
  - { name: 正常, topic: ${topic}, payload: { 数据: { 水位: "20" } }, readings: { level: ${20 * scale} } }
  - { name: 负数, topic: ${topic}, payload: { 数据: { 水位: "-1" } }, refused: READING_OUT_OF_RANGE }
`;
/** As the gauge writes it: Shanghai's wall clock, to the second. */
const payload = (at: number, centimetres: number) => ({
  时间: new Date(at + 8 * HOUR_MS).toISOString().slice(0, 19).replace('T', ' '),
  数据: { 水位: String(centimetres) },
});

describe('a vendor, from its invitation to a device in service', () => {
  let dir: DataDir;
  let gateway: GatewayProcess;
  let client: MqttClient | undefined;

  beforeAll(async () => {
    dir = await makeMigratedDataDir();
    gateway = await startGateway(dir.path);
  }, 120_000);
  afterAll(async () => {
    client?.end(true);
    await gateway?.stop();
    await dir?.remove();
  });

  /** Text is sent as YAML. */
  const ask = async (who: Person | null, method: string, path: string, body?: unknown): Promise<Answer> => {
    const yaml = typeof body === 'string';
    const response = await fetch(`${gateway.base}/api/v1${path}`, {
      method,
      headers: {
        ...(who ? { authorization: `Bearer ${who.token}` } : {}),
        ...(body === undefined ? {} : { 'content-type': yaml ? 'application/yaml' : 'application/json' }),
      },
      ...(body === undefined ? {} : { body: yaml ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = /json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, body: json ? JSON.parse(text) : { text } };
  };
  const must = async (status: number, ...call: Parameters<typeof ask>) => {
    const answer = await ask(...call);
    expect([call[1], call[2], answer.status, answer.body.detail]).toEqual([
      call[1],
      call[2],
      status,
      answer.body.detail,
    ]);
    return answer.body;
  };
  const logIn = async (username: string, password: string): Promise<Person> =>
    (await must(200, null, 'POST', '/sessions', { username, password })) as unknown as Person;

  it('needs nobody but the administrator’s decisions, sees its mistake, mends it and loses no reading', async () => {
    await gateway.api();
    const admin = await logIn('admin', 'Whole-path-2027!');
    // The span of a trial is proven beside its code.
    await must(200, admin, 'PUT', '/settings', { trialIntervals: 0 });

    // Invited, joined, let in by its agreement.
    const { token, vendor } = (await must(201, admin, 'POST', '/vendors/invitations', {
      name: '清源水务科技',
      agreement: { signedOn: '2026-01-01', expiresOn: '2099-12-31' },
    })) as unknown as { token: string; vendor: { id: string } };
    const vendorId = vendor.id;
    const joining = { token, name: '李工', ...company };
    await must(400, null, 'POST', '/vendors/accept-invitation', { ...joining, password: 'short' });
    expect(await must(201, null, 'POST', '/vendors/accept-invitation', joining)).toEqual({
      vendorId,
      username: company.username,
    });
    const again = await must(404, null, 'POST', '/vendors/accept-invitation', { ...joining, username: 'another' });
    expect(again.detail).toContain('索取新的邀请');
    await must(200, admin, 'PATCH', `/vendors/${vendorId}`, { topics: ['qingyuan/#'] });
    const me = await logIn(company.username, company.password);
    const self = await must(200, me, 'GET', '/vendors/me');
    expect(self).toMatchObject({ id: vendorId, state: 'active', topics: ['qingyuan/#'], access: { open: true } });
    const key = await must(201, me, 'POST', `/vendors/${vendorId}/api-keys`, { name: '网关', scopes: ['mqtt'] });

    // Its type: first a slip of the pen, then a scale ten times too big, which no check can know.
    const typeId = `${vendorId}/gauge`;
    const typePath = `/device-types/${encodeURIComponent(typeId)}`;
    const slip = gauge(typeId, 0.1).replace('unit:', 'unti:');
    const fault = { path: '/metrics/level', line: 9, column: 3 };
    expect((await must(200, me, 'POST', '/device-types/check', { source: slip })).faults).toMatchObject([fault]);
    expect((await must(400, me, 'POST', '/device-types', slip)).errors).toMatchObject([fault]);
    await must(400, me, 'POST', '/device-types', gauge('other/gauge', 0.1));
    await must(201, me, 'POST', '/device-types', gauge(typeId, 0.1));
    const device = { type: typeId, id: 'wl-1', name: '一号水位计', serial: 'WL-1' };
    expect((await must(400, me, 'POST', '/devices', device)).detail).toContain('草稿须先提交');
    await must(200, me, 'POST', `${typePath}/submit`);
    await must(403, me, 'POST', `${typePath}/approve`, { reason: '自己批' });
    expect(await must(201, me, 'POST', '/devices', device)).toMatchObject({
      device: { lifecycle: 'pending', vendorId },
    });
    await must(200, admin, 'POST', '/devices/wl-1/approve', { reason: '资料齐全' });

    // What it sends is kept but refused, with the reason where the vendor looks.
    client = await mqtt.connectAsync({
      host: '127.0.0.1',
      port: gateway.mqtt,
      username: `vendor:${vendorId}`,
      password: String(key.key),
      reconnectPeriod: 0,
      connectTimeout: 20_000,
    });
    const send = (at: number, level: number) =>
      client?.publishAsync(topic, JSON.stringify(payload(at, level)), { qos: 1 });
    const past = Math.floor((Date.now() - HOUR_MS) / 1_000) * 1_000;
    const times = [0, 60_000, 120_000].map((ms) => past + ms);
    for (const [n, at] of times.entries()) await send(at, 310 + n);
    const refused = { topic, code: 'READING_OUT_OF_RANGE', detail: 'level: 31.2 is outside 0 … 20' };
    const list = async (path: string) => (await must(200, me, 'GET', path)).items as Record<string, unknown>[];
    await expect.poll(() => list('/quarantine?deviceId=wl-1'), soon).toHaveLength(3);
    expect((await list('/quarantine'))[0]).toMatchObject({ ...refused, deviceId: 'wl-1', replayedAt: null });
    expect((await list('/devices/wl-1/messages'))[0]).toMatchObject({
      ...refused,
      verdict: 'quarantined',
      readings: 0,
      remedy: { zh: expect.stringContaining('scale') },
    });
    expect(await must(200, me, 'GET', '/devices/wl-1/acceptance')).toMatchObject({
      state: 'waiting',
      quarantined: { total: 3, codes: { READING_OUT_OF_RANGE: 3 } },
    });

    // It pastes a message, sees why, mends the text and sees it would be stored.
    const pasted = { topic, payload: payload(past, 310) };
    expect(await must(200, me, 'POST', `${typePath}/decode`, pasted)).toMatchObject({
      accepted: false,
      refused: [{ code: 'READING_OUT_OF_RANGE' }],
    });
    const mended = gauge(typeId, 0.01);
    expect(await must(200, me, 'POST', '/device-types/decode', { ...pasted, source: mended })).toMatchObject({
      accepted: true,
      readings: { level: 3.1 },
      items: [{ device: { id: 'wl-1', stored: true }, time: { utc: new Date(past).toISOString() } }],
    });
    expect(await must(201, me, 'POST', '/device-types?submit=true', mended)).toMatchObject({
      version: { version: 2, state: 'submitted' },
    });

    // The replay keeps the times of the readings and proves no life.
    const replayed = await must(200, me, 'POST', '/quarantine/replay', { filter: { deviceId: 'wl-1' } });
    expect(replayed).toEqual({ replayed: 3, remaining: 0 });
    const points = async () => {
      const { series } = (await must(200, me, 'GET', '/devices/wl-1/telemetry')) as unknown as {
        series: { points: [string, number][] }[];
      };
      return series[0]?.points.map(([at, value]) => [Date.parse(at), value]) ?? [];
    };
    await expect.poll(points, soon).toEqual(times.map((at, n) => [at, 3.1 + n / 100]));
    expect((await list('/quarantine')).every(({ replayedAt }) => replayedAt !== null)).toBe(true);
    expect(await must(200, me, 'GET', '/devices/wl-1')).toMatchObject({
      lifecycle: 'trial',
      lastSeenAt: null,
      flags: ['neverSeen'],
    });

    // New messages are stored and heard; the type and then the device are decided on.
    const now = Date.now();
    for (const ms of [3_000, 2_000, 1_000]) await send(now - ms, 300);
    await expect
      .poll(async () => (await must(200, me, 'GET', '/devices/wl-1')).health, soon)
      .toMatchObject({ state: 'online' });
    const acceptance = async () => must(200, me, 'GET', '/devices/wl-1/acceptance');
    await expect.poll(async () => (await acceptance()).state, soon).toBe('met');
    await must(403, me, 'POST', '/devices/wl-1/approve', { reason: '自己批' });
    expect((await must(409, admin, 'POST', '/devices/wl-1/approve', { reason: '验收' })).detail).toContain('设备类型');
    await must(200, admin, 'POST', `${typePath}/approve`, { reason: '样例齐全', version: 2 });
    expect(await must(200, admin, 'POST', '/devices/wl-1/approve', { reason: '现场核对无误' })).toMatchObject({
      lifecycle: 'active',
    });
    expect(await acceptance()).toMatchObject({ state: 'accepted', report: { result: 'met', reason: '现场核对无误' } });
    const purpose = `?purpose=${encodeURIComponent('验收归档')}`;
    const report = await must(200, admin, 'GET', `/devices/wl-1/acceptance/report${purpose}`);
    for (const words of ['设备验收报告', '一号水位计', '符合验收条件', '用途：验收归档'])
      expect(report.text).toContain(words);

    // Every step stands in the audit, under the name of who did it, and the chain is whole.
    const { items } = (await must(200, admin, 'GET', '/audit?limit=200')) as unknown as {
      items: { actor: string; action: string; resource: string; resourceId: string; reason: string | null }[];
    };
    const who = (actor: string) => (actor === 'system' ? actor : actor === items[0]?.actor ? 'admin' : 'vendor');
    const steps = items
      .toReversed()
      .map(({ actor, action, resource, resourceId }) => `${who(actor)} ${action} ${resource} ${resourceId}`);
    const expected = [
      `admin create vendors ${vendorId}`,
      `admin invite vendors ${vendorId}`,
      `system acceptInvitation vendors ${vendorId}`,
      `admin update vendors ${vendorId}`,
      `vendor create apiKeys ${key.id}`,
      `vendor draft deviceTypes ${typeId}`,
      `vendor submit deviceTypes ${typeId}`,
      'vendor create devices wl-1',
      'admin approve devices wl-1',
      `vendor submit deviceTypes ${typeId}`,
      'vendor replay quarantine null',
      `admin approve deviceTypes ${typeId}`,
      'admin approve devices wl-1',
      'admin export devices wl-1',
    ];
    expect(steps.filter((step) => expected.includes(step))).toEqual(expected);
    expect(steps.some((step) => step.startsWith('vendor login sessions'))).toBe(true);
    expect(JSON.stringify(items)).not.toMatch(/Water-Level-2026|cgwi_|cgwk_/);
    const denied = async () =>
      (await must(200, admin, 'GET', '/audit?action=accessDenied')).items as { resourceId: string }[];
    await expect.poll(async () => (await denied()).map(({ resourceId }) => resourceId), soon).toContain('wl-1');

    await must(202, admin, 'POST', '/audit/verify');
    const checked = async () => {
      const { running, last } = await must(200, admin, 'GET', '/audit/integrity');
      return running === null ? last : null;
    };
    await expect.poll(checked, soon).toMatchObject({ intact: true, findingCount: 0 });
  }, 90_000);
});
