import { describe, expect, it } from 'vitest';
import { ENGINES } from '../../test/support/databases.ts';
import {
  ALL,
  DAY,
  HOUR,
  hood,
  LEAD,
  MINUTE,
  useInspectionStreet,
  VENDOR,
} from '../../test/support/inspection-street.ts';
import { readSheet } from '../sheets/read.ts';

describe.each(ENGINES)('inspections on %s', (engine) => {
  const { street, make, run, rows, health } = useInspectionStreet(engine);

  describe('every day', () => {
    const due = async () => {
      street.clock.advance(MINUTE);
      await street.inspections.tick();
      const { items } = await street.inspections.tasks(ALL, {});
      return items;
    };

    it('makes one task a department at its time, whoever else tries', async () => {
      await health('d1', 'online');
      await street.inspections.makeDue();
      expect((await street.inspections.tasks(ALL, {})).items).toEqual([]);
      street.clock.advance(MINUTE);
      await Promise.all([street.inspections.makeDue(), make().makeDue(), make().makeDue()]);
      await make().makeDue();
      const { items, total } = await street.inspections.tasks(ALL, {});
      expect(items.map(({ orgId, date, modules, devices, state }) => [orgId, date, modules, devices, state])).toEqual([
        ['dept', '2026-11-23', ['charging', 'security'], 10, 'open'],
      ]);
      expect(total).toBe(1);
      street.clock.advance(DAY);
      await make({ inspectionBy: 'both' }).makeDue();
      const next = await street.inspections.tasks(ALL, { date: '2026-11-24' });
      expect(next.items.map(({ orgId }) => orgId).sort()).toEqual(['dept', 'help']);
    });

    it('is every committee’s where the matrix names them all together, each for its own devices', async () => {
      await run(`insert into org (id, parent_id, kind, name) values ('residents-committees', 'street', 'department', '各居民区');
        insert into module_org (module_id, org_id, duty) values ('charging', 'residents-committees', 'cooperate')`);
      await health('d1', 'offline');
      street.clock.advance(MINUTE);
      await make({ inspectionBy: 'both' }).makeDue();
      await run(
        "delete from module_org where org_id = 'residents-committees'; delete from org where id = 'residents-committees'",
      );
      const { items } = await street.inspections.tasks(ALL, {});
      expect(items.map(({ orgId, devices }) => [orgId, devices]).sort()).toEqual([
        ['dept', 10],
        ['help', 10],
        ['hood', 5],
        ['other', 5],
      ]);
      const [own, ...foreign] = (await street.inspections.tasks(hood('a'), {})).items;
      expect([own?.orgId, foreign]).toEqual(['hood', []]);
      expect((await street.inspections.task(hood('a'), own?.id ?? '')).list.map(({ name }) => name)).toContain('设备1');
    });

    it('is filled from the health data and keeps what it found', async () => {
      for (const n of [3, 4, 5, 6, 7, 8, 9, 10]) await health(`d${n}`, 'online');
      await health('d1', 'offline');
      await health('d2', 'stale');
      await run(`update health set state = 'unknown' where device = (select key from device where id = 'd3');
        insert into ticket (id, no, kind, fault, priority, severity, stage, stage_since, module, org_id, opened_at, round_since, due_at)
        values ('k1', 'K-1', 'deviceFault', 'offline', 'normal', 'major', 'handling', now(), 'charging', 'hood', now(), now(), '2026-11-20')`);
      const [task] = await due();
      await run("update health set state = 'online'");
      const { list } = await street.inspections.task(LEAD, task?.id ?? '');
      expect(list.map(({ kind, name, place }) => [kind, name, place])).toEqual([
        ['overdueTicket', 'K-1', '凌兆居民区'],
        ['offline', '设备1', '一号车棚'],
        ['stale', '设备2', '一号车棚'],
        ['neverSeen', '设备3', '一号车棚'],
      ]);
    });

    it('is submitted once, by name, with an answer to everything', async () => {
      for (const n of [1, 2]) await health(`d${n}`, 'offline');
      for (const n of [3, 4, 5, 6, 7, 8, 9, 10]) await health(`d${n}`, 'online');
      const [task] = await due();
      const id = task?.id ?? '';
      await expect(street.inspections.submit(LEAD, id, {})).rejects.toMatchObject({ code: 'CONFLICT' });
      await expect(street.inspections.answer(LEAD, id, [{ n: 9, result: 'normal' }])).rejects.toMatchObject({
        code: 'INVALID_INPUT',
      });
      await street.inspections.answer(LEAD, id, [{ n: 1, result: 'abnormal', note: '断电', photo: 'a/1' }]);
      const done = await street.inspections.submit(LEAD, id, { rest: 'normal', note: '已巡查' });
      expect(done).toMatchObject({ state: 'submitted', submittedName: 'lead', answered: 2, abnormal: 1 });
      await expect(street.inspections.submit(LEAD, id, {})).rejects.toMatchObject({ code: 'CONFLICT' });
      await expect(street.inspections.answer(LEAD, id, [{ n: 1, result: 'normal' }])).rejects.toMatchObject({
        code: 'CONFLICT',
      });
      const proven = await rows<{ action: string }>(
        "select action from audit where resource = 'inspections' order by seq",
      );
      expect(proven.map(({ action }) => action)).toEqual(['answer', 'submit']);
    });

    it('is overdue after its time and then missing from the daily report', async () => {
      for (const n of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) await health(`d${n}`, 'online');
      const [task] = await due();
      street.clock.advance(9 * HOUR);
      expect((await street.inspections.tasks(ALL, { state: 'overdue' })).items).toEqual([]);
      street.clock.advance(30 * MINUTE);
      expect((await street.inspections.tasks(ALL, { state: 'overdue' })).items).toHaveLength(1);
      const missed = () => street.inspections.missed(street.database.db.autocommit, { date: '2026-11-23' });
      expect(await missed()).toEqual([
        { orgId: 'dept', orgName: '平安办', module: null, task: '每日巡检（2026-11-23）' },
      ]);
      await street.inspections.submit(LEAD, task?.id ?? '', {});
      expect(await missed()).toEqual([]);
      expect((await street.inspections.tasks(ALL, { state: 'late' })).items).toHaveLength(1);
    });

    it('is nobody else’s', async () => {
      const [task] = await due();
      for (const stranger of [hood('a'), VENDOR]) {
        await expect(street.inspections.task({ ...stranger, rights: 'all' }, task?.id ?? '')).rejects.toMatchObject({
          code: 'NOT_FOUND',
        });
        expect((await street.inspections.tasks({ ...stranger, rights: 'all' }, {})).items).toEqual([]);
      }
    });
  });

  describe('every month', () => {
    const start = () =>
      street.inspections.startCampaign(ALL, { name: '充电桩排摸', filter: { modules: ['charging'] } });
    const filled = async () => {
      const { id } = await start();
      const { items } = await street.inspections.campaignItems(hood('a'), id, {});
      await street.inspections.answerSheet(hood('a'), id, 'hood', [
        { n: items[0]?.n ?? 0, result: 'wrong', wrong: '位置不符', lat: 31.1, lon: 121.5 },
        { n: items[1]?.n ?? 0, result: 'removed' },
        ...items.slice(2).map(({ n }) => ({ n, result: 'confirmed' as const })),
      ]);
      await street.inspections.addFind(hood('a'), id, 'hood', { name: '新桩', place: '3号楼东侧', photo: 'p/1' });
      return id;
    };

    it('counts a list that stands still while devices change', async () => {
      const { id, sheets } = await start();
      await run(`update device set lifecycle = 'retired' where id = 'd1'; update device set org_id = 'other', name = '改名' where id = 'd2';
        insert into device (id, type, name, module, org_id, lifecycle) values ('d99', 't', '新设备', 'charging', 'hood', 'active')`);
      const { items } = await street.inspections.campaignItems(hood('a'), id, {});
      expect(items.map(({ deviceId, name }) => [deviceId, name])).toEqual(
        [1, 2, 3, 4, 5].map((n) => [`d${n}`, `设备${n}`]),
      );
      expect(sheets.map(({ orgId, expected, unanswered }) => [orgId, expected, unanswered])).toEqual([
        ['hood', 5, 5],
        ['other', 5, 5],
      ]);
      await run(
        `delete from device where id = 'd99'; update device set org_id = 'hood', name = '设备2' where id = 'd2'`,
      );
      await expect(start()).rejects.toMatchObject({ code: 'CONFLICT' });
    });

    it('is countersigned by another person of the committee, and its differences become tickets once', async () => {
      const id = await filled();
      await street.inspections.submitSheet(hood('a'), id, 'hood');
      await expect(street.inspections.submitSheet(hood('a'), id, 'hood')).rejects.toMatchObject({ code: 'CONFLICT' });
      await expect(street.inspections.countersign(hood('a'), id, 'hood')).rejects.toMatchObject({ code: 'FORBIDDEN' });
      await expect(street.inspections.countersign(ALL, id, 'hood')).rejects.toMatchObject({ code: 'FORBIDDEN' });
      await expect(street.inspections.countersign(hood('x', 'other'), id, 'hood')).rejects.toMatchObject({
        code: 'NOT_FOUND',
      });
      expect(street.filed).toEqual([]);
      // Somebody else submits it again: who filled it in still cannot countersign.
      await street.inspections.returnSheet(hood('b'), id, 'hood', '补充');
      await street.inspections.submitSheet(hood('b'), id, 'hood');
      await expect(street.inspections.countersign(hood('a'), id, 'hood')).rejects.toMatchObject({ code: 'FORBIDDEN' });
      const signed = await Promise.allSettled([
        street.inspections.countersign(hood('c'), id, 'hood'),
        street.inspections.countersign(hood('d'), id, 'hood'),
      ]);
      expect(signed.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(street.filed.map(({ subject, fault, kind }) => [subject, fault, kind])).toEqual([
        [`campaign:${id}:item:1`, 'surveyWrong', 'inspection'],
        [`campaign:${id}:item:2`, 'surveyRemoved', 'inspection'],
        [`campaign:${id}:item:11`, 'surveyNew', 'inspection'],
      ]);
      const { items } = await street.inspections.campaignItems(ALL, id, { result: 'new' });
      expect(items).toMatchObject([{ name: '新桩', place: '3号楼东侧', ticketId: `campaign:${id}:item:11/surveyNew` }]);
    });

    it('wants every item answered, and to know what is wrong', async () => {
      const { id } = await start();
      await expect(street.inspections.submitSheet(hood('a'), id, 'hood')).rejects.toMatchObject({ code: 'CONFLICT' });
      const wrong = street.inspections.answerSheet(hood('a'), id, 'hood', [{ n: 1, result: 'wrong' }]);
      await expect(wrong).rejects.toMatchObject({ code: 'INVALID_INPUT' });
      const foreign = street.inspections.answerSheet(hood('a'), id, 'hood', [{ n: 6, result: 'confirmed' }]);
      await expect(foreign).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    });

    it('is sealed for good, also against SQL', async () => {
      const id = await filled();
      await expect(street.inspections.seal(ALL, id, undefined)).rejects.toMatchObject({ code: 'CONFLICT' });
      await street.inspections.seal(ALL, id, '月底封存');
      for (const change of [
        () => street.inspections.seal(ALL, id, '再封'),
        () => street.inspections.answerSheet(hood('a'), id, 'hood', [{ n: 1, result: 'confirmed' }]),
        () => street.inspections.addFind(hood('a'), id, 'hood', { name: 'x', place: 'y' }),
        () => street.inspections.submitSheet(hood('a'), id, 'hood'),
      ]) {
        await expect(change()).rejects.toMatchObject({ code: 'CONFLICT' });
      }
      for (const statement of [
        "update campaign_item set note = 'x' where n = 1",
        'delete from campaign_item where n = 1',
        `insert into campaign_item (campaign_id, n, org_id, name, result) values ('${id}', 999, 'hood', 'x', 'new')`,
        "update campaign_sheet set state = 'open'",
        'update campaign set sealed_at = null',
        'delete from campaign',
      ]) {
        await expect(run(statement), statement).rejects.toThrow('sealed');
      }
    });

    it('leaves as a workbook that says who took it, within reach', async () => {
      const id = await filled();
      await expect(street.inspections.campaignFile(ALL, id, ' ')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
      await run(
        `insert into app_user (id, username, display_name, role, password_hash) values ('a', 'chen', '陈阿姨', 'committee', '-')`,
      );
      const { bytes, title } = await street.inspections.campaignFile(hood('a'), id, '月度核对');
      expect(title).toBe('排摸-2026-11-凌兆居民区');
      const [sheet] = (await street.inspections.campaign(hood('a'), id)).sheets;
      expect(sheet?.filledBy).toEqual([{ id: 'a', name: '陈阿姨' }]);
      const texts = async (sheet: string) => {
        const read = await readSheet(bytes, { sheets: [sheet] });
        const all: unknown[] = [];
        for await (const row of read.rows) all.push(row);
        return JSON.stringify(all);
      };
      const [summary, items] = [await texts('汇总'), await texts('明细')];
      expect(summary).toContain('凌兆居民区');
      expect(items).toContain('位置不符');
      expect(items).toContain('陈阿姨');
      expect(summary + items).not.toContain('金光居民区');
      const proven = await rows<{ reason: string }>("select reason from audit where action = 'export'");
      expect(proven).toEqual([{ reason: '月度核对' }]);
    });

    it('begins by itself on its day when that is wished, once', async () => {
      const auto = { surveyDay: 23 };
      await Promise.all([make(auto).startDue(), make(auto).startDue()]);
      await make(auto).startDue();
      const { items } = await street.inspections.campaigns(hood('a'), {});
      expect(items.map(({ name, month }) => [name, month])).toEqual([['2026-11 排摸', '2026-11']]);
    });
  });
});
