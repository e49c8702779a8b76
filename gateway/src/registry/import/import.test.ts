import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, ENGINES, type TestDatabase } from '../../../test/support/databases.ts';
import { emptyTables } from '../../../test/support/empty-tables.ts';
import { createTestRegistry, seedTestOrganisations, testActor } from '../../../test/support/registry.ts';
import type { Actor } from '../../domain/actor.ts';
import { readSheet } from '../../sheets/read.ts';
import { sheetBytes } from '../../sheets/write.ts';
import { sql } from '../../store/database.ts';
import { createImportStore } from '../../store/imports.ts';
import { createDeviceTables } from './importer.ts';

const admin = testActor();
const acme = testActor('vendor', { kind: 'vendor', vendorId: 'acme' });
const TYPES = ['generic/camera', 'generic/ebike-charger', 'generic/garbage-room'].map((id) => ({
  id,
  title: { zh: id === 'generic/camera' ? '摄像机' : id, en: id },
  adapter: id === 'generic/camera' ? 'rtsp' : 'mqtt',
}));

// One engine, PostgreSQL where it is; the command line imports into the embedded one.
describe.each(ENGINES.slice(-1))('tables of devices on %s', (engine) => {
  let database: TestDatabase;
  let registry: ReturnType<typeof createTestRegistry>;
  let tables: ReturnType<typeof createDeviceTables>;
  beforeAll(async () => {
    database = await createTestDatabase(engine);
    await seedTestOrganisations(database.db);
  }, 60_000);
  afterAll(() => database?.close());
  beforeEach(async () => {
    await emptyTables(database.db, 'device', 'import_file', 'import_job');
    registry = createTestRegistry(database.db);
    await registry.directory.load(database.db.autocommit);
    tables = createDeviceTables({
      ...registry.deps,
      imports: createImportStore(),
      typeNames: { list: () => TYPES },
      timeZone: 'Asia/Shanghai',
    });
  });
  const run = (
    file: string | Uint8Array,
    { dryRun = false, actor = admin }: { dryRun?: boolean; actor?: Actor } = {},
  ) => tables.import(actor, typeof file === 'string' ? Buffer.from(file) : file, { dryRun });
  const faults = ({ errors }: Awaited<ReturnType<typeof run>>) =>
    errors.map(({ row, path, code }) => `${row} ${path} ${code}`);
  const fetched = async (link: { token: string } | null, actor = admin) => {
    const { bytes } = await tables.takeFile(actor, link?.token ?? '');
    return (await readSheet(bytes)).rows.map(({ cells }) => cells);
  };
  const everything = async () => {
    const { rows } = await sql(database.db.autocommit).query(
      'select (select json_agg(d) from device d), (select json_agg(h) from device_history h), (select json_agg(a) from audit a), (select json_agg(f) from import_file f), (select json_agg(c) from camera c)',
    );
    return JSON.stringify(rows);
  };

  const FILE = `设备编号,设备类型,设备名称,序列号,所属组织,纬度,经度,坐标系,连接地址,登录名,登录密码,摄像机类型
c1,摄像机,东门,S1,甲一居,31.14,121.51,GCJ-02,rtsp://10.0.0.1/1,u,Zq7-import-Xv9,球机
,generic/ebike-charger,充电柜,001234,hood-a,,,,,,,
`;

  it('takes a file in once: the second time nothing changes, and credentials are fetched once, by their owner', async () => {
    expect(await run(FILE, { dryRun: true })).toMatchObject({ created: 2, credentialsFile: null });
    expect(registry.directory.size).toBe(0);
    const first = await run(FILE);
    expect(first).toMatchObject({ created: 2, updated: 0, unchanged: 0, errors: [] });
    await expect(fetched(first.credentialsFile, acme)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const [, c1, charger] = await fetched(first.credentialsFile);
    expect(c1?.slice(0, 5)).toEqual(['1', '东门', 'S1', 'c1', 'c1']);
    expect(charger?.[2]).toBe('001234');
    await expect(fetched(first.credentialsFile)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const hash = registry.directory.secretHash(registry.directory.byId('c1')?.key ?? 0);
    expect(registry.secrets.matches(c1?.[5] ?? '', hash)).toBe(true);

    expect(await run(FILE)).toMatchObject({ created: 0, updated: 0, unchanged: 2, credentialsFile: null });
    expect(await run(FILE.replace('东门', '西门'))).toMatchObject({ created: 0, updated: 1, unchanged: 1 });
    expect(await run(FILE.replace('球机', '半球').replace('西门', '东门'))).toMatchObject({
      created: 0,
      updated: 1,
      unchanged: 1,
    });
    expect(registry.directory.secretHash(registry.directory.byId('c1')?.key ?? 0)).toBe(hash);
    expect(await registry.devices.get(admin, 'c1')).toMatchObject({
      name: '东门',
      orgId: 'hood-a',
      hasConnectionPassword: true,
    });
    const kept = await everything();
    for (const secret of ['Zq7-import-Xv9', c1?.[5] ?? '-', first.credentialsFile?.token ?? '-']) {
      expect(kept.includes(secret)).toBe(false);
    }
  });

  it('gives a file of an expired or wrong token to nobody', async () => {
    const { credentialsFile } = await run(FILE);
    await expect(tables.takeFile(admin, 'guess')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    registry.clock.advance(24 * 3_600_000);
    await expect(fetched(credentialsFile)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('says row, cell and remedy of every fault, writes nothing, and gives the file back with a column that says it', async () => {
    const bad = `id,type,name,orgId,parentId,location.lat,location.lon,登录密码,摄像机类型
a,generic/camera,ok,hood-a,,,,,
b,no/such,x,,,,,,
c,generic/camera,,nowhere,,,,,球
d,generic/camera,x,nowhere,ghost,121,31,,
a,generic/camera,again,,,,,,
e,generic/camera,x,,,abc,1,,
1.23E+19,generic/camera,x,,,,,,
f,generic/ebike-charger,x,,,,,,球机
`;
    const result = await run(bad);
    expect(faults(result)).toEqual([
      '2 /type notFound',
      '3 /archive/cameraType enum',
      '3 /name required',
      '4 /location/lat swapped',
      '4 /orgId notFound',
      '4 /parentId notFound',
      '5 /id duplicate',
      '6 /location/lat type',
      '7 /id lostDigits',
      '8 /archive/cameraType notCamera',
    ]);
    expect(result.errors[0]).toMatchObject({ sheetRow: 3, columnLetter: 'B', header: 'type', value: 'no/such' });
    expect(result).toMatchObject({ created: 0, errorCount: 10, credentialsFile: null });
    expect(registry.directory.size).toBe(0);
    const [header, good, second] = await fetched(result.errorsFile);
    expect(header?.slice(0, 3)).toEqual(['错误', 'id', 'type']);
    expect(good).toEqual(['', 'a', 'generic/camera', 'ok', 'hood-a', '', '', '', '', '']);
    expect(second?.[0]).toContain('【type】');
    // Fetched again, put right, and sent as it is.
    const { bytes } = await tables.takeFile(admin, result.errorsFile?.token ?? '');
    const mended = bytes.toString().split('\r\n').slice(0, 2).join('\r\n');
    expect(await run(mended)).toMatchObject({ created: 1, errorCount: 0 });
  });

  it('says what looks odd and takes it all the same', async () => {
    await run('id,type,name,connection.address\nold,generic/camera,旧,rtsp://10.0.0.7/1\n');
    const odd = `设备编号,设备类型,设备名称,纬度,经度,连接地址
far,摄像机,远,48.9,2.3,
same,摄像机,同,31.14,121.51,rtsp://10.0.0.7/1
`;
    const expected = {
      created: 2,
      warnings: [
        { row: 1, sheetRow: 2, columnLetter: 'D', header: '纬度', value: '48.9', code: 'outsideChina' },
        { row: 2, sheetRow: 3, columnLetter: 'F', header: '连接地址', message: expect.stringContaining('旧') },
      ],
      warningCount: 2,
    };
    expect(await run(odd, { dryRun: true })).toMatchObject(expected);
    expect(await run(odd)).toMatchObject(expected);
    expect(await run(odd)).toMatchObject({ created: 0, unchanged: 2, warnings: [] });
    expect(await run(odd.replace('2.3', '2.4'))).toMatchObject({ updated: 1, warnings: [{ code: 'outsideChina' }] });
  });

  it('knows its columns in any order and language, and the nearest to an unknown one', async () => {
    const unknown = await run('id,设备名,id\na,b,c');
    expect(unknown.errors.map(({ code, columnLetter }) => `${code} ${columnLetter}`)).toEqual([
      'unknownColumn B',
      'duplicateColumn A',
    ]);
    expect(unknown.errors[0]?.message).toContain('设备名称');
    expect(faults(await run('id,type\na,b,c'))[0]).toBe('1  tooManyCells');
    await expect(run('id')).rejects.toThrow('没有数据行');
    expect(await run('Name,设备类型（必填）,"  Serial number"\nx,Generic/camera,s')).toMatchObject({ errorCount: 1 });
    expect(await run('Name,设备类型（必填）,"  Serial number*"\nx,generic/camera,s')).toMatchObject({ created: 1 });
  });

  it('takes a device’s own secret for a new device only, when it is hard to guess', async () => {
    const secret = 'kT7-wq2Zp9!xMv4R';
    const file = (value: string) => `id,type,name,设备密码\nb1,generic/ebike-charger,x,"${value}"\n`;
    expect(faults(await run(file('short')))).toEqual(['1 /secret pattern']);
    expect(faults(await run(file('Abcdefgh12345678')))).toEqual(['1 /secret weak']);
    expect(faults(await run(file('xY9-b1b1b1b1b1b1b1')))).toEqual(['1 /secret weak']);
    expect(
      faults(await run(`id,type,name,serial,设备密码\nb1,generic/ebike-charger,x,SN7788,"SN7788-kT7-wq2Zp9"`)),
    ).toEqual(['1 /secret tells']);
    const { credentialsFile } = await run(file(secret));
    expect((await fetched(credentialsFile))[1]?.slice(4)).toEqual(['b1', '', '导入文件中的设备密码']);
    const hash = registry.directory.secretHash(registry.directory.byId('b1')?.key ?? 0);
    expect(registry.secrets.matches(secret, hash)).toBe(true);
    expect(await run(file(secret))).toMatchObject({ unchanged: 1 });
    expect(faults(await run(file('another-Secret-77-x')))).toEqual(['1 /secret fixed']);
    expect(await everything()).not.toContain(secret);
  });

  it('puts parents of the same file first and refuses circles', async () => {
    const file = 'id,type,name,parentId\nleaf,generic/camera,l,mid\nmid,generic/camera,m,top\ntop,generic/camera,t,\n';
    expect(await run(file)).toMatchObject({ created: 3 });
    expect(await registry.devices.get(admin, 'leaf')).toMatchObject({ parentId: 'mid' });
    expect(await run(file)).toMatchObject({ unchanged: 3 });
    expect(faults(await run('id,parentId\ntop,leaf\n'))).toEqual(['1 /parentId cycle']);
    await expect(run('id,type,name,parentId\nx,generic/camera,x,y\ny,generic/camera,y,x\n')).rejects.toThrow(
      '互为上级',
    );
  });

  it('never changes nor shows a device that lies outside the scope; a vendor’s device waits for approval', async () => {
    await run('id,type,name,serial,vendorId\nb,generic/camera,theirs,S-9,globex\n');
    const result = await run('id,type,name\nb,generic/camera,mine\n', { actor: acme });
    expect(faults(result)).toEqual(['1 /id duplicate']);
    // The same serial number at another vendor is another device.
    expect(await run('type,name,serial\ngeneric/camera,mine,S-9\n', { actor: acme })).toMatchObject({ created: 1 });
    expect(faults(await run('type,name,vendorId\ngeneric/camera,x,globex\n', { actor: acme }))).toEqual([
      '1 /vendorId notFound',
    ]);
    expect((await registry.devices.get(admin, 'b')).name).toBe('theirs');
    const { items } = await registry.devices.list(acme, {});
    expect(items.map(({ lifecycle, vendorId }) => [lifecycle, vendorId])).toEqual([['pending', 'acme']]);
    // Two vendors have the number now: an administrator must say whose.
    expect(faults(await run('type,name,serial\ngeneric/camera,x,S-9\n'))).toEqual(['1 /serial ambiguous']);
    await registry.devices.lifecycle(admin, items[0]?.id ?? '', 'approve', 'ok', { override: true });
    await registry.devices.lifecycle(admin, items[0]?.id ?? '', 'approve', 'ok', { override: true });
    const active = await registry.devices.get(admin, items[0]?.id ?? '');
    expect(active.lifecycle).toBe('active');
    expect(faults(await run('type,name,serial\ngeneric/camera,changed,S-9\n', { actor: acme }))).toEqual([
      '1  inService',
    ]);
    await expect(run(FILE, { actor: testActor('viewer') })).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });

  it('makes one set of devices of one file sent twice at once, and takes no endless queue', async () => {
    const file = 'type,name,serial\ngeneric/camera,a,1\ngeneric/camera,b,2\n';
    const sent = await Promise.allSettled(Array.from({ length: 6 }, () => run(file)));
    const done = sent.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    expect(done.map(({ created, unchanged }) => [created, unchanged])).toEqual([
      [2, 0],
      [0, 2],
      [0, 2],
      [0, 2],
    ]);
    expect(sent.filter((each) => each.status === 'rejected').map(({ reason }) => reason.code)).toEqual([
      'TOO_MANY_REQUESTS',
      'TOO_MANY_REQUESTS',
    ]);
  });

  it('writes nothing when a device changes or a name is taken between check and write', async () => {
    await run('id,type,name\nold,generic/camera,x\n');
    const store = createImportStore();
    const meddle = (work: () => Promise<unknown>) =>
      createDeviceTables({
        ...registry.deps,
        db: {
          autocommit: database.db.autocommit,
          async transaction(run_) {
            await work();
            return database.db.transaction(run_);
          },
        },
        imports: store,
        typeNames: { list: () => TYPES },
        timeZone: 'UTC',
      });
    const file = Buffer.from('id,type,name\nold,generic/camera,changed\nnew,generic/camera,n\n');
    const changed = meddle(() =>
      sql(database.db.autocommit).query(`update device set revision = revision + 1 where id = 'old'`),
    );
    await expect(changed.import(admin, file, { dryRun: false })).rejects.toMatchObject({ code: 'CONFLICT' });
    const taken = meddle(() =>
      sql(database.db.autocommit).query(
        `insert into device (id, type, name, lifecycle, lifecycle_at) values ('new', 'generic/camera', 'first', 'active', now()) on conflict do nothing`,
      ),
    );
    await expect(taken.import(admin, file, { dryRun: false })).rejects.toThrow('导入期间');
    expect((await registry.devices.get(admin, 'old')).name).toBe('x');
    expect((await sql(database.db.autocommit).query('select 1 from import_file')).rowCount).toBe(1);
  });

  it('exports what it takes back without a change, marked, defused, without secrets and within the scope', async () => {
    const odd = `设备编号,设备类型,设备名称,序列号,所属组织,点位,纬度,经度,坐标系,安装地址,安装日期,连接地址,登录名,登录密码,标签,功能类型,监视方位,方位角,录像保存天数,GB35114等级
x1,generic/camera,"'=HYPERLINK(""x"")",00012,hood-a,,31.14159265358979,121.51,gcj02,"路 1 号, 东",2026/1/5,onvifs://cam.local:8443,u,Pw-12345,楼栋=3;门=a\\;b,普通监控、其他,东,95.5,30,A
x2,generic/ebike-charger,'+1,12345678901234567890,hood-b,,,,,,,,,,,,,,,
`;
    expect(await run(odd)).toMatchObject({ created: 2, errorCount: 0 });
    expect((await registry.devices.get(admin, 'x1')).name).toBe('=HYPERLINK("x")');
    for (const [format, encoding] of [
      ['csv', 'utf-8'],
      ['csv', 'gb18030'],
      ['xlsx', 'utf-8'],
    ] as const) {
      const file = await tables.export(admin, { filter: {}, purpose: '月度核对', format, encoding });
      const chunks: Uint8Array[] = [];
      for await (const chunk of file.chunks) chunks.push(chunk);
      const bytes = Buffer.concat(chunks);
      expect(await run(bytes)).toMatchObject({ created: 0, updated: 0, unchanged: 2, errorCount: 0 });
      if (encoding === 'utf-8' && format === 'csv') {
        const text = bytes.toString();
        expect(text).toMatch(/^\uFEFF"?#.*月度核对/);
        expect(text).toContain(`'=HYPERLINK`);
        expect(text).not.toContain('Pw-12345');
        expect(await run(text.replace("'+1", '充电柜'))).toMatchObject({ updated: 1, unchanged: 1 });
        await run(text);
      }
    }
    const hood = testActor('lead', { kind: 'orgs', orgIds: ['street-b'] });
    const theirs = await tables.export(hood, { filter: {}, purpose: '核对', format: 'csv', encoding: 'utf-8' });
    let text = '';
    for await (const chunk of theirs.chunks) text += Buffer.from(chunk).toString();
    expect(text).toContain('x2');
    expect(text).not.toContain('x1');
    const query = { filter: {}, purpose: ' ', format: 'csv', encoding: 'utf-8' } as const;
    await expect(tables.export(admin, query)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(tables.export(testActor('viewer'), { ...query, purpose: '核对' })).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
    const { rows } = await sql(database.db.autocommit).query<{ reason: string }>(
      `select reason from audit where action = 'export' and actor = 'user:u-lead'`,
    );
    expect(rows).toEqual([{ reason: '核对' }]);
  });

  it('offers a template whose example is not imported', async () => {
    for (const format of ['csv', 'xlsx'] as const) {
      const { bytes } = await tables.template(admin, { format, encoding: 'gb18030', type: 'generic/camera' });
      await expect(run(bytes)).rejects.toThrow('没有数据行');
      const { rows } = await readSheet(bytes);
      expect(rows[0]?.cells).toEqual(expect.arrayContaining(['设备编号', '设备密码', '摄像机类型']));
      const filled = (rows[0]?.cells ?? []).map((header) => ({ 设备名称: '新', 设备类型: '摄像机' })[header] ?? null);
      const columns = (rows[0]?.cells ?? []).map((header) => ({ header }));
      const file = await sheetBytes([{ name: '设备', columns, rows: [rows[1]?.cells ?? [], filled] }], { format });
      expect(await run(file)).toMatchObject({ created: 1 });
    }
    await expect(tables.template(admin, { format: 'csv', encoding: 'utf-8', type: 'no/such' })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    });
  });

  it('runs as a job whose end is kept with the devices', async () => {
    const id = await tables.beginImport(admin, Buffer.from(FILE), { dryRun: false });
    await expect(tables.job(acme, id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect.poll(async () => (await tables.job(admin, id)).state, { timeout: 20_000 }).toBe('done');
    const job = await tables.job(admin, id);
    expect(job).toMatchObject({ phase: 'done', result: { created: 2 }, problem: null });
    expect(await fetched(job.result?.credentialsFile ?? null)).toHaveLength(3);
    const failed = await tables.beginImport(admin, Buffer.from('id'), { dryRun: false });
    await expect.poll(async () => (await tables.job(admin, failed)).state, { timeout: 20_000 }).toBe('failed');
    expect(await tables.job(admin, failed)).toMatchObject({ problem: { code: 'INVALID_INPUT' } });
    // A row that nobody keeps alive: the process died with it.
    await sql(database.db.autocommit).query(
      `update import_job set state = 'running', finished_at = null where id = $1`,
      [failed],
    );
    registry.clock.advance(61_000);
    expect((await tables.job(admin, failed)).state).toBe('interrupted');
  });

  it('ends at its next step when the gateway stops, with nothing written', async () => {
    const rows = Array.from({ length: 600 }, (_, n) => `s-${n},generic/camera,x`).join('\n');
    const running = run(`id,type,name\n${rows}`);
    const stopped = tables.stop();
    await expect(running).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await stopped;
    expect((await sql(database.db.autocommit).query('select 1 from device')).rowCount).toBe(0);
    await expect(run(FILE)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('takes 20,000 rows and not one more', async () => {
    const rows = (count: number) => Array.from({ length: count }, (_, n) => `n${n}`).join('\n');
    await expect(run(`名称\n${rows(20_001)}`.replace('名称', '设备名称'))).rejects.toMatchObject({
      code: 'PAYLOAD_TOO_LARGE',
    });
  });
});
