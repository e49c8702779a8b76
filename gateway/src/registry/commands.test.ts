import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, ENGINES, type TestDatabase } from '../../test/support/databases.ts';
import { testActor } from '../../test/support/registry.ts';
import { createManualClock } from '../clock.ts';
import type { CommandInput } from '../domain/command.ts';
import type { Device } from '../domain/device-record.ts';
import { createLogger } from '../log.ts';
import { createAuditStore } from '../store/audit.ts';
import { createCommandStore } from '../store/commands.ts';
import { sql } from '../store/database.ts';
import { createIngestStore } from '../store/ingest.ts';
import { createCommands } from './commands.ts';

const title = { zh: '命令', en: 'command' };
const declared = {
  restart: {
    title,
    params: { delay: { title, type: 'number', unit: 's', min: 0, max: 60, required: true } },
    timeout: '30s',
  },
  unlock: { title, danger: true },
} as const;

describe.each(ENGINES)('commands on %s', (engine) => {
  let database: TestDatabase;
  let keys: number[] = [];
  const clock = createManualClock();
  const store = createCommandStore();
  const sent: { topic: string; body: { id: string; name: string; params: unknown } }[] = [];
  const ended: string[] = [];
  let connected = true;

  beforeAll(async () => {
    database = await createTestDatabase(engine);
    const { rows } = await sql(database.db.autocommit).query<{ key: number }>(
      `insert into device (id, type, name, lifecycle) values ('a', 'x/closed', 'A', 'active'), ('b', 'x/open', 'B', 'trial') returning key`,
    );
    keys = rows.map(({ key }) => key);
  });
  afterAll(() => database?.close());

  const make = () =>
    createCommands({
      db: database.db,
      store,
      types: { get: (id) => (id === 'x/closed' ? { definition: { commands: declared } } : { definition: {} }) },
      keyOf: (id) => (id === 'a' ? keys[0] : keys[1]),
      deliver: async (_, topic, payload) => {
        if (!connected) throw new Error('no session');
        sent.push({ topic, body: JSON.parse(Buffer.from(payload).toString()) });
      },
      audit: createAuditStore(),
      clock,
      log: createLogger('silent'),
      ended: (state) => ended.push(state),
    });
  const device = (id: 'a' | 'b') =>
    ({
      id,
      key: id === 'a' ? keys[0] : keys[1],
      type: id === 'a' ? 'x/closed' : 'x/open',
      lifecycle: id === 'a' ? 'active' : 'trial',
    }) as Device;
  const admin = testActor('admin');
  const lead = testActor('lead');
  const vendor = testActor('vendor', { kind: 'vendor', vendorId: 'acme' });
  const answer = (id: string, ok: boolean, from = keys[0]) =>
    createIngestStore().acknowledge(database.db.autocommit, [
      { device: from ?? 0, id, ok, result: { took: 3 }, at: clock.now() },
    ]);
  const refused = (work: Promise<unknown>) =>
    work.then(
      () => 'taken',
      (error: { code: string; errors: { path: string }[] }) =>
        `${error.code} ${error.errors.map(({ path }) => path).join()}`,
    );

  it('are answered by their device only, and the answer is proven', async () => {
    const commands = make();
    const { id } = await commands.send(lead, device('a'), { name: 'restart', params: { delay: 5 } });
    expect(sent.at(-1)).toEqual({ topic: 'cgw/v1/a/command', body: { id, name: 'restart', params: { delay: 5 } } });
    expect(await commands.get(lead, device('a'), id)).toMatchObject({
      state: 'sent',
      attempts: 1,
      ok: null,
      deadline: clock.now() + 30_000,
    });
    await answer(id, true, keys[1]);
    expect((await commands.get(lead, device('a'), id)).state).toBe('sent');
    clock.advance(2_000);
    await answer(id, true);
    await answer(id, false);
    await commands.sweep();
    await commands.sweep();
    expect(await commands.get(lead, device('a'), id)).toMatchObject({
      state: 'acknowledged',
      ok: true,
      result: { took: 3 },
    });
    expect(ended.splice(0)).toEqual(['acknowledged']);
    const { rows } = await sql(database.db.autocommit).query<{
      action: string;
      after: { state?: string; ok?: boolean };
    }>(`select action, after from audit where resource_id = 'a' order by id`);
    expect(rows.map(({ action, after }) => [action, after.state, after.ok])).toEqual([
      ['command', undefined, undefined],
      ['commandResult', 'acknowledged', true],
    ]);
  });

  it('time out, and a late answer is kept without changing that', async () => {
    const commands = make();
    const { id } = await commands.send(admin, device('b'), { name: 'blink' });
    clock.advance(10_001);
    await answer(id, true, keys[1]);
    await commands.sweep();
    expect(await commands.get(admin, device('b'), id)).toMatchObject({ state: 'sent', ok: true });
    const silent = await commands.send(admin, device('b'), { name: 'blink', timeout: 1_000 });
    clock.advance(1_000);
    await commands.sweep();
    await answer(silent.id, true, keys[1]);
    expect(await commands.get(admin, device('b'), silent.id)).toMatchObject({ state: 'timedOut', ok: true });
  });

  it('are sent again under their id while the deadline stands, also to a device that comes late', async () => {
    const commands = make();
    connected = false;
    const before = sent.length;
    const { id } = await commands.send(admin, device('b'), { name: 'open', timeout: 9_000, retries: 2 });
    clock.advance(3_000);
    await commands.sweep();
    connected = true;
    clock.advance(3_000);
    await Promise.all([commands.sweep(), make().sweep()]);
    expect(sent.slice(before).map(({ body }) => body.id)).toEqual([id]);
    expect((await commands.get(admin, device('b'), id)).attempts).toBe(1);
    clock.advance(3_000);
    // After a restart nothing is known but what the database says.
    await make().sweep();
    expect((await commands.get(admin, device('b'), id)).state).toBe('timedOut');
    expect(sent.length).toBe(before + 1);
  });

  it('without a session end at once, or at the deadline when retries were asked for', async () => {
    const commands = make();
    connected = false;
    expect(await refused(commands.send(admin, device('b'), { name: 'open' }))).toContain('UNAVAILABLE');
    clock.advance(1);
    const { id } = await commands.send(admin, device('b'), { name: 'open', timeout: 2_000, retries: 1 });
    clock.advance(1_000);
    await commands.sweep();
    clock.advance(1_000);
    await commands.sweep();
    const page = await commands.list(admin, device('b'), { limit: 2 });
    expect(page.items.map(({ state, attempts }) => [state, attempts])).toEqual([
      ['undeliverable', 0],
      ['undeliverable', 0],
    ]);
    expect(page.items[0]?.id).toBe(id);
    expect(page.nextCursor).not.toBeNull();
    connected = true;
  });

  it.each<[string, 'a' | 'b', ReturnType<typeof testActor>, CommandInput, string]>([
    ['a param out of range', 'a', lead, { name: 'restart', params: { delay: 61 } }, 'INVALID_INPUT /params/delay'],
    ['a param missing', 'a', lead, { name: 'restart' }, 'INVALID_INPUT /params/delay'],
    ['an unknown param', 'a', lead, { name: 'restart', params: { delay: 1, x: 1 } }, 'INVALID_INPUT /params/x'],
    ['an undeclared name', 'a', lead, { name: 'format' }, 'INVALID_INPUT /name'],
    ['an undeclared name by an administrator', 'a', admin, { name: 'format' }, 'taken'],
    ['danger without a reason', 'a', lead, { name: 'unlock' }, 'INVALID_INPUT /reason'],
    ['danger with a reason', 'a', lead, { name: 'unlock', reason: '门被卡住' }, 'taken'],
    ['a vendor in service', 'a', vendor, { name: 'restart', params: { delay: 1 } }, 'FORBIDDEN '],
    ['a vendor on trial', 'b', vendor, { name: 'blink' }, 'taken'],
    ['a viewer', 'b', testActor('viewer'), { name: 'blink' }, 'FORBIDDEN '],
    ['a timeout too long', 'b', admin, { name: 'blink', timeout: 600_001 }, 'INVALID_INPUT /timeout'],
    ['too many retries', 'b', admin, { name: 'blink', retries: 6 }, 'INVALID_INPUT /retries'],
  ])('%s', async (_, id, actor, input, expected) => {
    expect(await refused(make().send(actor, device(id), input))).toBe(expected);
  });
});
