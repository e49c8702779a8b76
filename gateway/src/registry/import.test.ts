import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, ENGINES, type TestDatabase } from '../../test/support/databases.ts';
import { emptyTables } from '../../test/support/empty-tables.ts';
import { createTestRegistry, seedTestOrganisations, testActor } from '../../test/support/registry.ts';
import { sql } from '../store/database.ts';
import { parseCsv } from './csv.ts';
import { importDevices } from './import.ts';

const admin = testActor();

describe('CSV', () => {
  it.each([
    [
      'a,b\r\n1,2\r\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    ['\uFEFFa\n"x,""y""\nz"\n\n,\n', [['a'], ['x,"y"\nz']]],
    ['a,b', [['a', 'b']]],
    ['', []],
  ])('%j', (text, cells) => {
    expect(parseCsv(text)?.map((row) => row.cells)).toEqual(cells);
  });

  it('notices a quote that is never closed', () => {
    expect(parseCsv('a\n"b')).toBeUndefined();
  });
});

describe.each(ENGINES)('import of devices on %s', (engine) => {
  let database: TestDatabase;
  let registry: ReturnType<typeof createTestRegistry>;
  beforeAll(async () => {
    database = await createTestDatabase(engine);
    await seedTestOrganisations(database.db);
  });
  afterAll(() => database?.close());
  beforeEach(async () => {
    await emptyTables(database.db, 'device');
    registry = createTestRegistry(database.db);
    await registry.directory.load(database.db.autocommit);
  });
  const run = (csv: string, options: { dryRun?: boolean; actor?: typeof admin } = {}) =>
    importDevices(options.actor ?? admin, csv, { dryRun: options.dryRun ?? false }, registry.deps);

  const FILE = `设备编号,设备类型,设备名称,序列号,所属组织,纬度,经度,坐标系,接入协议,视频地址,用户名,密码
c1,generic/camera,东门,S1,hood-a,31.14,121.51,GCJ-02,rtsp,rtsp://10.0.0.1/1,u,p1
,generic/ebike-charger,充电柜,S2,hood-a,,,,,,,
`;

  it('takes a file in once: the second time nothing changes, and credentials stay', async () => {
    expect(await run(FILE, { dryRun: true })).toMatchObject({ created: 2, credentials: [] });
    expect(registry.directory.size).toBe(0);
    const first = await run(FILE);
    expect(first).toMatchObject({ created: 2, updated: 0, unchanged: 0, errors: [] });
    const [c1] = first.credentials;
    expect(c1?.username).toBe('c1');
    expect(await run(FILE)).toEqual({ created: 0, updated: 0, unchanged: 2, errors: [], credentials: [] });
    expect(await run(FILE.replace('东门', '西门'))).toMatchObject({ created: 0, updated: 1, unchanged: 1 });
    expect(await registry.devices.get(admin, 'c1')).toMatchObject({ name: '西门', hasConnectionPassword: true });
    const hash = registry.directory.secretHash(registry.directory.byId('c1')?.key ?? 0);
    expect(registry.secrets.matches(c1?.password ?? '', hash)).toBe(true);
  });

  it('takes a login out of an imported address, keeps the password nowhere in clear, and knows it the second time', async () => {
    const csv =
      '设备编号,设备类型,设备名称,接入协议,视频地址\ncam,generic/camera,东门,rtsp,rtsp://u:Zq7-import-Xv9@10.0.0.9/1';
    expect(await run(csv)).toMatchObject({ created: 1, errors: [] });
    expect(await run(csv)).toMatchObject({ created: 0, updated: 0, unchanged: 1 });
    const { rows } = await sql(database.db.autocommit).query(
      'select (select json_agg(d) from device d), (select json_agg(h) from device_history h), (select json_agg(a) from audit a)',
    );
    expect(JSON.stringify(rows)).toContain('rtsp://10.0.0.9/1');
    expect(JSON.stringify(rows)).not.toContain('Zq7-import-Xv9');
  });

  it('says row and column of every fault and writes nothing', async () => {
    const result = await run(`id,type,name,orgId,parentId,location.lat,location.lon
a,generic/camera,ok,hood-a,,,
b,no/such,x,,,,
c,generic/camera,,nowhere,,,
d,generic/camera,x,nowhere,ghost,121,31
a,generic/camera,again,,,,
e,generic/camera,x,,,abc,1
`);
    expect(result.errors.map(({ row, path, code }) => `${row} ${path} ${code}`)).toEqual([
      '2 /type notFound',
      '3 /name required',
      '4 /location/lat swapped',
      '4 /orgId notFound',
      '4 /parentId notFound',
      '5 /id duplicate',
      '6 /location/lat type',
    ]);
    expect(result).toMatchObject({ created: 0, credentials: [] });
    expect(registry.directory.size).toBe(0);
    expect((await sql(database.db.autocommit).query('select 1 from device')).rowCount).toBe(0);
  });

  it('knows its columns', async () => {
    expect((await run('id,颜色,id\na,b,c')).errors.map(({ code }) => code)).toEqual([
      'unknownColumn',
      'duplicateColumn',
    ]);
    expect((await run('id,type\na,b,c')).errors.map(({ code }) => code)).toEqual(['tooManyCells']);
    await expect(run('id')).rejects.toThrow('没有数据行');
  });

  it('never changes a device that lies outside the scope', async () => {
    await registry.devices.create(admin, { type: 'generic/camera', name: 'b', id: 'b', vendorId: 'globex' });
    const acme = testActor('vendor', { kind: 'vendor', vendorId: 'acme' });
    const result = await run('id,type,name\nb,generic/camera,mine\n', { actor: acme });
    expect(result.errors.map(({ row, path, code }) => `${row} ${path} ${code}`)).toEqual(['1 /id duplicate']);
    expect((await registry.devices.get(admin, 'b')).name).toBe('b');
  });
});
