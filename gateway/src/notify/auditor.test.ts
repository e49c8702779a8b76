import { describe, expect, test } from 'vitest';
import { createCareBench, MINUTE } from '../../test/support/care.ts';
import { ENGINES } from '../../test/support/databases.ts';
import { SYSTEM } from '../domain/actor.ts';
import { sql } from '../store/database.ts';

describe.each(ENGINES)('the auditor on %s', (engine) => {
  const t = createCareBench(engine);
  const { addChannel, add, notice, smoke } = t;

  test('the auditor: sound → a sign of life; something stuck → none, but one notice an hour and a word in readiness', async () => {
    await addChannel('watch', null, 'deadMan', t.receiver.url('/alive'));
    const duty = await addChannel('duty', {});
    expect(await t.notify.auditor.audit()).toEqual([]);
    expect(t.receiver.received.map(({ path }) => path)).toEqual(['/alive']);
    expect(t.ready.get('ready')).toBe('ok');
    await add(smoke(1), notice(1));
    t.clock.advance(11_000);
    expect(await t.notify.auditor.audit()).toEqual([
      { code: 'lifeSafetyLate', count: 1, examples: [expect.any(String)] },
    ]);
    t.clock.advance(11 * MINUTE);
    expect((await t.notify.auditor.audit()).map(({ code }) => code)).toEqual(['lifeSafetyLate', 'noticeWaiting']);
    await t.notify.auditor.audit();
    expect(t.receiver.received.length).toBe(1);
    expect(t.ready.get('degraded')).toBe('SOMETHING_STUCK');
    const told = (await t.notify.notifications.messages({ limit: 20, channelId: duty })).filter(
      (row) => row.notice.fault === 'gatewayStuck',
    );
    expect(told.length).toBe(2);
    await expect(
      t.notify.notifications.createRule(SYSTEM, {
        channelId: (await t.notify.notifications.channels()).find((c) => c.kind === 'deadMan')?.id ?? '',
      }),
    ).rejects.toMatchObject({ errors: [{ code: 'signalOnly' }] });
  });

  test('the auditor finds tickets and leases that stand still, and a fire nobody is told of', async () => {
    await add(smoke(1));
    await sql(t.database.db.autocommit).query(
      `insert into ticket (id, no, kind, fault, priority, severity, stage, stage_since, opened_at, round_since, due_at)
       select 'tk_' || n, 'no' || n, 'event', 'x', 'normal', 'minor', 'handling', t, t, t, case n when 2 then t end
       from generate_series(1, 2) n, to_timestamp($1::float8 / 1000) t`,
      [t.clock.now() - 5 * 60 * MINUTE],
    );
    const found = await t.notify.auditor.audit();
    expect(found.map(({ code, count }) => [code, count])).toEqual([
      ['lifeSafetyUntold', 1],
      ['ticketLateUnsaid', 1],
      ['ticketWithoutDeadline', 1],
    ]);
  });

  test('a fire nobody was told of counts no more once somebody was, or once it is over', async () => {
    const untold = async () => (await t.notify.auditor.audit()).find(({ code }) => code === 'lifeSafetyUntold');
    await add(smoke(1));
    await add(smoke(2));
    expect(await untold()).toMatchObject({ count: 2, examples: ['20261123-0001', '20261123-0001'] });
    await addChannel('duty', {});
    t.clock.advance(MINUTE);
    await add(smoke(1, { key: 'tk_1:later', at: t.clock.now() }));
    expect(await untold()).toMatchObject({ count: 1 });
    await add(smoke(2, { key: 'tk_2:over', event: 'resolved', at: t.clock.now() }));
    expect(await untold()).toBeUndefined();
  });

  test('a test message says what the t.receiver said', async () => {
    const id = await addChannel('duty');
    expect(await t.notify.notifications.testChannel(SYSTEM, id)).toEqual({ outcome: 'sent', detail: 'ok' });
    expect(t.said[0]?.title).toBe('【测试】通知渠道“duty”配置成功');
    t.answer = () => ({ outcome: 'permanent', detail: '93000 invalid' });
    expect(await t.notify.notifications.testChannel(SYSTEM, id)).toMatchObject({ outcome: 'permanent' });
    await expect(t.notify.notifications.testChannel(SYSTEM, 'none')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
