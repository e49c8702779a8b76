import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, ENGINES, type TestDatabase } from '../../../test/support/databases.ts';
import { emptyTables } from '../../../test/support/empty-tables.ts';
import { TEST_KEY, testActor } from '../../../test/support/registry.ts';
import { createSecrets, randomSecret } from '../../access/secrets.ts';
import { createVendorUsers } from '../../access/vendor-users.ts';
import { createManualClock } from '../../clock.ts';
import type { Notice } from '../../domain/notice.ts';
import { isGatewayError } from '../../errors.ts';
import { createLogger } from '../../log.ts';
import { createAuditStore } from '../../store/audit.ts';
import { sql } from '../../store/database.ts';
import { createSessionStore } from '../../store/sessions.ts';
import { createUserStore } from '../../store/users.ts';
import { createVendorAccountStore } from '../../store/vendor-accounts.ts';
import { createVendorStore } from '../../store/vendors.ts';
import { createVendorPart } from './index.ts';

const admin = testActor();
const own = (vendorId: string) => testActor('vendor', { kind: 'vendor', vendorId });
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const PASSWORD = 'Charging-2026!';
const CODE = '91350100M000100Y43';
const application = {
  company: '上海充电有限公司',
  creditCode: CODE,
  contact: { name: '王工', phone: '021-5555 0101' },
  purpose: '接入充电柜',
};

async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (isGatewayError(error))
      return [error.code, ...error.errors.map(({ path, code }) => `${path} ${code}`)].join(' ');
    throw error;
  }
  return 'accepted';
}

describe.each(ENGINES)('vendors on %s', (engine) => {
  let database: TestDatabase;
  let dir: string;

  /** Begins at 23:00 of 23 November in Shanghai. */
  function createRig(start = Date.UTC(2026, 10, 23, 15)) {
    const { db } = database;
    const clock = createManualClock(start);
    const audit = createAuditStore();
    const cut: string[] = [];
    const notices: Notice[] = [];
    const settings = { vendorQuotas: {}, vendorAgreementRequired: true, vendorApplications: true };
    const part = createVendorPart({
      db,
      store: { ...createVendorStore(), ...createVendorAccountStore() },
      audit,
      users: createVendorUsers({ users: createUserStore(), sessions: createSessionStore(), audit, clock }),
      outbox: { add: async (_tx, added) => void notices.push(...added) },
      settings: () => settings,
      disconnect: async (target, reason) => void cut.push(`${target} ${reason}`),
      hash: createSecrets(TEST_KEY).hash,
      newSecret: randomSecret,
      timeZone: 'Asia/Shanghai',
      filesDir: dir,
      clock,
      log: createLogger('silent'),
    });
    return { ...part, db, clock, cut, notices, settings };
  }

  const addKey = (id: string, vendorId: string, more: { scopes?: string; expires?: string } = {}) =>
    sql(database.db.autocommit).query(
      `insert into api_key (id, vendor_id, name, key_hash, created_at, scopes, expires_at)
       values ($1, $2, $1, decode(md5($1), 'hex'), now(), $3::text[], $4::timestamptz)`,
      [id, vendorId, more.scopes ?? null, more.expires ?? null],
    );
  const audited = async (action: string) => {
    const { rows } = await sql(database.db.autocommit).query<{ resourceId: string; after: unknown }>(
      `select resource_id as "resourceId", after from audit where action = $1 and seq > $2 order by seq`,
      [action, mark],
    );
    return rows;
  };

  beforeAll(async () => {
    database = await createTestDatabase(engine);
    dir = await mkdtemp(join(tmpdir(), 'cgw-vendors-'));
  });
  let mark = 0;
  const emptied = async () => {
    await emptyTables(database.db, 'vendor', 'quarantine');
    const { rows } = await sql(database.db.autocommit).query<{ n: number }>(
      'select coalesce(max(seq), 0)::int as n from audit',
    );
    mark = rows[0]?.n ?? 0;
  };
  afterAll(async () => {
    await database?.close();
    await rm(dir, { recursive: true, force: true });
  });

  it('grants topics that reach nobody else, not even another vendor unless that is meant', async () => {
    await emptied();
    const { vendors, directory } = createRig();
    for (const topic of ['#', '+/x', 'cgw/v1/+/telemetry', '$SYS/x', 'a/#/b', 'a/b+', '']) {
      expect([topic, await refusal(vendors.create(admin, { name: 'x', topics: [topic] }))]).toEqual([
        topic,
        expect.stringMatching(/^INVALID_INPUT \/topics\/0/),
      ]);
    }
    await vendors.create(admin, { id: 'acme', name: '甲厂', topics: ['acme/+/up', 'openevse/#'] });
    const globex = { id: 'globex', name: '乙厂', topics: ['globex/#', 'openevse/box-7/amp'] };
    expect(await refusal(vendors.create(admin, globex))).toBe('INVALID_INPUT /topics/1 granted');
    expect(await vendors.create(admin, { ...globex, topics: ['acme/+/down'] })).toMatchObject({ id: 'globex' });
    expect(await refusal(vendors.update(admin, 'globex', { topics: ['acme/7/+'] }))).toMatch(/granted/);
    expect(await vendors.update(admin, 'globex', { topics: ['acme/7/+'], shareTopics: true })).toMatchObject({
      topics: ['acme/7/+'],
    });
    for (const id of ['me', 'applications'])
      expect(await refusal(vendors.create(admin, { id, name: 'x' }))).toMatch(/reserved/);

    await addKey('k1', 'acme');
    await addKey('k2', 'acme', { expires: '2000-01-01' });
    await addKey('k3', 'acme', { scopes: '{devices:read}' });
    await directory.load(database.db.autocommit);
    expect(directory.byId('acme')).toMatchObject({ topics: ['acme/+/up', 'openevse/#'] });
    expect(directory.mqttKeys('acme').map(({ id }) => id)).toEqual(['k1']);
    expect(directory.closed('nobody')).toBe('unknown');
    expect(await vendors.get(admin, 'acme')).toMatchObject({
      hasKey: true,
      state: 'active',
      flags: ['agreementMissing'],
    });
    expect(await vendors.get(own('acme'), 'acme')).toMatchObject({ id: 'acme' });
    expect(await refusal(vendors.get(own('globex'), 'acme'))).toBe('NOT_FOUND');
    for (const work of [
      vendors.update(own('acme'), 'acme', { topics: ['b/#'] }),
      vendors.create(own('acme'), { name: 'x' }),
      vendors.remove(own('acme'), 'acme'),
    ]) {
      expect(await refusal(work)).toBe('FORBIDDEN');
    }
  });

  it('invites a company under an id and with topics of the administrator’s choice, by the rules of every vendor', async () => {
    await emptied();
    const { invitations, vendors } = createRig();
    const invited = { id: 'qingyuan', name: '清源水务', topics: ['qingyuan/#'] };
    expect((await invitations.inviteNew(admin, invited)).vendor).toMatchObject({ ...invited, state: 'invited' });
    expect(await refusal(invitations.inviteNew(admin, { ...invited, topics: [] }))).toMatch(/^CONFLICT/);
    const invite = (id: string, rest: object) => invitations.inviteNew(admin, { id, name: '乙厂', ...rest });
    expect(await refusal(invite('me', {}))).toBe('INVALID_INPUT /id reserved');
    expect(await refusal(invite('yi', { topics: ['#'] }))).toMatch(/^INVALID_INPUT \/topics\/0/);
    expect(await refusal(invite('yi', { topics: ['qingyuan/up'] }))).toMatch(/^INVALID_INPUT \/topics\/0/);
    expect(await vendors.list(admin, {})).toMatchObject({ total: 1 });
    await invite('yi', { topics: ['qingyuan/up'], shareTopics: true });
  });

  it('opens an account by an invitation once, even when two use it at the same moment', async () => {
    await emptied();
    const { invitations, vendors, accounts, clock, directory } = createRig();
    const made = await invitations.inviteNew(admin, { name: '甲厂', moduleIds: ['charging'] });
    expect(made.token).toMatch(/^cgwi_.{30,}$/);
    expect(made.vendor).toMatchObject({ state: 'invited', agreementRequired: true, access: { open: false } });
    const as = (username: string, token = made.token) =>
      invitations.accept({ token, username, name: '李工', password: PASSWORD }, '10.0.0.9');
    expect(await refusal(as('wang', 'cgwi_guess'))).toBe('NOT_FOUND');
    expect(
      await refusal(invitations.accept({ token: made.token, username: 'w', name: 'x', password: 'short' }, 'a')),
    ).toMatch(/^INVALID_INPUT/);
    const both = await Promise.all([refusal(as('first')), refusal(as('second'))]);
    expect(both.sort()).toEqual(['NOT_FOUND', 'accepted']);
    expect(await refusal(as('third'))).toBe('NOT_FOUND');
    const { rows } = await sql(database.db.autocommit).query('select 1 from app_user where vendor_id is not null');
    expect(rows).toHaveLength(1);
    // In service, but not before its confidentiality agreement is on record.
    expect(directory.closed(made.vendor.id)).toBe('agreementMissing');
    const agreement = { signedOn: '2026-11-01', expiresOn: '2027-11-01' };
    expect(await vendors.update(admin, made.vendor.id, { agreement })).toMatchObject({ access: { open: true } });

    const late = await invitations.invite(admin, made.vendor.id, {});
    const later = await invitations.invite(admin, made.vendor.id, {});
    expect(await refusal(as('fourth', late.token))).toBe('NOT_FOUND');
    clock.advance(7 * DAY + 1);
    expect(await refusal(as('fifth', later.token))).toBe('NOT_FOUND');
    const again = await invitations.invite(admin, made.vendor.id, {});
    await accounts.turn(admin, made.vendor.id, 'end', { reason: '合作结束' });
    expect(await refusal(as('sixth', again.token))).toBe('NOT_FOUND');
    expect(await refusal(invitations.invite(admin, made.vendor.id, {}))).toBe('CONFLICT');
    expect(await refusal(invitations.list(own('other'), made.vendor.id))).toBe('FORBIDDEN');
    expect((await audited('acceptInvitation')).map(({ resourceId }) => resourceId)).toEqual([made.vendor.id]);
  });

  it('takes applications in without telling who is known, bounded in number, and lets them in by approval only', async () => {
    await emptied();
    const { applications, accounts, vendors, settings, clock } = createRig();
    expect(await refusal(applications.apply({ ...application, creditCode: '91350100M000100Y44' }, 'a'))).toBe(
      'INVALID_INPUT /creditCode creditCode',
    );
    // The same company at the same moment, from two addresses: one record, and both hear the same.
    expect(
      await Promise.all([
        applications.apply(application, 'b'),
        applications.apply({ ...application, company: '冒名' }, 'c'),
      ]),
    ).toEqual([undefined, undefined]);
    const [waiting, ...others] = (await vendors.list(admin, { where: { state: 'applied' } })).items;
    expect(others).toEqual([]);
    const id = waiting?.id ?? '';
    expect(waiting).toMatchObject({ creditCode: CODE, access: { open: false, reason: 'applied' } });
    expect((await audited('applyAgain')).length).toBe(1);

    expect(await refusal(accounts.turn(own(id), id, 'approve', { reason: 'x' }))).toBe('FORBIDDEN');
    expect(await refusal(accounts.turn(admin, id, 'approve', { reason: '资质齐全' }))).toMatch(
      /^UNPROCESSABLE \/agreement/,
    );
    await vendors.update(admin, id, { agreement: { signedOn: '2026-11-01', expiresOn: '2027-11-01' } });
    const approved = await accounts.turn(admin, id, 'approve', { reason: '资质齐全' });
    expect(approved).toMatchObject({ username: CODE, vendor: { state: 'active', access: { open: true } } });
    expect(approved.password?.length).toBeGreaterThan(8);
    expect(await refusal(accounts.turn(admin, id, 'approve', { reason: 'x' }))).toBe('TRANSITION_NOT_ALLOWED');

    for (const n of [1, 2, 3, 4, 5, 6]) {
      const answer = await refusal(applications.apply(application, '203.0.113.9'));
      expect([n, answer]).toEqual([n, n <= 5 ? 'accepted' : 'TOO_MANY_REQUESTS']);
    }
    // From many addresses: the gate closes for all, after 60 an hour.
    const flood = await Promise.all(
      Array.from({ length: 80 }, (_, n) => refusal(applications.apply(application, `198.51.100.${n}`))),
    );
    expect(flood.filter((answer) => answer === 'accepted').length).toBeLessThan(60);
    clock.advance(HOUR);
    expect(await refusal(applications.apply(application, '203.0.113.9'))).toBe('accepted');
    settings.vendorApplications = false;
    expect(await refusal(applications.apply(application, 'z'))).toBe('FORBIDDEN');
  });

  it('ends access with the day of its papers in the zone of the street, cuts its keys, and tells it once', async () => {
    await emptied();
    const rig = createRig();
    const { vendors, directory, clock, cut, notices } = rig;
    await vendors.create(admin, {
      id: 'acme',
      name: '甲厂',
      contact: { name: '王工', phone: '021-55550101' },
      contract: { no: 'HT-1', from: '2025-11-24', to: '2026-11-23' },
      agreement: { signedOn: '2026-01-01', expiresOn: '2027-11-23' },
    });
    await vendors.create(admin, { id: 'old', name: '老厂' });
    await addKey('k1', 'acme');
    await addKey('k2', 'old');
    await rig.load();
    await rig.refresh();
    expect(directory.closed('acme')).toBeNull();
    expect(notices.map(({ key, severity }) => [key, severity])).toEqual([
      ['vendor:acme:contract:2026-11-23:1', 'major'],
    ]);
    expect(notices[0]?.vendor).toMatchObject({ name: '甲厂', daysLeft: 0, contact: { name: '王工' } });

    clock.advance(HOUR - 1);
    expect(directory.keyWorks('acme', 'k1')).toBe(true);
    clock.advance(1);
    // Midnight: refused at once, the live session cut with the next look.
    expect(directory.closed('acme')).toBe('contractEnded');
    expect(directory.keyWorks('acme', 'k1')).toBe(false);
    await rig.refresh();
    expect(cut).toEqual(['key:k1 vendorAccessEnded']);
    expect(notices.map(({ fault }) => fault)).toEqual(['vendorAccessEnding', 'vendorAccessEnded']);
    expect(await audited('accessEnded')).toMatchObject([{ resourceId: 'acme', after: { reason: 'contractEnded' } }]);
    for (let minute = 0; minute < 3; minute++) {
      clock.advance(10 * 60_000);
      await rig.refresh();
    }
    expect([cut.length, notices.length]).toEqual([1, 2]);
    // A process that starts later tells nothing again.
    const other = createRig(clock.now());
    await other.load();
    await other.refresh();
    expect(other.notices).toEqual([]);

    await vendors.update(admin, 'acme', { contract: { no: 'HT-2', to: '2027-11-23' } });
    expect(directory.closed('acme')).toBeNull();
    expect(await vendors.get(admin, 'acme')).toMatchObject({
      access: { open: true, endsOn: '2027-11-23', daysLeft: 364 },
    });
    // The one from before agreements were recorded was never touched.
    expect(directory.closed('old')).toBeNull();
  });

  it('warns 30, 7 and 1 days before, once each, and what was missed by the nearest step only', async () => {
    await emptied();
    const rig = createRig();
    await rig.vendors.create(admin, {
      id: 'acme',
      name: '甲厂',
      agreement: { signedOn: '2026-01-01', expiresOn: '2026-12-31' },
    });
    await rig.load();
    const told: (string | undefined)[] = [];
    for (let day = 0; day <= 39; day++) {
      await rig.refresh();
      for (const notice of rig.notices.splice(0)) told.push(`${notice.vendor?.daysLeft} ${notice.fault}`);
      rig.clock.advance(DAY);
    }
    expect(told).toEqual([
      '30 vendorAccessEnding',
      '7 vendorAccessEnding',
      '1 vendorAccessEnding',
      '-1 vendorAccessEnded',
    ]);
    await rig.vendors.update(admin, 'acme', { agreement: { signedOn: '2026-12-01', expiresOn: '2027-01-05' } });
    await rig.refresh();
    expect(rig.notices.map(({ key }) => key)).toEqual(['vendor:acme:agreement:2027-01-05:7']);
  });

  it('says whose silence is our own doing, and gives a vendor time to come back', async () => {
    await emptied();
    const rig = createRig();
    const heard: string[] = [];
    rig.onUnmuted((id) => heard.push(id));
    await rig.vendors.create(admin, { id: 'acme', name: '甲厂' });
    await rig.vendors.create(admin, { id: 'globex', name: '乙厂' });
    await rig.load();
    await rig.accounts.turn(admin, 'acme', 'suspend', { reason: '核查中' });
    expect([rig.muted('acme'), rig.muted('globex')]).toEqual([true, false]);
    rig.clock.advance(HOUR);
    await rig.refresh();
    await rig.accounts.turn(admin, 'acme', 'resume', { reason: '已核实' });
    expect(rig.muted('acme')).toBe(true);
    rig.clock.advance(14 * 60_000);
    await rig.refresh();
    expect([rig.muted('acme'), heard]).toEqual([true, []]);
    rig.clock.advance(60_000);
    await rig.refresh();
    expect([rig.muted('acme'), heard]).toEqual([false, ['acme']]);

    // What an earlier process kept quiet: this one looks again, too.
    await sql(database.db.autocommit).script(`
      insert into device (id, type, name, vendor_id, lifecycle) values ('m1', 'test/charger', 'm1', 'globex', 'active');
      insert into incident (id, kind, key, device, fault, reason, severity, state, opened_at, path, last_at, suppressed)
        select 'i1', 'device', 'm1', key, 'offline', 'silent', 'major', 'open', now(), 'mqtt', now(), array['vendorAccessEnded']
        from device where id = 'm1'`);
    const next = createRig(rig.clock.now());
    next.onUnmuted((id) => heard.push(id));
    await next.load();
    next.clock.advance(15 * 60_000);
    await next.refresh();
    expect(heard).toEqual(['acme', 'globex']);
  });

  it('suspends, ends and resumes with a reason, and cuts what was open', async () => {
    await emptied();
    const rig = createRig();
    const { vendors, accounts, cut, directory } = rig;
    await vendors.create(admin, { id: 'acme', name: '甲厂' });
    await addKey('k1', 'acme');
    await rig.load();
    const turn = (action: 'suspend' | 'resume' | 'end' | 'reject') =>
      refusal(accounts.turn(admin, 'acme', action, { reason: '核查中' }));
    expect(await turn('suspend')).toBe('accepted');
    expect(cut).toEqual(['key:k1 vendorAccessEnded']);
    expect(directory.closed('acme')).toBe('suspended');
    expect(await turn('reject')).toBe('TRANSITION_NOT_ALLOWED');
    expect(await turn('resume')).toBe('accepted');
    expect(directory.keyWorks('acme', 'k1')).toBe(true);
    expect(await turn('end')).toBe('accepted');
    expect(await vendors.get(admin, 'acme')).toMatchObject({ state: 'ended', stateReason: '核查中' });
    expect(await refusal(accounts.turn(admin, 'acme', 'resume', { reason: '' }))).toMatch(/^INVALID_INPUT/);
    expect(await refusal(accounts.turn(admin, 'nobody', 'resume', { reason: 'x' }))).toBe('NOT_FOUND');
  });

  it('keeps the scan of an agreement by its hash, judged by its first bytes, and gives it out for a purpose only', async () => {
    await emptied();
    const rig = createRig();
    const { vendors, agreements } = rig;
    await vendors.create(admin, { id: 'acme', name: '甲厂' });
    const pdf = Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(100, 7)]);
    const upload = (content: Uint8Array, name = '../../etc/保密协议.pdf') =>
      agreements.upload(admin, 'acme', { name, content });
    expect(await refusal(upload(pdf))).toBe('UNPROCESSABLE');
    await vendors.update(admin, 'acme', { agreement: { signedOn: '2026-11-01', expiresOn: '2027-11-01' } });
    expect(await refusal(upload(Buffer.from('<script>')))).toBe('INVALID_INPUT / fileKind');
    expect(await refusal(upload(Buffer.alloc(0)))).toBe('INVALID_INPUT / fileKind');
    expect(await refusal(upload(Buffer.concat([pdf, Buffer.alloc(5 * 1024 * 1024)])))).toBe('PAYLOAD_TOO_LARGE');
    const { agreement } = await upload(pdf);
    expect(agreement?.file).toMatchObject({ name: '保密协议.pdf', mediaType: 'application/pdf', bytes: pdf.length });
    expect(await refusal(agreements.upload(own('acme'), 'acme', { name: 'x', content: pdf }))).toBe('FORBIDDEN');
    expect(await refusal(agreements.download(admin, 'acme', { purpose: '' }))).toMatch(/^INVALID_INPUT/);
    expect(await refusal(agreements.download(own('acme'), 'acme', { purpose: '年度核查' }))).toBe('FORBIDDEN');
    const file = await agreements.download(admin, 'acme', { purpose: '年度核查' });
    expect(Buffer.from(file.content).equals(pdf)).toBe(true);
    expect(await audited('export')).toHaveLength(1);
    // Changed behind our back: not given out as what was signed.
    await writeFile(join(dir, agreement?.file?.sha256 ?? ''), 'forged');
    expect(await refusal(agreements.download(admin, 'acme', { purpose: '年度核查' }))).toBe('NOT_FOUND');
    // The same agreement with a corrected end keeps its scan, a new one has none.
    const renewed = await vendors.update(admin, 'acme', {
      agreement: { signedOn: '2026-11-01', expiresOn: '2028-11-01' },
    });
    expect(renewed.agreement?.file).not.toBeNull();
    const next = await vendors.update(admin, 'acme', {
      agreement: { signedOn: '2027-11-01', expiresOn: '2028-11-01' },
    });
    expect(next.agreement?.file).toBeNull();
  });

  it('counts what a vendor uses, keeps the day over a restart, and says when a quota is used up', async () => {
    await emptied();
    const rig = createRig();
    const { db } = database;
    rig.settings.vendorQuotas = { requestsPerMinute: 60 };
    await rig.vendors.create(admin, { id: 'acme', name: '甲厂', quotas: { messagesPerDay: 5, maxDevices: 1 } });
    await rig.load();
    expect(rig.usage.quotasOf('acme')).toMatchObject({ messagesPerDay: 5, requestsPerMinute: 60, maxDeviceTypes: 50 });
    const sent = Array.from({ length: 3 }, () => rig.allowance.take('acme'));
    await rig.usage.flush(db.autocommit);
    sent.push(rig.allowance.take('acme'));
    await rig.usage.flush(db.autocommit);
    await rig.usage.flush(db.autocommit);

    const next = createRig(rig.clock.now());
    await next.load();
    sent.push(next.allowance.take('acme'), next.allowance.take('acme'));
    next.allowance.refused('acme');
    expect(sent).toEqual([true, true, true, true, true, false]);
    expect(await next.self.me(own('acme'))).toMatchObject({
      limits: { messagesPerDay: 5 },
      usage: { day: '2026-11-23', messages: 5, refused: 1, devices: 0, quarantine: 0 },
    });
    next.clock.advance(HOUR);
    expect(next.allowance.take('acme')).toBe(true);
    await next.usage.flush(db.autocommit);
    const { rows } = await sql(db.autocommit).query<{ day: string; messages: number }>(
      'select day::text, messages::int as messages from vendor_usage order by day',
    );
    expect(rows).toEqual([
      { day: '2026-11-23', messages: 5 },
      { day: '2026-11-24', messages: 1 },
    ]);

    expect(Array.from({ length: 62 }, () => rig.gate.request('acme')).filter((wait) => wait > 0)).toHaveLength(2);
    rig.clock.advance(60_000);
    expect(rig.gate.request('acme')).toBe(0);

    const { devices } = rig.self.room;
    expect(await refusal(db.transaction((tx) => devices(tx, own('acme'), 1)))).toBe('accepted');
    expect(await refusal(db.transaction((tx) => devices(tx, own('acme'), 2)))).toBe('QUOTA_EXCEEDED');
    expect(await refusal(db.transaction((tx) => devices(tx, admin, 2)))).toBe('accepted');
    await sql(db.autocommit).query(`insert into uploaded_type (id, vendor_id) values ('acme/box', 'acme')`);
    await rig.vendors.update(admin, 'acme', { quotas: { maxDeviceTypes: 1 } });
    const { deviceTypes } = rig.self.room;
    expect(await refusal(db.transaction((tx) => deviceTypes(tx, own('acme'), 'acme/box')))).toBe('accepted');
    expect(await refusal(db.transaction((tx) => deviceTypes(tx, own('acme'), 'acme/other')))).toBe('QUOTA_EXCEEDED');
    expect(await refusal(rig.self.me(admin))).toBe('NOT_FOUND');
    const contact = { name: '赵工', phone: '13800000000' };
    expect(await rig.self.changeMe(own('acme'), { contact })).toMatchObject({ contact });
    expect(await refusal(rig.self.changeMe(own('acme'), { contact, quotas: {} } as never))).toMatch(/unknownField/);
  });

  it('keeps as many refused messages of each vendor as its quota says, and of others all', async () => {
    await emptied();
    const rig = createRig();
    const { db } = database;
    await rig.vendors.create(admin, { id: 'acme', name: '甲厂', quotas: { quarantineRows: 2 } });
    await rig.vendors.create(admin, { id: 'globex', name: '乙厂' });
    await rig.load();
    await sql(db.autocommit).query(
      `insert into quarantine (received_at, via, principal, topic, payload, code, detail)
       select now(), 'mqtt', p, 'x', '', 'X', n::text
       from unnest(array['vendor:acme', 'vendor:globex', 'device:d1']) p, generate_series(1, 5) n`,
    );
    await rig.upkeep();
    const { rows } = await sql(db.autocommit).query<{ principal: string; kept: string[] }>(
      'select principal, array_agg(detail order by id) as kept from quarantine group by principal order by principal',
    );
    expect(rows).toEqual([
      { principal: 'device:d1', kept: ['1', '2', '3', '4', '5'] },
      { principal: 'vendor:acme', kept: ['4', '5'] },
      { principal: 'vendor:globex', kept: ['1', '2', '3', '4', '5'] },
    ]);
  });
});
