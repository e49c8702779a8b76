import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { buildSource } from './device-type-file.ts';
import { checkDeviceTypeFile, loadDeviceTypes } from './device-types.ts';

const BUILT_IN = fileURLToPath(new URL('../../../device-schemas', import.meta.url));
const folders: string[] = [];

async function folder(files: Record<string, string> = {}): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'cgw-types-'));
  folders.push(dir);
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), text);
  }
  return dir;
}

afterEach(async () => {
  for (const dir of folders.splice(0)) await rm(dir, { recursive: true, force: true });
});

const pump = `id: acme/pump
title: { zh: 水泵, en: Pump }
module: twin
adapter: mqtt
topics: ["acme/{serial}/data"]
identify: { from: "{serial}", match: serial }
metrics:
  flow: { type: number, unit: L/min, min: 0, max: 900, freshWithin: 30m, title: { zh: 流量, en: Flow } }
health: { interval: 1m }
examples:
  - { name: usual, topic: acme/7/data, payload: { flow: 5 }, readings: { flow: 5 } }
  - { name: broken, topic: acme/7/data, payload: { flow: -5 }, refused: READING_OUT_OF_RANGE }
`;

const flow = (value: unknown) => ({
  topic: 'acme/7/data',
  payload: Buffer.from(JSON.stringify({ flow: value })),
  receivedAt: 0,
});

describe('the catalogue', () => {
  it('serves ingest: decoding, units, candidates of a topic, late windows', async () => {
    const types = await loadDeviceTypes(await folder({ 'acme/pump.yaml': pump }));
    expect(types.list().map(({ id }) => id)).toEqual(['acme/pump']);
    expect(types.decode('acme/pump', flow(5))).toMatchObject({
      ok: true,
      items: [{ identity: { match: 'serial', value: '7' } }],
    });
    expect(types.decode('acme/none', flow(5))).toBeUndefined();
    expect(types.unitOf('acme/pump', 'flow')).toBe('L/min');
    expect(types.unitOf('acme/pump', 'none')).toBeUndefined();
    expect(types.lateAfter('acme/pump')).toBe(30 * 60_000);
    expect(types.typesForTopic('acme/7/data')).toEqual(['acme/pump']);
    expect(types.typesForTopic('acme/7/data/x')).toEqual([]);
    expect(types.forTopic('vendor', 'acme/7/data')).toMatchObject([
      { captures: { serial: '7' }, identity: { value: '7' } },
    ]);
    expect(types.forTopic('device', 'acme/7/data')).toEqual([]);
    expect(types.forTopic('vendor', 'cgw/v1/d1/telemetry')).toEqual([]);
  });

  it('several types may know one topic', async () => {
    const types = await loadDeviceTypes(BUILT_IN);
    expect(types.typesForTopic('tele/x/SENSOR')).toEqual(['tasmota/ct-clamp', 'tasmota/energy-plug']);
    expect(types.lateAfter('milesight/em310-udl')).toBe(6 * 3_600_000);
    expect(types.typesForTopic('tele/esense_1/LWT')).toContain('easysense/station');
    expect(types.typesForTopic('openevse-unit/amp')).toEqual(['openevse/wifi']);
    expect(types.typesForTopic('application/a/device/b/event/up').length).toBeGreaterThanOrEqual(6);
  });

  it('serves uploads beside what is built in: approved to all, submitted to devices on trial only', async () => {
    const types = await loadDeviceTypes(BUILT_IN);
    const compiled = (text: string) => {
      const built = buildSource(text);
      if (!built.ok) throw new Error(built.errors[0]?.message);
      return built.type;
    };
    const wider = compiled(pump.replace('max: 900', 'max: 9000').replace('freshWithin: 30m', 'freshWithin: 40m'));
    const upload = { id: 'acme/pump', vendorId: 'acme', shared: false };
    types.serve([{ ...upload, approved: null, trial: compiled(pump) }]);
    expect(types.decode('acme/pump', flow(5), { lifecycle: 'active' })).toBeUndefined();
    expect(types.decode('acme/pump', flow(5), { lifecycle: 'trial' })).toMatchObject({ ok: true });
    expect([types.isApproved('acme/pump'), types.isApproved('generic/camera')]).toEqual([false, true]);

    types.serve([{ ...upload, approved: compiled(pump), trial: wider }]);
    expect(types.decode('acme/pump', flow(5_000), { lifecycle: 'active' })).toMatchObject({ ok: false });
    expect(types.decode('acme/pump', flow(5_000), { lifecycle: 'trial' })).toMatchObject({ ok: true });
    expect(types.typesForTopic('acme/7/data')).toEqual(['acme/pump']);
    expect(types.typesForTopic('acme/7/data', 'acme')).toEqual(['acme/pump']);
    expect(types.typesForTopic('acme/7/data', 'globex')).toEqual([]);
    const scopeOf = (vendorId: string) => ({ kind: 'vendor', vendorId }) as const;
    expect(types.isVisible('acme/pump', scopeOf('acme'))).toBe(true);
    expect(types.isVisible('acme/pump', scopeOf('globex'))).toBe(false);
    expect(types.lateAfter('acme/pump')).toBe(30 * 60_000);
    types.serve([{ ...upload, approved: wider, trial: null }]);
    expect(types.lateAfter('acme/pump')).toBe(40 * 60_000);
    types.serve([]);
    expect(types.get('acme/pump')).toBeUndefined();
  });

  it.each<[string, string, string]>([
    ['a failing example', pump.replace('readings: { flow: 5 }', 'readings: { flow: 6 }'), '/examples/0 example 11:5'],
    ['no broken example', pump.replace(/ {2}- \{ name: broken.*\n/, ''), '/examples example 10:1'],
    ['broken YAML', 'id: [', '/ yaml 1:6'],
    ['a key twice', `${pump}id: acme/other\n`, '/ yaml 13:1'],
    ['an alias bomb', 'a: &a [x]\nb: &b [*a,*a]\nc: [*b,*b]\n', '/ yaml 1:4'],
    ['a tag', '!!js/function "x"', '/ yaml 1:1'],
    ['a megabyte', `# ${'x'.repeat(1_000_000)}\n${pump}`, '/ size undefined:undefined'],
    ['deep brackets', '['.repeat(60_000), '/ depth undefined:undefined'],
    ['code', `${pump}decode: true\n`, '/decode decode 13:1'],
    ['nothing', '', '/ type undefined:undefined'],
    ['a path', pump.replace('acme/pump', '../../etc/passwd'), '/id pattern 1:1'],
  ])('an upload with %s is refused with its place', (_, source, expected) => {
    const built = buildSource(source);
    const faults = built.ok ? [] : built.errors;
    expect(faults.map(({ path, code, line, column }) => `${path} ${code} ${line}:${column}`)).toContain(expected);
    for (const { message } of faults) expect(message).toMatch(/\p{Script=Han}.* \/ \S/u);
  });
});

describe('a bad file', () => {
  it('stops the start, naming file, line, path, rule and remedy', async () => {
    const dir = await folder({ 'acme/pump.yaml': pump.replace('unit: L/min, ', '') });
    await expect(loadDeviceTypes(dir)).rejects.toThrow(
      /acme\/pump\.yaml:8:3 {2}\/metrics\/flow\/unit {2}\[unit\] {2}数值必须写单位.* \/ a number needs a UCUM unit/,
    );
  });

  it('with an id that is not its path', async () => {
    await expect(loadDeviceTypes(await folder({ 'acme/other.yaml': pump }))).rejects.toThrow(
      /other\.yaml:1:1 .*acme\/other/,
    );
  });

  it('an empty folder stops the start', async () => {
    await expect(loadDeviceTypes(await folder())).rejects.toThrow('no device-type file found');
  });

  it('a decoder that is missing, broken or without decode()', async () => {
    const type = `${pump}decode: true\n`;
    const codes: string[] = [];
    for (const decoder of [undefined, 'export const other = 1;', 'throw new Error("x");']) {
      const dir = await folder({ 'acme/pump.yaml': type, ...(decoder && { 'acme/pump.decode.ts': decoder }) });
      const { ok, lines } = await checkDeviceTypeFile(join(dir, 'acme/pump.yaml'));
      expect(ok).toBe(false);
      codes.push(lines[0] ?? '');
    }
    expect(codes[0]).toContain('decode.ts file is missing');
    expect(codes[1]).toContain('exports no function named decode');
    expect(codes[2]).toContain('cannot be loaded');
  });
});

describe('checking one file for a vendor', () => {
  it('says what it found', async () => {
    const dir = await folder({ 'pump.yaml': pump });
    expect(await checkDeviceTypeFile(join(dir, 'pump.yaml'))).toEqual({
      ok: true,
      lines: [
        'acme/pump  水泵 / Pump',
        '指标 metrics 1 · 事件 events 0 · 告警 alarms 0 · 样例 examples 2',
        '通过 / OK',
      ],
    });
  });

  it('says what to change', async () => {
    const dir = await folder({ 'pump.yaml': pump.replace('readings: { flow: 5 }', 'readings: { flow: 6 }') });
    const { ok, lines } = await checkDeviceTypeFile(join(dir, 'pump.yaml'));
    expect(ok).toBe(false);
    expect(lines[0]).toMatch(
      /pump\.yaml:11:5 {2}\/examples\/0 {2}\[example\] {2}样例“usual”不符 .* readings is \{"flow":5\}, expected \{"flow":6\}/,
    );
  });

  it('says when there is no file', async () => {
    expect(await checkDeviceTypeFile('/nowhere/x.yaml')).toMatchObject({ ok: false });
  });
});
