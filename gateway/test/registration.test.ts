import mqtt from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiClient, login } from '../../tools/simulator/api-client.ts';
import { type DataDir, type GatewayProcess, makeMigratedDataDir, startGateway } from './support/gateway-process.ts';

interface Acceptance {
  readonly state: string;
  readonly checks: readonly { readonly name: string; readonly ok: boolean }[];
  readonly report: { readonly no: string; readonly result: string } | null;
}
interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

const soon = { timeout: 20_000, interval: 50 };

describe('a vendor’s device, from its registration to its acceptance', () => {
  let dir: DataDir;
  let gateway: GatewayProcess;
  let api: ApiClient;
  let vendorKey = '';

  beforeAll(async () => {
    dir = await makeMigratedDataDir();
    gateway = await startGateway(dir.path);
    api = await gateway.api();
    // Time is no part of this story: the span of a trial is proven beside its code.
    await api.put('/settings', { trialIntervals: 0 });
    await api.post('/vendors', { id: 'acme', name: '甲厂' });
    ({ key: vendorKey } = await api.post<{ key: string }>('/vendors/acme/api-keys', { name: '登记' }));
  }, 120_000);
  afterAll(async () => {
    await gateway?.stop();
    await dir?.remove();
  });

  const asVendor = async (method: string, path: string, body?: unknown): Promise<Answer> => {
    const response = await fetch(`${gateway.base}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${vendorKey}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const register = async (id: string) => {
    const { status, body } = await asVendor('POST', '/devices', { type: 'generic/ebike-charger', name: id, id });
    expect([status, (body.device as { lifecycle: string }).lifecycle]).toEqual([201, 'pending']);
    return body.credentials as { username: string; password: string };
  };
  const connect = (login: { username: string; password: string }) =>
    mqtt.connectAsync({ host: '127.0.0.1', port: gateway.mqtt, ...login, reconnectPeriod: 0, connectTimeout: 20_000 });
  const acceptance = async (id: string) =>
    (await asVendor('GET', `/devices/${id}/acceptance`)).body as unknown as Acceptance;
  const decide = (id: string, action: string, body: object) => api.post(`/devices/${id}/${action}`, body);

  it('cannot connect while it waits, is judged on trial, and goes into service by what it delivered', async () => {
    const login = await register('c1');
    await expect(connect(login)).rejects.toThrow(/[Nn]ot authorized|refused/);
    expect((await asVendor('POST', '/devices/c1/approve', { reason: '自己批' })).status).toBe(403);
    await decide('c1', 'approve', { reason: '资料齐全' });

    const device = await connect(login);
    try {
      const say = (metrics: object) =>
        device.publishAsync('cgw/v1/c1/telemetry', JSON.stringify({ ts: Date.now(), metrics }), { qos: 1 });
      await say({ gridVoltage: 229 });
      await expect(decide('c1', 'approve', { reason: '验收' })).rejects.toThrow(
        /409(?=.*ACCEPTANCE_NOT_MET).*metric:totalPower/s,
      );
      expect(await acceptance('c1')).toMatchObject({ state: 'waiting', report: null });

      for (const totalPower of [840, 845, 850]) {
        await say({ totalPower });
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      await expect.poll(async () => (await acceptance('c1')).state, soon).toBe('met');
      expect(await decide('c1', 'approve', { reason: '现场核对无误' })).toMatchObject({ lifecycle: 'active' });
      expect(await acceptance('c1')).toMatchObject({ state: 'accepted', report: { result: 'met' } });
    } finally {
      device.end(true);
    }

    const { items } = await api.get<{ items: { what: string; reason: string | null }[] }>('/devices/c1/timeline');
    expect(items.filter(({ what }) => what === 'approve').map(({ reason }) => reason)).toEqual([
      '现场核对无误',
      '资料齐全',
    ]);
  });

  it('is rejected with a reason its vendor reads, and bulk approval tells them apart', async () => {
    for (const id of ['r1', 'b1', 'b2']) await register(id);
    await decide('r1', 'reject', { reason: '型号与合同不符' });
    expect((await asVendor('GET', '/devices/r1')).body).toMatchObject({
      lifecycle: 'rejected',
      lifecycleReason: '型号与合同不符',
    });
    await decide('b1', 'approve', { reason: '资料齐全' });
    expect(await api.post('/devices/bulk', { ids: ['b1', 'b2', 'r9'], action: 'approve', reason: '批量验收' })).toEqual(
      {
        matched: 2,
        done: 1,
        failed: [
          {
            id: 'b1',
            code: 'ACCEPTANCE_NOT_MET',
            missing: ['metric:totalPower'],
            unmet: [expect.objectContaining({ en: expect.stringContaining('totalPower') })],
          },
          { id: 'r9', code: 'NOT_FOUND' },
        ],
      },
    );
    const forced = { reason: '现场已验', override: true };
    expect(await decide('b1', 'approve', forced)).toMatchObject({ lifecycle: 'active' });
  });

  it('prints its report as a page that runs nothing, and asks what for', async () => {
    const token = await api.post<{ key: string }>('/users/me/api-keys', { name: '打印' });
    const print = (query: string, key = token.key) =>
      fetch(`${gateway.base}/api/v1/devices/c1/acceptance/report${query}`, {
        headers: { authorization: `Bearer ${key}` },
      });
    expect((await print('')).status).toBe(400);
    expect((await print(`?purpose=${encodeURIComponent('归档')}`, vendorKey)).status).toBe(403);
    const printed = await print(`?purpose=${encodeURIComponent('验收归档')}`);
    const html = await printed.text();
    expect([printed.status, printed.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(printed.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect(html).toContain('设备验收报告');
    expect(html).toContain('符合验收条件');
    expect(html).toContain('用途：验收归档');
    // An empty list is written as nothing found, not left open for a pen.
    expect(html).toContain('<th>坐标核查</th><td>—</td>');
  });

  it('keeps a review of a proposed camera as it was found, and prints it', async () => {
    await api.post('/devices', {
      type: 'generic/camera',
      id: 'cam-1',
      name: '东门枪机',
      location: { lat: 31.14, lon: 121.51, address: '东门' },
    });
    await api.get('/cameras/cam-1');
    const made = await api.post<{ id: string; no: string; review: { items: { id: string; distance: number }[] } }>(
      '/cameras/duplicate-construction',
      { location: { lat: 31.1401, lon: 121.51 }, direction: 1, applicant: '平安办', purpose: '新建点位比对' },
    );
    expect(made.review.items).toMatchObject([{ id: 'cam-1', distance: 11.1, advice: { code: 'checkDirection' } }]);
    await api.post('/devices/cam-1/retire', { reason: '拆除' });
    expect(await api.get(`/cameras/duplicate-construction/${made.id}`)).toMatchObject(made);
    const token = await api.post<{ key: string }>('/users/me/api-keys', { name: '打印' });
    const printed = async () => {
      const page = await fetch(
        `${gateway.base}/api/v1/cameras/duplicate-construction/${made.id}/print?purpose=${encodeURIComponent('报批')}`,
        { headers: { authorization: `Bearer ${token.key}` } },
      );
      return page.text();
    };
    const html = await printed();
    for (const words of [made.no, '比对审核单', '东门枪机', '平安办', '审核意见', '11.1'])
      expect(html).toContain(words);
    expect(html).not.toContain('审核结果');
    const decision = { decision: 'reuse', opinion: '东门已有枪机，调整角度即可' };
    const path = `/cameras/duplicate-construction/${made.id}/decision`;
    await expect(api.post(path, decision)).rejects.toMatchObject({ status: 403 });
    const { password } = await api.post<{ password: string }>('/users', {
      username: 'second',
      name: '周审核',
      role: 'dispatcher',
    });
    const second = await login(gateway.base, 'second', password, 'Zhou-Other-2026!x');
    await expect(second.post(path, { ...decision, opinion: ' ' })).rejects.toMatchObject({ status: 400 });
    const decided = { ...decision, byName: '周审核' };
    expect(await second.post(path, decision)).toMatchObject({ id: made.id, decided });
    await expect(second.post(path, { ...decision, decision: 'build' })).rejects.toMatchObject({ status: 409 });
    expect(await api.get(`/cameras/duplicate-construction/${made.id}`)).toMatchObject({ decided });
    const paper = await printed();
    for (const words of ['审核结果', '利旧（使用已有设备）', decision.opinion, '周审核'])
      expect(paper).toContain(words);
  });
});
