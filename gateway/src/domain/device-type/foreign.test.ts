import { describe, expect, it } from 'vitest';
import { isGatewayError } from '../../errors.ts';
import { compileDeviceType } from './compile.ts';
import { decodeMessage } from './decode.ts';

const title = { zh: '测试', en: 'test' };
const number = (more: object = {}) => ({ type: 'number', unit: '1', title, ...more });

/** What a type of this shape makes of a message: readings, or the first refusal. */
function read(more: object, payload: string | Uint8Array | object, topic = 'x/d1') {
  const type = compileDeviceType({
    id: 'test/one',
    title,
    module: 'twin',
    adapter: 'mqtt',
    topics: ['x/{id}'],
    identify: { from: '{id}', match: 'serial' },
    health: { interval: '1m' },
    examples: [],
    ...more,
  });
  const bytes =
    payload instanceof Uint8Array
      ? payload
      : Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload));
  const decoded = decodeMessage(type, { topic, payload: bytes, receivedAt: 0 });
  if (!decoded.ok) return { refused: `${decoded.code} ${decoded.detail}` };
  return decoded.items.map((item) => ({
    ...Object.fromEntries(item.values),
    ...(item.notes[0] ? { refused: `${item.notes[0].code} ${item.notes[0].detail}` } : {}),
    ...(item.deviceTime === undefined ? {} : { at: new Date(item.deviceTime).toISOString() }),
    ...(item.identity?.value === 'd1' ? {} : { id: item.identity?.value }),
    ...(item.msgId === undefined || item.deviceTime !== undefined ? {} : { msgId: item.msgId }),
  }));
}
const hex = (more: object) => ({ hex: '/data', ...more });

describe('numbers written as text', () => {
  it.each<[string, unknown, unknown]>([
    ['23.5 °C', { units: { '°C': 1 } }, 23.5],
    ['23.5℃', { units: { '°C': 1 } }, 23.5],
    ['２３．５', {}, 23.5],
    ['1,5 kW', { decimal: ',', units: { W: 1, kW: 1000 } }, 1500],
    ['1.234,5', { decimal: ',', group: '.' }, 1234.5],
    ['0x1F', { radix: 16 }, 31],
    [' 7 ', true, 7],
    ['-.5e1', true, -5],
  ])('%s', (raw, fromText, value) => {
    expect(read({ metrics: { v: number({ fromText }) } }, { v: raw })).toEqual([{ v: value }]);
  });

  it.each<[string, unknown]>([
    ['23.5 K', { units: { '°C': 1 } }],
    ['23.5', undefined],
    ['', true],
    ['0x1F', true],
    ['--', {}],
    [`${'1'.repeat(200_000)}x`, true],
  ])('%.20s is refused', (raw, fromText) => {
    const refused = { refused: expect.stringMatching(/^READING_WRONG_TYPE/) };
    expect(read({ metrics: { v: number(fromText === undefined ? {} : { fromText }) } }, { v: raw })).toEqual(refused);
  });

  it('words become booleans, Chinese keys are keys', () => {
    const metrics = {
      on: { from: '/开关', type: 'boolean', map: { 开: true, 关: false }, title },
      t: number({ from: '/温度', fromText: true, nulls: ['--'] }),
    };
    expect(read({ metrics }, { 开关: '开', 温度: '21.5' })).toEqual([{ on: true, t: 21.5 }]);
    expect(read({ metrics }, { 开关: '关', 温度: '--' })).toEqual([{ on: false }]);
  });
});

describe('shapes', () => {
  const metrics = { t: number({ from: '/temp' }) };
  it('pairs become one object, bounded and without a prototype', () => {
    const topics = [{ topic: 'x/{id}', body: '/params', pairs: { key: '/n', value: '/v' } }];
    const params = [{ n: 'temp', v: 21 }, { n: '__proto__', v: { temp: 99 } }, { v: 1 }, 7];
    expect(read({ topics, metrics }, { params })).toEqual([{ t: 21 }]);
  });

  it('JSON stands inside JSON, as text and as base64', () => {
    const inner = JSON.stringify({ temp: 21 });
    const topics = (encoding: string) => [{ topic: 'x/{id}', inner: { from: '/data', encoding }, body: '/data' }];
    expect(read({ topics: topics('text'), metrics }, { data: inner })).toEqual([{ t: 21 }]);
    const base64 = Buffer.from(inner).toString('base64');
    expect(read({ topics: topics('base64'), metrics }, { data: base64 })).toEqual([{ t: 21 }]);
    expect(read({ topics: topics('text'), metrics }, { data: '{' })).toMatchObject({
      refused: expect.stringContaining('BAD_JSON /data:'),
    });
    expect(read({ topics: topics('text'), metrics }, { data: '['.repeat(40) })).toMatchObject({
      refused: expect.stringContaining('TOO_DEEP'),
    });
  });

  it('delimited text is cut apart', () => {
    const t = number({ from: '/T', fromText: true });
    const named = [{ topic: 'x/{id}', format: 'text', split: { by: ';', assign: '=' } }];
    expect(read({ topics: named, metrics: { t } }, 'T=21.5; H=60')).toEqual([{ t: 21.5 }]);
    const placed = [{ topic: 'x/{id}', format: 'text', split: { by: ',' } }];
    expect(read({ topics: placed, metrics: { t: number({ from: '/1', fromText: true }) } }, 'A1,22,9')).toEqual([
      { t: 22 },
    ]);
  });

  it('reports stand in a list inside the message, which names time and number for all', () => {
    const more = {
      topics: [{ topic: 'x/{id}', list: '/devs' }],
      identify: { from: '/sn', match: 'serial' },
      time: { from: '/ts', format: 'epochS' },
      msgId: '/no',
      metrics,
    };
    const found = read(more, {
      ts: '1795392000',
      no: 7,
      devs: [
        { sn: 'a', temp: 1 },
        { sn: 'b', temp: 2, ts: 1795392060 },
      ],
    });
    expect(found).toEqual([
      { t: 1, id: 'a', at: '2026-11-23T00:00:00.000Z' },
      { t: 2, id: 'b', at: '2026-11-23T00:01:00.000Z' },
    ]);
    const same = read(
      { ...more, time: undefined },
      {
        no: 7,
        devs: [
          { sn: 'a', temp: 1 },
          { sn: 'a', temp: 2 },
        ],
      },
    );
    expect(same).toMatchObject([{ msgId: '7' }, { msgId: '7#1' }]);
  });

  it('parts are numbered, bare, positional or in groups', () => {
    const part = (more: object, v: object) => ({
      components: { p: { title, max: 8, ...more, metrics: { v: number(v) } } },
    });
    expect(read(part({ from: '/u', index: 1 }, { from: '' }), { u: [220, null, 219] })).toEqual([
      { 'p.1.v': 220, 'p.3.v': 219 },
    ]);
    expect(
      read(part({ from: '/u', key: '/0' }, { from: '/1' }), {
        u: [
          [5, 1.5],
          [6, 0],
        ],
      }),
    ).toEqual([{ 'p.5.v': 1.5, 'p.6.v': 0 }]);
    const groups = { groups: [{ ports: [{ no: 1, v: 1 }] }, {}, { ports: [{ no: 2, v: 2 }] }] };
    expect(read(part({ from: '/groups/*/ports', key: '/no' }, {}), groups)).toEqual([{ 'p.1.v': 1, 'p.2.v': 2 }]);
  });
});

describe('frames', () => {
  it.each<[string, object, string, unknown]>([
    ['BCD', { offset: 0, type: 'bcd', length: 2 }, '1234', 1234],
    [
      'BCD, low byte first, less 0x33',
      { offset: 0, type: 'bcd', length: 2, endian: 'little', minus: 51 },
      '6745',
      1234,
    ],
    ['words in reverse order', { offset: 0, type: 'float32', endian: 'bigSwapped' }, '0000 41b8', 23],
    ['bytes of words swapped', { offset: 0, type: 'uint32', endian: 'littleSwapped' }, '0100 0200', 65538],
    ['a few bits', { offset: 0, type: 'uint8', bits: { from: 4, count: 3 } }, '0xD0', 5],
    ['with separators', { offset: -2, type: 'int16' }, 'AA:BB:FF:FE', -2],
  ])('%s', (_, field, data, value) => {
    expect(read({ metrics: { v: number({ from: hex(field) }) } }, { data })).toEqual([{ v: value }]);
  });

  it('a byte that is no decimal digit is no BCD', () => {
    const metrics = { v: number({ from: hex({ offset: 0, type: 'bcd', length: 1 }) }) };
    expect(read({ metrics }, { data: '1a' })).toEqual({ refused: expect.stringMatching(/^BAD_BYTES.*1a is no BCD/) });
  });

  it('texts, identity and time come out of the frame too', () => {
    const more = {
      identify: { from: hex({ offset: 0, type: 'hexText', length: 3 }), match: 'serial' },
      time: {
        from: hex({ offset: 3, type: 'bcdText', length: 6 }),
        format: 'local',
        pattern: 'yyMMddHHmmss',
        zone: 'Asia/Shanghai',
      },
      metrics: { v: { from: hex({ offset: 9, type: 'ascii', length: 4 }), type: 'text', title } },
    };
    const data = `a1b2c3261123080000${Buffer.from('ok\0\0').toString('hex')}`;
    expect(read(more, { data })).toEqual([{ v: 'ok', id: 'A1B2C3', at: '2026-11-23T00:00:00.000Z' }]);
  });

  it.each<[string, object, string, boolean]>([
    ['crc16modbus', { type: 'crc16modbus', to: -2 }, '010302001479 8b'.replace(/ /g, ''), false],
    ['crc16modbus of a Modbus request', { type: 'crc16modbus', to: -2 }, '010300000002c40b', true],
    ['crc16ccitt of 123456789', { type: 'crc16ccitt', to: -2, endian: 'big' }, '31323334353637383929b1', true],
    ['sum8', { type: 'sum8', to: -1 }, '6801026b', true],
    ['xor8, wrong', { type: 'xor8', from: 1, to: -1 }, '680102ff', false],
    ['too short', { type: 'crc16modbus', to: -2 }, '01', false],
  ])('checksum %s', (_, checksum, data, good) => {
    const metrics = { v: number({ from: hex({ offset: 0, type: 'uint8' }) }) };
    const found = read({ frame: { hex: '/data', checksum }, metrics }, { data });
    if (good) expect(found).toEqual([{ v: Number.parseInt(data.slice(0, 2), 16) }]);
    else expect(found).toEqual({ refused: expect.stringMatching(/^BAD_CHECKSUM/) });
  });

  it('a frame that names its device and is broken is refused for what broke it', () => {
    const more = {
      frame: { hex: '/data', minLength: 4, checksum: { type: 'sum8', to: -1 } },
      identify: { from: hex({ offset: 0, type: 'hexText', length: 2 }), match: 'serial' },
      metrics: { v: number({ from: hex({ offset: 2, type: 'uint8' }) }) },
    };
    expect(read(more, { data: 'a1b20558' })).toEqual([{ v: 5, id: 'A1B2' }]);
    expect(read(more, { data: 'a1b20559' })).toEqual({ refused: 'BAD_CHECKSUM sum8 is 58, the frame says 59' });
    expect(read(more, { data: 'a1b2' })).toEqual({ refused: expect.stringMatching(/^BAD_BYTES .* at least 4/) });
    expect(read(more, { data: 'a1b2xx58' })).toEqual({ refused: 'BAD_BYTES not hex' });
    expect(read(more, { other: 1 })).toEqual({ refused: expect.stringMatching(/^IDENTITY_MISSING/) });
  });

  it('first bytes and length are held against the frame', () => {
    const metrics = { v: number({ from: hex({ offset: 1, type: 'uint8' }) }) };
    const frame = { hex: '/data', starts: '68', minLength: 2 };
    expect(read({ frame, metrics }, { data: '6807' })).toEqual([{ v: 7 }]);
    expect(read({ frame, metrics }, { data: '5507' })).toEqual({ refused: expect.stringContaining("'55'") });
    expect(read({ frame, metrics }, { data: '68' })).toEqual({ refused: expect.stringContaining('at least 2') });
  });
});

describe('times', () => {
  it.each<[object, unknown, string]>([
    [
      { format: 'local', pattern: 'yyyy年M月d日 HH:mm:ss', zone: 'Asia/Shanghai' },
      '2026年1月3日 08:05:09',
      '2026-01-03T00:05:09.000Z',
    ],
    [
      { format: 'local', pattern: 'dd/MM/yyyy HH:mm', zone: 'Asia/Shanghai' },
      '03/01/2026 08:05',
      '2026-01-03T00:05:00.000Z',
    ],
    [{ format: 'epochS' }, ' 1795392000 ', '2026-11-23T00:00:00.000Z'],
    [{ format: 'epochUs' }, 1795392000000000, '2026-11-23T00:00:00.000Z'],
    [{ format: 'epochNs' }, '1795392000000000000', '2026-11-23T00:00:00.000Z'],
  ])('%j', (time, raw, at) => {
    expect(read({ time: { from: '/t', ...time }, metrics: { v: number() } }, { t: raw, v: 1 })).toEqual([{ v: 1, at }]);
  });

  it('of two fields, and what does not fit', () => {
    const time = { from: ['/date', '/clock'], format: 'local', zone: 'Asia/Shanghai' };
    expect(read({ time, metrics: { v: number() } }, { date: '2026-11-23', clock: '08:00:00', v: 1 })).toEqual([
      { v: 1, at: '2026-11-23T00:00:00.000Z' },
    ]);
    const wrong = { from: '/t', format: 'local', pattern: 'yyyy-MM-dd HH:mm', zone: 'Asia/Shanghai' };
    for (const t of ['2026-02-30 10:00', '2026-11-23T10:00', '26-11-23 10:00', '', 'x'.repeat(100_000)]) {
      expect(read({ time: wrong, metrics: { v: number() } }, { t, v: 1 })).toEqual({
        refused: expect.stringMatching(/^BAD_TIME/),
      });
    }
  });
});

describe('a definition is refused that', () => {
  const faultsOf = (more: object): string[] => {
    try {
      read(more, {});
      return [];
    } catch (error) {
      if (!isGatewayError(error, 'INVALID_INPUT')) throw error;
      return error.errors.map(({ path, code }) => `${path} ${code}`);
    }
  };
  const bytes = (field: object) => ({ metrics: { v: number({ from: hex({ offset: 0, ...field }) }) } });
  it.each<[string, object, string]>([
    ['gives BCD no length', bytes({ type: 'bcd' }), '/metrics/v/from bytes'],
    ['gives bit and bits', bytes({ type: 'uint8', bit: 1, bits: { from: 0, count: 2 } }), '/metrics/v/from bytes'],
    ['swaps words of two bytes', bytes({ type: 'uint16', endian: 'bigSwapped' }), '/metrics/v/from bytes'],
    ['splits JSON', { topics: [{ topic: 'x/{id}', split: { by: ',' } }] }, '/topics/0/split split'],
    [
      'has a pattern without a year',
      { time: { from: '/t', format: 'local', zone: 'UTC', pattern: 'MM-dd HH:mm' } },
      '/time/pattern time',
    ],
    [
      'has a pattern for numbers',
      { time: { from: '/t', format: 'epochS', pattern: 'yyyyMMddHHmm' } },
      '/time/pattern time',
    ],
    [
      'names parts twice',
      { components: { p: { title, max: 4, key: '/a', index: 1, metrics: {} } } },
      '/components/p/index index',
    ],
    [
      'reads too much',
      {
        components: Object.fromEntries(
          [...'abcdefgh'].map((c) => [
            c,
            { title, max: 256, metrics: Object.fromEntries([...'abcdef'].map((m) => [m, number()])) },
          ]),
        ),
      },
      '/components size',
    ],
    [
      'times a command out after an hour',
      { commands: { go: { title, timeout: '1h' } } },
      '/commands/go/timeout timeout',
    ],
    [
      'bounds a text',
      { commands: { go: { title, params: { a: { title, type: 'text', min: 1 } } } } },
      '/commands/go/params/a param',
    ],
  ])('%s', (_, more, expected) => {
    expect(faultsOf(more)).toContain(expected);
  });
});
