import { describe, expect, test } from 'vitest';
import { createCareBench, MINUTE } from '../../test/support/care.ts';
import { ENGINES } from '../../test/support/databases.ts';
import { SYSTEM } from '../domain/actor.ts';
import { sql } from '../store/database.ts';

describe.each(ENGINES)('limits, levels and life safety on %s', (engine) => {
  const t = createCareBench(engine);
  const { begin, addChannel, add, notice, smoke, pending, settle, start, densest } = t;

  test('500 waiting notices become digests within the limit; a smoke alarm among them leaves at once and alone', async () => {
    await addChannel('duty');
    await add(...Array.from({ length: 500 }, (_, n) => notice(n)));
    start();
    await settle();
    const raisedAt = t.clock.now();
    await add(smoke(1));
    t.notify.sender.kick();
    await expect.poll(() => t.said.map(({ key }) => key), { timeout: 20_000 }).toContain('fire_1:1');
    const fire = t.said.find((message) => message.key === 'fire_1:1');
    expect(fire?.at).toBe(raisedAt);
    expect(fire?.title).toContain('【生命安全】');
    for (let step = 0; step < 20 && (await pending()) > 0; step++) {
      t.clock.advance(16_000);
      t.notify.sender.kick();
      await settle();
    }
    expect(await pending()).toBe(0);
    expect(densest()).toBeLessThanOrEqual(18);
    const digests = t.said.filter((message) => message.count !== undefined);
    expect(digests.length).toBeGreaterThan(0);
    expect(t.said.reduce((sum, message) => sum + (message.count ?? 1), 0)).toBe(501);
    for (const { text } of t.said) expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1_500);
    const rows = await t.notify.notifications.messages({ limit: 500, state: 'sent' });
    expect(rows.length).toBe(500);
    expect(new Set(rows.map((row) => row.message)).size).toBeLessThan(60);
  });

  test('an acknowledged incident that is still open when its time is over is told once more', async () => {
    const opened = new Date(t.clock.now()).toISOString();
    const insert = (id: string, state: string, over: string | null) =>
      sql(t.database.db.autocommit).query(
        `insert into incident (id, kind, key, fault, reason, severity, state, opened_at, path, resolved_at, last_at)
         values ($1, 'group', $1, 'offline', 'sameCause', 'major', $2, $3::timestamptz, 'mqtt', $4::timestamptz, $3::timestamptz)`,
        [id, state, opened, over],
      );
    await insert('in_known', 'open', null);
    await insert('in_over', 'resolved', opened);
    const see = (id: string, until = t.clock.now() + 60 * MINUTE) =>
      t.notify.notifications.acknowledgeIncident(SYSTEM, id, { note: '已派人', until });
    await expect(see('in_over')).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(see('in_known', t.clock.now() - 1)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await addChannel('duty');
    await add(notice(1, { incidentId: 'in_known' }));
    await see('in_known');
    start();
    await expect.poll(() => t.said.length).toBe(1);
    t.clock.advance(59 * MINUTE);
    await t.notify.insistence.look();
    expect(await pending()).toBe(0);
    t.clock.advance(2 * MINUTE);
    await t.notify.insistence.look();
    await t.notify.insistence.look();
    await expect.poll(() => t.said.length).toBe(2);
    expect(t.said[1]?.title).toContain('【确认到期，仍未恢复】');
    await sql(t.database.db.autocommit).query(`delete from incident where id in ('in_known', 'in_over')`, []);
  });

  test('a restart does not burst, and neither do two gateways', async () => {
    await addChannel('duty');
    await add(...Array.from({ length: 14 }, (_, n) => notice(n)));
    start();
    await expect.poll(() => t.said.length, { timeout: 20_000 }).toBe(14);
    await expect.poll(pending, { timeout: 20_000 }).toBe(0);
    await t.notify.sender.stop();
    await add(...Array.from({ length: 5 }, (_, n) => notice(100 + n)));
    start(begin());
    start(begin());
    await settle();
    expect(t.said.length).toBe(14);
    t.clock.advance(58_000);
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(t.said.length).toBe(14);
    t.clock.advance(4_000);
    await expect.poll(() => t.said.length, { timeout: 20_000 }).toBe(19);
  });

  test('a platform that throttles is left alone as long as it asks; life and limb asks again after a minute', async () => {
    await addChannel('duty');
    t.answer = () => ({ outcome: 'retry', detail: '130101 send too fast', retryAfter: 10 * MINUTE, throttled: true });
    await add(notice(1));
    start();
    await expect.poll(async () => (await t.notify.notifications.messages({ limit: 1 }))[0]?.detail).toMatch('130101');
    t.answer = () => ({ outcome: 'sent', detail: 'ok' });
    await add(notice(2));
    t.clock.advance(9 * MINUTE);
    await settle();
    expect(t.said).toEqual([]);
    await add(smoke(1));
    await expect.poll(() => t.said.map(({ key }) => key)).toEqual(['fire_1:1']);
    t.clock.advance(2 * MINUTE);
    await expect.poll(() => t.said.length, { timeout: 20_000 }).toBe(3);
    const rows = await t.notify.notifications.messages({ limit: 9 });
    expect(rows.map((row) => row.attempts)).toEqual([1, 1, 1]);
  });

  test('a long report leaves whole, in order, in several messages, and never as a line of a digest', async () => {
    await addChannel('duty');
    const text = Array.from({ length: 60 }, (_, n) => `第 ${n} 行：新增离线设备一台，请处理`).join('\n');
    const words = { zh: '巡检日报', en: 'Daily report' };
    const report = { kind: 'daily', period: '2026-11-23', title: words, text: { zh: text, en: 'x' } };
    await add(notice(1, { event: 'report', report }), ...Array.from({ length: 30 }, (_, n) => notice(2 + n)));
    start();
    await expect.poll(pending, { timeout: 20_000 }).toBe(0);
    const parts = t.said.filter(({ title }) => title.startsWith('巡检日报'));
    expect(parts.map(({ title }) => title)).toEqual(parts.map((_, n) => `巡检日报 (${n + 1}/${parts.length})`));
    expect(parts.map((part) => part.text.slice(part.title.length + 1)).join('\n')).toBe(text);
  });

  test('in a digest too, a resolved goes after its firing and to who was told', async () => {
    await addChannel('duty');
    await add(...Array.from({ length: 20 }, (_, n) => notice(n)));
    await add(...Array.from({ length: 20 }, (_, n) => notice(n, { key: `tk_${n}:2`, event: 'resolved' })));
    start();
    await expect.poll(pending, { timeout: 20_000 }).toBe(0);
    const all = t.said.map(({ text }) => text).join('\n');
    expect(all.match(/【已恢复】/g)?.length).toBe(20);
    expect(all.indexOf('【重要】')).toBeLessThan(all.indexOf('【已恢复】'));
  });

  test('life and limb is repeated every five minutes and raised after one, until it is over', async () => {
    await addChannel('duty');
    await addChannel('leader', { level: 2 });
    await addChannel('chief', { level: 3 });
    await add(smoke(1));
    start();
    await expect.poll(() => t.said.length).toBe(1);
    t.clock.advance(4 * MINUTE);
    expect(await t.notify.insistence.look()).toMatchObject({ repeated: 0, raised: 0 });
    t.clock.advance(MINUTE);
    expect(await t.notify.insistence.look()).toMatchObject({ repeated: 1, raised: 1 });
    await expect.poll(() => t.said.map(({ key }) => key).sort()).toEqual(['fire_1:1', 'fire_1:1!2', 'fire_1:1#1']);
    expect(t.said.find(({ key }) => key === 'fire_1:1!2')).toMatchObject({ channel: 'http://leader.cn/' });
    expect(t.said.find(({ key }) => key === 'fire_1:1!2')?.title).toContain('【升级提醒】');
    expect(t.said.find(({ key }) => key === 'fire_1:1#1')?.title).toContain('【第 2 次提醒】');
    expect(await t.notify.insistence.look()).toMatchObject({ repeated: 0, raised: 0 });
    t.clock.advance(5 * MINUTE);
    expect(await t.notify.insistence.look()).toMatchObject({ repeated: 2, raised: 1 });
    await add(smoke(1, { key: 'fire_1:2', event: 'resolved' }));
    await expect.poll(() => t.said.filter(({ notice }) => notice.event === 'resolved').length).toBe(3);
    t.clock.advance(60 * MINUTE);
    expect(await t.notify.insistence.look()).toMatchObject({ repeated: 0, raised: 0 });
  });

  test('a dead channel is one more reason to raise', async () => {
    await addChannel('duty');
    await addChannel('leader', { level: 2 });
    t.answer = () => ({ outcome: 'permanent', detail: '93000 invalid key' });
    await add(smoke(1));
    start();
    await expect.poll(async () => (await t.notify.notifications.messages({ limit: 9, state: 'dead' })).length).toBe(1);
    t.answer = () => ({ outcome: 'sent', detail: 'ok' });
    t.clock.advance(5 * MINUTE);
    expect(await t.notify.insistence.look()).toMatchObject({ repeated: 1, raised: 1 });
    await expect.poll(() => t.said.length).toBe(2);
  });

  test('without a rule of the first level or of this hour somebody is told all the same', async () => {
    await addChannel('leader', { level: 2 });
    await add(smoke(1), notice(1));
    expect((await t.notify.notifications.messages({ limit: 9 })).map(({ key }) => key)).toEqual(['fire_1:1']);
    await addChannel('night', { times: { days: [1, 2, 3, 4, 5, 6, 7], from: '20:00', to: '08:00' } });
    await add(smoke(2));
    expect((await t.notify.notifications.messages({ limit: 1 }))[0]?.key).toBe('fire_2:1');
  });

  test('a rule, a channel or a mended rule that is new tells what lasts since before it, once, marked 补报', async () => {
    await add(smoke(1), smoke(2), smoke(3), notice(4));
    await add(smoke(2, { key: 'fire_2:2', event: 'resolved' }));
    t.clock.advance(60 * MINUTE);
    expect(await t.notify.insistence.look()).toMatchObject({ late: 0 });
    const duty = await addChannel('duty', { faults: ['smoke'] });
    const other = await addChannel('other', { minSeverity: 'critical', orgIds: ['elsewhere'] });
    start();
    expect(await t.notify.insistence.look()).toMatchObject({ late: 2 });
    expect(await t.notify.insistence.look()).toMatchObject({ late: 0 });
    await expect.poll(() => t.said.length).toBe(2);
    expect(t.said[0]).toMatchObject({
      channel: 'http://duty.cn/',
      title: expect.stringContaining('【生命安全】【补报】'),
    });
    expect(t.said[0]?.text).toContain('事发时没有可用的通知规则或渠道');
    expect((await t.notify.auditor.audit()).map(({ code }) => code)).not.toContain('lifeSafetyUntold');
    // Late and earnest: it is repeated, and told to who comes next.
    await t.notify.notifications.changeChannel(SYSTEM, duty, { enabled: false });
    await add(smoke(5));
    t.clock.advance(MINUTE);
    await t.notify.notifications.changeChannel(SYSTEM, duty, { enabled: true });
    expect(await t.notify.insistence.look()).toMatchObject({ late: 1 });
    await expect.poll(() => t.said.map(({ key }) => key)).toContain('fire_5:1+late');
    const [rule] = (await t.notify.notifications.rules()).filter(({ channelId }) => channelId === other);
    await t.notify.notifications.changeRule(SYSTEM, rule?.id ?? '', { orgIds: null });
    expect(await t.notify.insistence.look()).toMatchObject({ late: 3 });
    await add(smoke(1, { key: 'fire_1:9', event: 'resolved' }));
    await expect.poll(() => t.said.filter(({ notice }) => notice.event === 'resolved').length).toBe(2);
  });

  test('a higher level that is new hears of what nobody answered', async () => {
    await addChannel('duty');
    await add(smoke(1));
    t.clock.advance(6 * MINUTE);
    expect(await t.notify.insistence.look()).toMatchObject({ raised: 0 });
    t.clock.advance(MINUTE);
    await addChannel('leader', { level: 2 });
    expect(await t.notify.insistence.look()).toMatchObject({ raised: 1 });
    expect(await t.notify.insistence.look()).toMatchObject({ raised: 0 });
  });

  test('acknowledged by a person: nothing is repeated or raised, and the audit and the ticket say who', async () => {
    await addChannel('duty');
    await sql(t.database.db.autocommit).query(
      `insert into ticket (id, no, kind, fault, priority, severity, life_safety, stage, stage_since, opened_at, round_since)
       values ('tk_9', '20261123-0009', 'event', 'smoke', 'critical', 'critical', true, 'dispatched', now(), now(), now())`,
    );
    await add(smoke(9, { key: 'tk_9:1', subject: 'tk_9', ticketId: 'tk_9' }));
    start();
    await expect.poll(() => t.said.length).toBe(1);
    const li = { ...SYSTEM, kind: 'user', id: 'li', name: '李卫' } as const;
    expect(await t.notify.acknowledgements.acknowledge(li, { ticketId: 'tk_9' })).toMatchObject({ by: 'user:li' });
    const wang = { ...li, id: 'wang', name: '王' } as const;
    expect(await t.notify.acknowledgements.acknowledge(wang, { ticketId: 'tk_9' })).toMatchObject({ by: 'user:li' });
    t.clock.advance(60 * MINUTE);
    expect(await t.notify.insistence.look()).toMatchObject({ repeated: 0, raised: 0 });
    const log = await sql(t.database.db.autocommit).query(
      `select code, vars from ticket_history where ticket_id = 'tk_9'`,
    );
    expect(log.rows).toEqual([{ code: 'acknowledged', vars: { who: '李卫' } }]);
    await add(smoke(9, { key: 'tk_9:2', subject: 'tk_9', ticketId: 'tk_9' }));
    t.clock.advance(5 * MINUTE);
    expect((await t.notify.insistence.look()).raised).toBe(0);
    await expect.poll(() => t.said.length).toBe(2);
    t.clock.advance(5 * MINUTE);
    expect((await t.notify.insistence.look()).repeated).toBe(1);
    await expect(t.notify.acknowledgements.acknowledge(li, { ticketId: 'tk_1' })).rejects.toMatchObject({
      code: 'UNPROCESSABLE',
    });
  });

  test('the link of a message acknowledges its one subject, only when used, only unchanged, only in time', async () => {
    await addChannel('值班群');
    await add(smoke(1), smoke(2));
    start();
    await expect.poll(() => t.said.length).toBe(2);
    const url = t.said.find(({ key }) => key === 'fire_1:1')?.links?.[0]?.url ?? '';
    expect(url).toMatch(/^https:\/\/cgw\.example\.cn\/acknowledge\//);
    const token = url.slice(url.lastIndexOf('/') + 1);
    const { look, byLink } = t.notify.acknowledgements;
    expect(await look(token, 'zh-CN')).toMatchObject({ state: 'open', text: expect.stringContaining('烟雾报警') });
    expect(await look(token, 'zh-CN')).toMatchObject({ state: 'open' });
    for (const wrong of [token.slice(0, -2), `x${token}`, 'a.b', '', `${token.split('.')[0]}.`])
      expect(await byLink(wrong, '李', '10.0.0.1', 'zh-CN')).toMatchObject({ state: 'invalid' });
    expect(await byLink(token, ' 李\u0000卫 ', '10.0.0.1', 'zh-CN')).toMatchObject({
      state: 'done',
      by: 'link:李 卫（通过确认链接）',
      at: t.clock.now(),
    });
    expect(await byLink(token, '别人', '10.0.0.1', 'zh-CN')).toMatchObject({ by: 'link:李 卫（通过确认链接）' });
    const open = await t.notify.notifications.messages({ limit: 9 });
    expect(open.map((row) => [row.key, row.acknowledgedAt !== null])).toEqual([
      ['fire_2:1', false],
      ['fire_1:1', true],
    ]);
    t.clock.advance(3 * 86_400_000 + 1);
    expect(await look(token, 'zh-CN')).toMatchObject({ state: 'expired' });
  });

  test('rules of a street take what lies in its subtree; the analyser says why others did not', async () => {
    await sql(
      t.database.db.autocommit,
    ).script(`insert into org (id, kind, level, name) values ('street', 'area', 3, '街道');
      insert into org (id, parent_id, kind, level, name) values ('hood', 'street', 'area', 4, '居委')`);
    const street = await addChannel('street', { orgIds: ['street'], language: 'en' });
    await addChannel('other', { orgIds: ['elsewhere'] });
    await addChannel('severe', { minSeverity: 'critical' });
    await addChannel('office', { times: { when: 'off' } });
    const off = await addChannel('closed', {});
    await t.notify.notifications.changeChannel(SYSTEM, off, { enabled: false });
    t.clock.advance(2 * 60 * MINUTE);
    await add(notice(1, { ticketId: 'tk_1' }));
    start();
    await expect.poll(() => t.said.map(({ channel }) => channel)).toEqual(['http://street.cn/']);
    expect(t.said[0]?.title).toBe('[major] offline: 充电柜1');
    const { notices, neverRaised } = await t.notify.notifications.analyse({ ticketId: 'tk_1' });
    expect(neverRaised).toBe(false);
    const whys = Object.fromEntries(notices[0]?.rules.map(({ channelName, why }) => [channelName, why]) ?? []);
    expect(whys).toEqual({
      street: null,
      other: 'org',
      severe: 'severity',
      office: 'times',
      closed: 'channelDisabled',
    });
    expect(notices[0]).toMatchObject({ channels: 1, sent: [{ channelId: street, state: 'sent', attempts: 1 }] });
    t.clock.advance(MINUTE);
    await addChannel('later', {});
    const again = (await t.notify.notifications.analyse({ ticketId: 'tk_1' })).notices[0]?.rules;
    expect(again?.find(({ channelName }) => channelName === 'later')).toMatchObject({ matched: false, why: 'notThen' });
    expect(again?.find(({ channelName }) => channelName === 'street')).toMatchObject({ matched: true, why: null });
    expect(await t.notify.notifications.analyse({ ticketId: 'tk_2' })).toMatchObject({ neverRaised: true });
    const tried = await t.notify.notifications.tryOut(notice(5, { severity: 'critical', orgId: null }));
    expect(
      tried.rules
        .filter(({ matched }) => matched)
        .map(({ channelName }) => channelName)
        .sort(),
    ).toEqual(['later', 'severe']);
    expect(await pending()).toBe(0);
  });

  test('a rule of the second level hears what was escalated, and nothing else', async () => {
    await addChannel('leader', { level: 2 });
    await add(notice(1), notice(2, { event: 'escalated', level: 2 }), notice(3, { event: 'overdue' }));
    expect((await t.notify.notifications.messages({ limit: 9 })).map(({ key }) => key)).toEqual(['tk_2:1']);
  });

  test('a mass outage is told to the leaders at once, at whatever level they are', async () => {
    await addChannel('leader', { level: 2 });
    await addChannel('chief', { level: 3, faults: ['massOutage'] });
    await add(notice(1), notice(2, { fault: 'massOutage', severity: 'critical' }));
    expect((await t.notify.notifications.messages({ limit: 9 })).map(({ key }) => key)).toEqual(['tk_2:1', 'tk_2:1']);
  });
});
