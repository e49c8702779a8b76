import { describe, expect, it } from 'vitest';
import { isGatewayError } from '../../errors.ts';
import { compileDeviceType, metricInfo } from './compile.ts';

const title = { zh: '测试', en: 'test' };
const good = () => ({
  id: 'test/one',
  title,
  module: 'twin',
  adapter: 'mqtt',
  topics: ['x/{id}/{key}'] as unknown[],
  identify: { from: '{id}', match: 'serial' } as unknown,
  metrics: { a: { type: 'number', unit: '1', title } } as Record<string, unknown>,
  components: { ports: { title, max: 4, metrics: { current: { type: 'number', unit: 'A', title } } } },
  events: {} as Record<string, unknown>,
  alarms: {} as Record<string, unknown>,
  health: { interval: '1m' } as Record<string, unknown>,
  examples: [],
});

/** `path code` of every fault. */
function faults(change: (definition: ReturnType<typeof good>) => void, options = {}): string[] {
  const definition = good();
  change(definition);
  try {
    compileDeviceType(definition, options);
    return [];
  } catch (error) {
    if (!isGatewayError(error, 'INVALID_INPUT')) throw error;
    for (const { message } of error.errors) expect(message).toMatch(/\p{Script=Han}.* \/ \w/u);
    return error.errors.map(({ path, code }) => `${path} ${code}`);
  }
}

const alarm = (fields: object) => ({ title, when: 'a > 1', clear: 'a < 1', severity: 'minor', ...fields });

describe('a definition', () => {
  it('is accepted when good', () => {
    expect(faults(() => undefined)).toEqual([]);
  });

  it('is told in both languages which values a field takes', () => {
    const definition = { ...good(), metrics: { a: { type: 'nummber', title } } };
    const allowed = 'number, text, boolean';
    try {
      compileDeviceType(definition);
      expect.unreachable();
    } catch (error) {
      if (!isGatewayError(error, 'INVALID_INPUT')) throw error;
      expect(error.errors[0]?.message).toMatch(new RegExp(`只能是 ${allowed} 之一.* / .*${allowed}`));
    }
  });

  it.each<[string, (definition: ReturnType<typeof good>) => void, string]>([
    ['unknown member', (d) => Object.assign(d, { colour: 1 }), '/ additionalProperties'],
    ['bad id', (d) => (d.id = '../etc'), '/id pattern'],
    ['no topic capture for identify', (d) => (d.identify = { from: '{name}', match: 'id' }), '/topics/0 identify'],
    ['no identify', (d) => Reflect.deleteProperty(d, 'identify'), '/identify identify'],
    ['wildcard topic', (d) => (d.topics = ['x/{id}/#']), '/topics/0 topic'],
    ['two captures in a level', (d) => (d.topics = ['x/{id}{key}']), '/topics/0 topic'],
    ['topic twice', (d) => d.topics.push('x/{id}/{key}'), '/topics/1 topic'],
    ['foreign cgw topic', (d) => d.topics.push('cgw/v1/{deviceId}/command'), '/topics/1 topic'],
    ['$SYS', (d) => d.topics.push('$SYS/{id}'), '/topics/1 topic'],
    ['number without unit', (d) => (d.metrics.b = { type: 'number', title }), '/metrics/b/unit unit'],
    ['unit that is no UCUM', (d) => (d.metrics.b = { type: 'number', unit: '°C', title }), '/metrics/b/unit enum'],
    [
      'min over max',
      (d) => (d.metrics.b = { type: 'number', unit: '1', min: 2, max: 1, title }),
      '/metrics/b/max range',
    ],
    ['range of a text', (d) => (d.metrics.b = { type: 'text', min: 2, title }), '/metrics/b/min min'],
    ['map to another type', (d) => (d.metrics.b = { type: 'boolean', map: { on: 1 }, title }), '/metrics/b/map/on map'],
    [
      'map beyond values',
      (d) => (d.metrics.b = { type: 'text', map: { '1': 'x' }, values: { y: title }, title }),
      '/metrics/b/map/1 map',
    ],
    [
      'unknown capture in when',
      (d) => (d.metrics.b = { type: 'text', when: { nix: 1 }, title }),
      '/metrics/b/when capture',
    ],
    [
      'unknown capture in from',
      (d) => (d.metrics.b = { type: 'text', from: '{nix}', title }),
      '/metrics/b/from capture',
    ],
    [
      'two frames',
      (d) =>
        (d.metrics.b = {
          type: 'number',
          unit: '1',
          title,
          from: { hex: 'payload', base64: '/x', offset: 0, type: 'int8' },
        }),
      '/metrics/b/from bytes',
    ],
    [
      'fresh shorter than the interval',
      (d) => (d.metrics.b = { type: 'text', freshWithin: '30s', title }),
      '/metrics/b/freshWithin freshWithin',
    ],
    ['same name as a component', (d) => (d.metrics.ports = { type: 'text', title }), '/metrics/ports name'],
    [
      'title in one language',
      (d) => (d.metrics.b = { type: 'text', title: { zh: '甲' } }),
      '/metrics/b/title required',
    ],
    ['alarm on nothing', (d) => (d.alarms.x = alarm({ when: 'b > 1' })), '/alarms/x/when metric'],
    [
      'alarm on one part is fine, on an unknown one is not',
      (d) => (d.alarms.x = alarm({ when: 'any(ports.*.volt) > 1' })),
      '/alarms/x/when metric',
    ],
    ['threshold without clear', (d) => (d.alarms.x = alarm({ clear: undefined })), '/alarms/x/clear clear'],
    [
      'several metrics without clear',
      (d) => (d.alarms.x = { title, severity: 'minor', when: 'a == 1 or ports.1.current == 2' }),
      '/alarms/x/clear clear',
    ],
    ['broken expression', (d) => (d.alarms.x = alarm({ when: 'a >> 1' })), '/alarms/x/when expression'],
    [
      'life safety that waits',
      (d) => (d.alarms.x = alarm({ lifeSafety: true, severity: 'critical', for: '10s' })),
      '/alarms/x/for lifeSafety',
    ],
    ['life safety that is minor', (d) => (d.alarms.x = alarm({ lifeSafety: true })), '/alarms/x/severity lifeSafety'],
    [
      'life-safety event that is minor',
      (d) => (d.events.x = { title, severity: 'minor', lifeSafety: true }),
      '/events/x/severity lifeSafety',
    ],
    ['event with from alone', (d) => (d.events.x = { title, severity: 'minor', from: '/x' }), '/events/x event'],
    ['duration', (d) => (d.health.interval = '5 minutes'), '/health/interval pattern'],
    ['offline before the interval', (d) => (d.health.offlineAfter = '30s'), '/health/offlineAfter health'],
    ['local time without zone', (d) => Object.assign(d, { time: { from: '/t', format: 'local' } }), '/time/zone time'],
    [
      'no such zone',
      (d) => Object.assign(d, { time: { from: '/t', format: 'local', zone: 'Asia/Pudong' } }),
      '/time/zone time',
    ],
    ['decoder missing', (d) => Object.assign(d, { decode: true }), '/decode decode'],
    [
      'no such refusal',
      (d) => Object.assign(d, { examples: [{ name: 'x', topic: 'x', payload: 1, refused: 'NIX' }] }),
      '/examples/0/refused enum',
    ],
  ])('%s is refused', (_, change, fault) => {
    expect(faults(change)).toContain(fault);
  });

  it('explicit undefined is refused like an unknown value, prototype names are no metrics', () => {
    expect(faults((d) => (d.metrics = JSON.parse('{"__proto__":{"type":"text"}}')))).not.toEqual([]);
  });

  it('is not a list or a text', () => {
    for (const input of [null, [], 'x', 5, undefined]) expect(() => compileDeviceType(input)).toThrow('not valid');
  });

  it('finds what a stored metric means', () => {
    const type = compileDeviceType(good());
    expect(metricInfo(type, 'ports.3.current')).toMatchObject({ name: 'ports.*.current', unit: 'A' });
    expect(metricInfo(type, 'ports.3.x.current')).toBeUndefined();
    expect(metricInfo(type, 'a')?.unit).toBe('1');
    expect(type.health).toEqual({
      interval: 60_000,
      offlineAfter: 180_000,
      hold: null,
      recoverAfter: null,
      retirementCandidateAfter: null,
    });
  });
});
