import { describe, expect, test } from 'vitest';
import { ENGINES } from '../../test/support/databases.ts';
import { createTicketBench, DISPATCHER, HANDLER, LEAD } from '../../test/support/tickets.ts';
import { sql } from '../store/database.ts';

describe.each(ENGINES)('tickets as a table, on %s', (engine) => {
  const t = createTicketBench(engine);
  const { decision, decide, all } = t;
  const opened = async (...devices: string[]) => {
    await decide(...devices.map((device) => decision(device)));
    return (await all()).map(({ id }) => id).toSorted();
  };

  test('a list leaves as a table of exactly what its filter shows, and the audit says so first', async () => {
    const [first = '', second = ''] = await opened('d1', 'd2', 'd3');
    await t.tickets.comment(LEAD, first, '=cmd()');
    await sql(
      t.database.db.autocommit,
    ).script(`update ticket set priority = 'critical', title = '=1+1' where id = '${first}';
      update ticket set priority = 'critical', opened_at = opened_at - interval '1 hour' where id = '${second}'`);
    const asked = { filter: { priority: 'critical' }, purpose: '月度核对', format: 'csv', encoding: 'utf-8' } as const;
    const table = async (actor: typeof LEAD, language: 'zh-CN' | 'en') => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of (await t.tickets.export(actor, asked, language)).chunks) chunks.push(chunk);
      return Buffer.concat(chunks).toString('utf8').slice(1).trimEnd().split('\r\n');
    };
    const [mark, , header, ...rows] = await table(DISPATCHER, 'zh-CN');
    expect(mark).toContain('用途：月度核对　共 2 条');
    expect(header).toMatch(/^工单号,等级,阶段,问题,设备,点位,模块,时限,/);
    const shown = (await t.tickets.list(DISPATCHER, asked.filter, {})).items.map(({ no }) => no);
    expect(rows.map((row) => row.split(',')[0])).toEqual(shown);
    expect(rows[0]).toMatch(/,特急,派单,'=1\+1,/);
    expect(rows[0]).not.toMatch(/undefined|null|NaN/);
    expect((await table(DISPATCHER, 'en'))[3]).toMatch(/,Critical,Dispatched,/);
    const { rows: entries } = await sql(t.database.db.autocommit).query<{ reason: string; after: unknown }>(
      "select reason, after from audit where action = 'export' and resource = 'tickets' order by id limit 1",
      [],
    );
    expect(entries).toMatchObject([{ reason: '月度核对', after: { rows: 2, format: 'csv', filter: asked.filter } }]);
    await expect(t.tickets.export(HANDLER, asked)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(t.tickets.export(DISPATCHER, { ...asked, purpose: ' ' })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    });
  });
});
