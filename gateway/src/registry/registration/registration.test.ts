import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, ENGINES, type TestDatabase } from '../../../test/support/databases.ts';
import { emptyTables } from '../../../test/support/empty-tables.ts';
import { createTestRegistry, seedTestOrganisations, testActor } from '../../../test/support/registry.ts';
import type { Actor } from '../../domain/actor.ts';
import type { Notice } from '../../domain/notice.ts';
import { isGatewayError } from '../../errors.ts';
import { createAuditStore } from '../../store/audit.ts';
import { sql } from '../../store/database.ts';
import { createDuplicateStore } from '../../store/duplicates.ts';
import { createOrgStore } from '../../store/organisations.ts';
import { createPaperStore } from '../../store/papers.ts';
import { createTrialStore } from '../../store/trials.ts';
import { createSqlTimeSeries } from '../../timeseries/sql.ts';
import { createDevices } from '../devices.ts';
import { createAcceptances } from './acceptance.ts';
import { createHandovers } from './handovers.ts';
import type { TrialType } from './ports.ts';
import { createRegistrationService } from './registration.ts';

const admin = testActor();
const acme = testActor('vendor', { kind: 'vendor', vendorId: 'acme' });
const globex = testActor('vendor', { kind: 'vendor', vendorId: 'globex' });
const lead: Actor = { ...testActor('lead', { kind: 'orgs', orgIds: ['street-a'] }), orgId: 'street-a' };
const streetB: Actor = { ...testActor('lead', { kind: 'orgs', orgIds: ['street-b'] }), id: 'u-b', orgId: 'street-b' };
const fixer: Actor = { ...testActor('maintainer', { kind: 'orgs', orgIds: ['fixers'] }), orgId: 'fixers' };
const title = (zh: string) => ({ zh, en: zh });
const TYPES: Readonly<Record<string, TrialType>> = {
  'generic/camera': { title: title('摄像机'), adapter: 'rtsp', metrics: new Map(), health: { interval: 30_000 } },
  'generic/ebike-charger': {
    title: title('充电柜'),
    adapter: 'mqtt',
    metrics: new Map([['totalPower', { name: 'totalPower', title: title('总功率'), required: true }]]),
    health: { interval: 30_000 },
  },
  'generic/garbage-room': {
    title: title('厢房'),
    adapter: 'mqtt',
    metrics: new Map([['bins.*.fillLevel', { name: 'bins.*.fillLevel', title: title('满溢'), required: true }]]),
    health: { interval: 30_000 },
  },
};
const CHARGER = { type: 'generic/ebike-charger', name: '充电柜' };

async function refusal(work: Promise<unknown>) {
  try {
    await work;
  } catch (error) {
    if (isGatewayError(error)) {
      const { missing = null, deviceIds = null } = error.extra;
      return { code: error.code, paths: error.errors.map(({ path }) => path), missing, deviceIds };
    }
    throw error;
  }
  throw new Error('it was accepted');
}

describe.each(ENGINES)('registration on %s', (engine) => {
  let database: TestDatabase;
  let test: ReturnType<typeof make>;
  const make = () => {
    const registry = createTestRegistry(database.db);
    const { db } = database;
    const store = { ...createTrialStore(), ...createDuplicateStore(), ...createPaperStore() };
    const base = { db, store, audit: createAuditStore(), timeZone: 'Asia/Shanghai', clock: registry.clock };
    const acceptances = createAcceptances({
      ...base,
      devices: registry.store,
      types: { get: (id) => TYPES[id] },
      settings: () => ({ trialReadings: 3, trialIntervals: 2 }),
    });
    const rebuilt = createTestRegistry(database.db, registry.clock, acceptances);
    const notices: Notice[] = [];
    const devices = createDevices({
      ...rebuilt.deps,
      outbox: { add: async (_tx, added) => void notices.push(...added) },
    });
    const handovers = createHandovers({ ...rebuilt.deps, ...base, orgs: createOrgStore() });
    const service = createRegistrationService({
      ...base,
      acceptances,
      handovers,
      nearby: async () => {
        throw new Error('no cameras here');
      },
    });
    return {
      ...rebuilt,
      devices,
      notices,
      acceptances,
      handovers,
      service,
      series: createSqlTimeSeries({ db, clock: registry.clock }),
    };
  };

  beforeAll(async () => {
    database = await createTestDatabase(engine);
    await seedTestOrganisations(database.db);
  });
  afterAll(() => database?.close());
  beforeEach(async () => {
    await emptyTables(database.db, 'device', 'audit');
    test = make();
    await test.directory.load(database.db.autocommit);
  });

  const query = <R extends object>(text: string, params: unknown[] = []) =>
    sql(database.db.autocommit).query<R>(text, params);
  const key = (id: string) => test.directory.byId(id)?.key ?? 0;
  const register = (id: string, extra: object = {}, actor = acme) =>
    test.devices.create(actor, { ...CHARGER, id, ...extra } as never);
  const onTrial = async (id: string, extra: object = {}) => {
    await register(id, extra);
    await test.devices.lifecycle(admin, id, 'approve', '资料齐全');
  };
  const deliver = async (id: string, metric = 'totalPower', times = [0, 30_000, 60_000]) => {
    const now = test.clock.now();
    const readings = times.map((after) => ({
      device: key(id),
      metric,
      time: now + after,
      receivedAt: now + after,
      value: 100,
    }));
    await test.series.prepare(readings);
    await database.db.transaction((tx) => test.series.write(tx, readings));
  };
  const approve = (id: string, options?: { override: boolean }, who = admin) =>
    test.devices.lifecycle(who, id, 'approve', '现场核对', options);

  describe('a trial', () => {
    it('ends with the evidence: 409 names what is missing, and the report is written with the approval', async () => {
      await onTrial('c1');
      expect(await refusal(approve('c1'))).toMatchObject({
        code: 'ACCEPTANCE_NOT_MET',
        missing: ['metric:totalPower'],
      });
      await deliver('c1', 'totalPower', [0, 1_000, 2_000]);
      const waiting = await test.service.acceptance(acme, 'c1');
      expect(waiting).toMatchObject({ state: 'waiting', report: null });
      expect(waiting.checks[0]).toMatchObject({
        name: 'metric:totalPower',
        ok: false,
        evidence: { readings: 3, spanMs: 2_000 },
        advice: { zh: '请保持设备持续上报，稍后再查' },
      });
      await deliver('c1', 'totalPower', [60_000]);
      expect((await test.service.acceptance(acme, 'c1')).state).toBe('met');
      expect((await approve('c1')).lifecycle).toBe('active');
      const shown = await test.service.acceptance(admin, 'c1');
      expect(shown).toMatchObject({
        state: 'accepted',
        report: { result: 'met', reason: '现场核对', byName: 'admin', no: expect.stringMatching(/^YS-\d{8}-\d{4}$/) },
      });
      expect((await test.service.acceptance(acme, 'c1')).report).toMatchObject({
        by: null,
        byName: '城运中心 / Operations centre',
      });
      await expect(query(`update acceptance_report set reason = 'x'`)).rejects.toThrow(/kept as it was written/);
      await expect(query('delete from acceptance_report')).rejects.toThrow(/kept as it was written/);
    });

    it('does not count what came before it, and a backlog sent in one go spans no interval', async () => {
      await register('c2');
      await deliver('c2', 'totalPower', [-120_000, -60_000, -1_000]);
      await test.clock.advance(10);
      await approve('c2');
      expect((await test.service.acceptance(admin, 'c2')).checks[0]?.evidence).toMatchObject({ readings: 0 });
      const now = test.clock.now();
      const late = [1, 2, 3].map((n) => ({
        device: key('c2'),
        metric: 'totalPower',
        time: now - n * 60_000,
        receivedAt: now + n,
        value: n,
      }));
      await database.db.transaction((tx) => test.series.write(tx, late));
      const [check] = (await test.service.acceptance(admin, 'c2')).checks;
      expect(check).toMatchObject({ ok: false, evidence: { readings: 3, spanMs: 2 } });
    });

    it('takes one part that delivers for a metric of many parts', async () => {
      await onTrial('room', { type: 'generic/garbage-room' });
      await deliver('room', 'bins.1.fillLevel', [0]);
      await deliver('room', 'bins.2.fillLevel');
      expect((await test.service.acceptance(admin, 'room')).checks[0]).toMatchObject({
        ok: true,
        evidence: { part: 'bins.2.fillLevel', readings: 3 },
      });
    });

    it('of a camera wants its first frame', async () => {
      await onTrial('cam', { type: 'generic/camera' });
      expect(await refusal(approve('cam'))).toMatchObject({ missing: ['firstFrame'] });
      await query('insert into camera (device, first_frame_at) values ($1, to_timestamp($2::float8 / 1000))', [
        key('cam'),
        test.clock.now() + 5,
      ]);
      expect((await approve('cam')).lifecycle).toBe('active');
    });

    it('begins anew with another box', async () => {
      await onTrial('swap');
      await deliver('swap', 'totalPower', [-60_000, -30_000, 0]);
      await test.clock.advance(1_000);
      await test.devices.replace(acme, 'swap', { serial: 'SN-NEW', reason: '更换主板' });
      expect(await refusal(approve('swap'))).toMatchObject({ missing: ['metric:totalPower'] });
    });

    it('tells what was refused of the device meanwhile', async () => {
      await onTrial('c3');
      await query(
        `insert into quarantine (received_at, via, principal, device, topic, payload, code, detail)
         select to_timestamp($2::float8 / 1000), 'mqtt', 'x', $1, 't', ''::bytea, c, '' from unnest($3::text[]) as c`,
        [key('c3'), test.clock.now(), ['READING_OUT_OF_RANGE', 'READING_OUT_OF_RANGE', 'CONFLICT']],
      );
      expect(await test.service.acceptance(acme, 'c3')).toMatchObject({
        quarantined: { total: 3, codes: { READING_OUT_OF_RANGE: 2, CONFLICT: 1 } },
      });
    });

    it('may be overridden by an administrator only, and report, history and audit say so', async () => {
      await onTrial('c4', { orgId: 'hood-a' });
      expect((await refusal(approve('c4', { override: true }, lead))).code).toBe('FORBIDDEN');
      expect((await approve('c4', { override: true })).lifecycle).toBe('active');
      expect((await test.service.acceptance(admin, 'c4')).report).toMatchObject({ result: 'overridden' });
      expect((await test.devices.turns(admin, 'c4'))[0]).toMatchObject({
        what: 'approveOverridden',
        reason: '现场核对',
      });
      const { rows } = await query(`select action from audit where resource_id = 'c4' order by id desc limit 1`);
      expect(rows).toEqual([{ action: 'approveOverridden' }]);
      expect(
        (await refusal(test.devices.bulk(admin, { ids: ['c4'], action: 'retire', reason: 'x', override: true }))).paths,
      ).toEqual(['/override']);
    });

    it('in bulk judges each device by itself', async () => {
      for (const id of ['b1', 'b2', 'b3']) await onTrial(id);
      await deliver('b1');
      await deliver('b3');
      await register('b4');
      const result = await test.devices.bulk(admin, {
        ids: ['b1', 'b2', 'b3', 'b4', 'none'],
        action: 'approve',
        reason: '批量验收',
      });
      expect(result).toEqual({
        matched: 4,
        done: 3,
        failed: [
          {
            id: 'b2',
            code: 'ACCEPTANCE_NOT_MET',
            missing: ['metric:totalPower'],
            unmet: [{ zh: '必填指标 总功率（totalPower）', en: expect.any(String) }],
          },
          { id: 'none', code: 'NOT_FOUND' },
        ],
      });
      const { rows } = await query<{ no: string }>('select no from acceptance_report order by no');
      expect(new Set(rows.map(({ no }) => no)).size).toBe(2);
      expect(test.directory.byId('b4')?.lifecycle).toBe('trial');
    });

    it('returned waits for its vendor in its stage, and counts anew when it is submitted again', async () => {
      await onTrial('r1');
      await deliver('r1', 'totalPower', [-60_000, -30_000, 0]);
      expect((await refusal(test.devices.resubmit(acme, 'r1', {}))).code).toBe('CONFLICT');
      expect((await test.devices.giveBack(admin, 'r1', { reason: '铭牌照片不清' })).lifecycle).toBe('trial');
      expect(await test.service.acceptance(acme, 'r1')).toMatchObject({
        state: 'failed',
        returned: { reason: '铭牌照片不清' },
      });
      expect((await refusal(approve('r1'))).missing).toContain('notReturned');
      expect((await refusal(test.devices.resubmit(globex, 'r1', {}))).code).toBe('NOT_FOUND');
      await test.clock.advance(1_000);
      await test.devices.resubmit(acme, 'r1', { note: '已重拍' });
      expect((await refusal(approve('r1'))).missing).toEqual(['metric:totalPower']);
      await deliver('r1', 'totalPower', [5, 30_005, 60_005]);
      expect((await approve('r1')).lifecycle).toBe('active');
      expect((await refusal(test.devices.giveBack(admin, 'r1', { reason: 'x' }))).code).toBe('TRANSITION_NOT_ALLOWED');
      const whats = (await test.devices.turns(acme, 'r1')).map(({ what }) => what);
      expect(whats).toEqual(['approve', 'resubmit', 'return', 'approve', 'created']);
      expect(test.notices.map(({ fault, reason, deviceCount }) => [fault, reason, deviceCount])).toEqual([
        ['deviceApproved', '资料齐全', 1],
        ['deviceReturned', '铭牌照片不清', 1],
        ['deviceApproved', '现场核对', 1],
      ]);
    });

    it('an administrator’s own device is in service at once', async () => {
      expect((await register('own', {}, admin)).device.lifecycle).toBe('active');
      expect((await test.service.acceptance(admin, 'own')).state).toBe('notInTrial');
    });
  });

  describe('duplicates', () => {
    const rtsp = (url: string) => ({ connection: { protocol: 'rtsp' as const, url } });

    it.each([
      ['rtsp://10.1.0.5/live/main', 'rtsp://10.1.0.5:554/live/main'],
      ['rtsp://10.1.0.5:554/live/main', 'RTSP://10.1.0.5/Live/Main/'],
      ['rtsp://CAM.street.example/a', 'rtsp://user:secret@cam.street.example:0554/a'],
      ['rtsp://[fd00::1]/a?x=1', 'rtsp://[FD00::1]:554/a?x=1'],
    ])('%s and %s are one stream', async (one, other) => {
      await register('s1', { type: 'generic/camera', ...rtsp(one) });
      const answer = await test.service.duplicateCheck(admin, rtsp(other));
      expect(answer.identities).toMatchObject([{ field: 'rtspUrl', level: 'exact', deviceId: 's1' }]);
      expect(answer.conclusion.code).toBe('duplicate');
    });

    it('another path on the same box is worth a look, another port is another box', async () => {
      await register('s1', { type: 'generic/camera', ...rtsp('rtsp://10.1.0.5/ch1') });
      const check = (url: string) => test.service.duplicateCheck(admin, rtsp(url));
      expect((await check('rtsp://10.1.0.5/ch2')).identities).toMatchObject([{ field: 'ipPort', level: 'suspect' }]);
      expect((await check('rtsp://10.1.0.5:8554/ch1')).identities).toEqual([]);
    });

    it('a vendor learns that a thing is registered, never by whom', async () => {
      await register('mine', { serial: 'SN-1', mac: 'AA-BB-CC-00-11-22', name: '甲厂的柜' });
      const answer = await test.service.duplicateCheck(globex, { serial: 'sn-1', mac: 'aabbcc001122' });
      expect(answer.identities.map(({ field, level, deviceId, zh }) => [field, level, deviceId, zh])).toEqual([
        ['mac', 'exact', null, 'MAC 地址已被登记，请联系城运中心'],
        ['serial', 'suspect', null, '序列号已被登记，请联系城运中心'],
      ]);
      expect(JSON.stringify(answer)).not.toMatch(/acme|甲厂|mine/);
      const { device, warnings } = await register('theirs', { mac: 'aa:bb:cc:00:11:22' }, globex);
      expect(device.mac).toBe('aa:bb:cc:00:11:22');
      expect(warnings).toMatchObject([{ field: 'mac', deviceId: null }]);
      expect((await register('third', { mac: 'AABBCC001122' }, admin)).warnings).toMatchObject([
        { deviceId: 'mine' },
        { deviceId: 'theirs' },
      ]);
      // Nor how many others have it: 'mine' and 'third' are one word.
      const seen = (await test.service.duplicateCheck(globex, { mac: 'aabbcc001122' })).identities;
      expect(seen.map(({ deviceId }) => deviceId)).toEqual(expect.arrayContaining(['theirs', null]));
      expect(seen).toHaveLength(2);
    });

    it('a MAC in the archive of a camera counts as well', async () => {
      await register('cam', { type: 'generic/camera' });
      await query(`insert into camera (device, archive) values ($1, '{"mac":"AA-BB-CC-00-11-33"}')`, [key('cam')]);
      const answer = await test.service.duplicateCheck(admin, { mac: 'aabbcc001133' });
      expect(answer.identities).toMatchObject([{ field: 'mac', deviceId: 'cam' }]);
    });

    it('stands in the way of an approval, and waiting does not mend it', async () => {
      await register('first', { mac: 'aabbcc001144' }, admin);
      await onTrial('second', { mac: 'aabbcc001144' });
      await deliver('second');
      expect(await test.service.acceptance(admin, 'second')).toMatchObject({ state: 'failed' });
      expect(await refusal(approve('second'))).toMatchObject({ missing: ['unique'] });
    });

    it('wants at least one mark or a place', async () => {
      expect((await refusal(test.service.duplicateCheck(admin, {}))).code).toBe('INVALID_INPUT');
    });
  });

  describe('a place', () => {
    const square = (side: number) => ({
      type: 'Polygon' as const,
      coordinates: [
        [
          [121.51, 31.14],
          [121.51 + side, 31.14],
          [121.51 + side, 31.14 + side],
          [121.51, 31.14 + side],
          [121.51, 31.14],
        ] as const,
      ],
    });
    const codes = async (location: object, extra: object = {}) =>
      (
        await test.service.duplicateCheck(admin, { location, serial: 'x', ...extra } as never).catch((error) => {
          // The cameras nearby are no part of this test.
          if (/no cameras here/.test(String(error))) return { coordinates: [] };
          throw error;
        })
      ).coordinates;
    const warned = async (id: string, location: object, extra: object = {}) =>
      (await register(id, { location, orgId: 'hood-a', ...extra }, admin)).warnings;

    it('outside the boundary of its organisation, or of the one above, is told with what was probably meant', async () => {
      await query('update org set boundary = $1::jsonb where id = $2', [JSON.stringify(square(0.005)), 'street-a']);
      expect(await warned('in', { lat: 31.142, lon: 121.512 })).toEqual([]);
      const [shifted] = await warned('gcj', { lat: 31.138, lon: 121.5145 });
      expect(shifted).toMatchObject({ code: 'looksGcj02', proposed: { crs: 'wgs84' } });
      expect(await warned('far', { lat: 31.2, lon: 121.6 })).toMatchObject([
        { code: 'outsideBoundary', zh: '坐标在 甲街道 的范围之外，请核对坐标或所属组织' },
      ]);
      expect(await warned('abroad', { lat: 48.1, lon: 11.5 })).toMatchObject([{ code: 'outsideChina' }]);
      await query('update org set boundary = null');
    });

    it('is compared with its neighbours when nothing else is known', async () => {
      for (let i = 0; i < 6; i++) {
        await register(`n${i}`, { orgId: 'hood-b', location: { lat: 31.14 + i / 10_000, lon: 121.51 } }, admin);
      }
      const given = { lat: 31.1379, lon: 121.5144 };
      expect((await register('odd', { orgId: 'hood-b', location: given }, admin)).warnings).toMatchObject([
        { code: 'looksGcj02' },
      ]);
      expect(await codes({ lat: 31.1402, lon: 121.51 }, { orgId: 'hood-b' })).toEqual([]);
    });
  });

  describe('a handover', () => {
    const input = (over: object = {}) => ({
      kind: 'custody' as const,
      fromOrgId: 'street-a',
      toOrgId: 'street-b',
      deviceIds: ['h1', 'h2'],
      date: '2026-11-23',
      ...over,
    });
    beforeEach(async () => {
      for (const id of ['h1', 'h2']) await register(id, { orgId: 'hood-a', name: '<b>柜</b>' }, admin);
    });

    it('changes hands when somebody of the receiver accepts it, and not before', async () => {
      const made = await test.handovers.create(lead, input({ note: '建成移交' }));
      expect(made).toMatchObject({ state: 'draft', deviceCount: 2, no: expect.stringMatching(/^YJ-\d{8}-\d{4}$/) });
      const step = (who: Actor, action: 'hand' | 'accept' | 'refuse', reason?: string) =>
        test.handovers.step(who, made.id, action, reason === undefined ? {} : { reason });
      expect(await refusal(step(streetB, 'accept'))).toMatchObject({ code: 'TRANSITION_NOT_ALLOWED' });
      expect((await refusal(step(streetB, 'hand'))).code).toBe('FORBIDDEN');
      await step(lead, 'hand');
      expect((await refusal(step(lead, 'accept'))).code).toBe('FORBIDDEN');
      expect((await refusal(step(streetB, 'refuse'))).paths).toEqual(['/reason']);
      expect((await refusal(test.handovers.get(acme, made.id))).code).toBe('FORBIDDEN');
      expect((await refusal(test.handovers.get(fixer, made.id))).code).toBe('NOT_FOUND');
      const ofOtherModule = { ...lead, scope: { kind: 'orgs' as const, orgIds: ['street-a'], moduleIds: ['parking'] } };
      expect((await refusal(test.handovers.get(ofOtherModule, made.id))).code).toBe('NOT_FOUND');
      expect(test.directory.byId('h1')?.orgId).toBe('hood-a');
      expect(await step(streetB, 'accept')).toMatchObject({ state: 'accepted', decided: { onBehalf: false } });
      expect(test.directory.byId('h1')?.orgId).toBe('street-b');
      expect((await test.devices.turns(admin, 'h1')).map(({ what }) => what)).toEqual([
        'handover',
        'handover.handed',
        'created',
      ]);
      expect((await refusal(step(streetB, 'accept'))).code).toBe('TRANSITION_NOT_ALLOWED');
    });

    it('to a maintenance unit changes who mends the devices', async () => {
      const made = await test.handovers.create(lead, input({ kind: 'maintenance', toOrgId: 'fixers' }));
      await test.handovers.step(lead, made.id, 'hand', {});
      await test.handovers.step(fixer, made.id, 'accept', {});
      expect((await test.devices.get(admin, 'h2')).maintenanceUnitId).toBe('fixers');
      expect((await test.devices.get(admin, 'h2')).orgId).toBe('hood-a');
    });

    it('names what is wrong with its list', async () => {
      await register('foreign', { orgId: 'hood-b' }, admin);
      const create = (over: object, who = admin) => refusal(test.handovers.create(who, input(over)));
      expect((await create({ deviceIds: ['h1', 'foreign', 'none'] })).paths).toEqual(['/deviceIds/1', '/deviceIds/2']);
      expect((await create({ deviceIds: ['foreign'] }, lead)).paths).toEqual(['/deviceIds/0']);
      expect((await create({ kind: 'maintenance' })).paths).toEqual(['/toOrgId']);
      expect((await create({ toOrgId: 'fixers' })).paths).toEqual(['/toOrgId']);
      expect((await create({ toOrgId: 'street-a' })).paths).toEqual(['/toOrgId']);
      expect((await create({ date: '2026-02-30' })).paths).toEqual(['/date']);
      expect((await create({ fromOrgId: 'street-b', toOrgId: 'street-a' }, lead)).paths).toEqual(['/fromOrgId']);
      await test.handovers.create(admin, input());
      expect((await create({})).paths).toEqual(['/deviceIds/0', '/deviceIds/1']);
    });

    it('is refused as a whole when a device has moved meanwhile', async () => {
      const made = await test.handovers.create(lead, input());
      await test.handovers.step(lead, made.id, 'hand', {});
      await test.devices.update(admin, 'h2', { orgId: 'hood-b' });
      expect(await refusal(test.handovers.step(streetB, made.id, 'accept', {}))).toMatchObject({
        code: 'CONFLICT',
        deviceIds: ['h2'],
      });
      expect((await test.devices.get(admin, 'h1')).orgId).toBe('hood-a');
      const refused = await test.handovers.step(streetB, made.id, 'refuse', { reason: '清单不符' });
      expect(refused).toMatchObject({ state: 'refused', decided: { reason: '清单不符' } });
    });

    it('prints escaped, with who took it and what for, and the export is in the audit table', async () => {
      const made = await test.handovers.create(admin, input({ note: '<script>alert(1)</script>' }));
      expect((await refusal(test.service.printHandover(admin, made.id, 'x'))).code).toBe('INVALID_INPUT');
      expect((await refusal(test.service.printHandover(fixer, made.id, '归档用'))).code).toBe('FORBIDDEN');
      const { html } = await test.service.printHandover(admin, made.id, '归档 <i>用</i>');
      expect(html).toContain(made.no);
      expect(html).toContain('&lt;script&gt;alert(1)');
      expect(html).toContain('&lt;b&gt;柜&lt;/b&gt;');
      expect(html).toContain('用途：归档 &lt;i&gt;用&lt;/i&gt;');
      expect(html).not.toMatch(/<script|<i>|<b>|https?:/);
      const { rows } = await query(
        `select action, reason from audit where resource = 'handovers' order by id desc limit 1`,
      );
      expect(rows).toEqual([{ action: 'export', reason: '归档 <i>用</i>' }]);
    });
  });
});
