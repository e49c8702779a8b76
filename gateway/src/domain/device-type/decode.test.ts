import { describe, expect, it } from 'vitest';
import { compileDeviceType } from './compile.ts';
import { decodeMessage } from './decode.ts';
import type { Decoded, DecodedItem } from './decoded.ts';

const title = { zh: '测试', en: 'test' };
const number = { type: 'number', unit: '1', title } as const;

const type = compileDeviceType({
  id: 'test/all',
  title,
  module: 'twin',
  adapter: 'mqtt',
  topics: [
    'cgw/v1/{deviceId}/telemetry',
    { topic: 'v/{id}/list', list: true, body: '/m' },
    { topic: 'v/{id}/raw', format: 'bytes' },
    { topic: 'h/{id}', format: 'value' },
  ],
  identify: { from: '{id}', match: 'serial' },
  time: { from: '/t', format: 'epochS' },
  metrics: {
    a: { ...number, min: 0, max: 100 },
    must: { ...number, required: true },
    word: { type: 'text', title, maxLength: 8 },
    flag: { type: 'boolean', title },
    numeric: { ...number, fromText: true },
    deep: { ...number, from: '/metrics/x/y~1z/0' },
    low: { ...number, from: { bytes: 'payload', offset: 0, type: 'uint16', endian: 'little' }, when: { id: 'bytes' } },
    last: { ...number, from: { hex: 'payload', offset: -1, type: 'int8' }, when: { id: 'hex' } },
  },
  components: {
    ports: { title, key: '/no', max: 2, metrics: { current: number } },
    sides: { title, max: 4, metrics: { t: number } },
  },
  events: { smoke: { title, severity: 'critical', lifeSafety: true } },
  health: { interval: '1m' },
  examples: [],
});

function decode(payload: unknown, topic = 'cgw/v1/d1/telemetry'): Decoded {
  const bytes =
    payload instanceof Uint8Array
      ? payload
      : Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload));
  return decodeMessage(type, { topic, payload: bytes, receivedAt: 0 });
}

function one(payload: unknown, topic?: string): DecodedItem {
  const decoded = decode(payload, topic);
  if (!decoded.ok) throw new Error(`${decoded.code}: ${decoded.detail}`);
  const [item] = decoded.items;
  if (!item || decoded.items.length !== 1) throw new Error(`${decoded.items.length} items`);
  return item;
}

const values = (item: DecodedItem) => Object.fromEntries(item.values);
const nest = (depth: number) => `{"must":1,"junk":${'['.repeat(depth)}${']'.repeat(depth)}}`;

describe('a hostile payload is refused', () => {
  it.each<[string, unknown, string]>([
    ['empty', '', 'BAD_JSON'],
    ['cut off', '{"must":1', 'BAD_JSON'],
    ['NaN', '{"must":NaN}', 'BAD_JSON'],
    ['two documents', '{"must":1}{"must":2}', 'BAD_JSON'],
    ['a number', '5', 'BAD_SHAPE'],
    ['null', 'null', 'BAD_SHAPE'],
    ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 'BAD_UTF8'],
    [
      'overlong UTF-8',
      Buffer.concat([Buffer.from('{"word":"'), Buffer.from([0xc0, 0x80]), Buffer.from('"}')]),
      'BAD_UTF8',
    ],
    ['33 levels', nest(32), 'TOO_DEEP'],
    ['200,000 levels', nest(200_000), 'TOO_DEEP'],
    ['200,000 levels, never closed', '['.repeat(200_000), 'TOO_DEEP'],
    ['__proto__', '{"__proto__":{"must":1}}', 'FORBIDDEN_KEY'],
    ['__proto__ deep inside', '{"must":1,"x":[{"y":{"__proto__":1}}]}', 'FORBIDDEN_KEY'],
    ['__proto__ written with escapes', '{"must":1,"\\u005f_proto__":{}}', 'FORBIDDEN_KEY'],
    ['constructor', '{"must":1,"constructor":{"prototype":1}}', 'FORBIDDEN_KEY'],
    ['1e400', '{"must":1e400}', 'READING_NOT_FINITE'],
    ['a number as text', '{"must":"1"}', 'READING_WRONG_TYPE'],
    ['a list for a number', '{"must":[1]}', 'READING_WRONG_TYPE'],
    ['an object that looks like a refusal', '{"must":{"code":"X","refusal":1,"detail":"x"}}', 'READING_WRONG_TYPE'],
    ['0 for a boolean', '{"flag":0}', 'READING_WRONG_TYPE'],
    ['NUL in a text', '{"word":"a\\u0000"}', 'READING_BAD_TEXT'],
    ['nothing', '{}', 'READING_REQUIRED'],
    ['an empty envelope', '{"events":[]}', 'EMPTY_MESSAGE'],
    ['an empty list', '[]', 'EMPTY_MESSAGE'],
    ['a list of lists', '[[]]', 'BAD_SHAPE'],
    ['too many items', `[${'{"must":1},'.repeat(1_000)}{"must":1}]`, 'TOO_MANY_ITEMS'],
    ['metrics as list', '{"metrics":[1]}', 'BAD_SHAPE'],
    ['events as object', '{"events":{}}', 'BAD_SHAPE'],
    ['ts without offset', '{"ts":"2026-11-23T08:00:00","must":1}', 'BAD_TIME'],
    ['ts of 30 February', '{"ts":"2026-02-30T08:00:00Z","must":1}', 'BAD_TIME'],
    ['ts as object', '{"ts":{},"must":1}', 'BAD_TIME'],
    ['ts beyond all time', '{"ts":1e300,"must":1}', 'BAD_TIME'],
    ['ts before 1970', '{"ts":-5,"must":1}', 'BAD_TIME'],
  ])('%s', (_, payload, code) => {
    expect(decode(payload)).toMatchObject({ ok: false, code });
  });

  it('leaves Object.prototype alone', () => {
    decode('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}');
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('a refusal never quotes what no database takes', () => {
    const nul = decode(Buffer.from('{"must":\u0000}'));
    expect(nul).toMatchObject({ ok: false, code: 'BAD_JSON' });
    expect(JSON.stringify(nul)).not.toContain('\\u0000');
  });

  it('32 levels pass, brackets inside texts do not count', () => {
    expect(values(one(nest(31)))).toEqual({ must: 1 });
    expect(values(one(`{"must":1,"junk":"${'['.repeat(99)}\\"${'{'.repeat(99)}"}`))).toEqual({ must: 1 });
  });
});

describe('the contract topics', () => {
  it('read envelope and flat form alike', () => {
    const envelope = one({
      ts: '2026-11-23T08:00:00.250+08:00',
      msgId: 'm',
      metrics: { a: 1, must: 2, x: { 'y/z': [7] } },
    });
    const flat = one({ ts: 1795392000250, msgId: 'm', v: 1, a: 1, must: 2, x: { 'y/z': [7] } });
    expect({ ...envelope, givenTime: flat.givenTime }).toEqual(flat);
    expect(flat.deviceTime).toBe(1795392000250);
    expect(values(flat)).toEqual({ a: 1, must: 2, deep: 7 });
    expect(flat.identity).toEqual({ match: 'id', value: 'd1' });
    expect(flat.unknown).toEqual([]);
  });

  it('keep the good part and say what was refused', () => {
    const item = one({ must: 1, a: 101, word: 'much too long', flag: 'yes', numeric: '5.5', other: 1 });
    expect(values(item)).toEqual({ must: 1, numeric: 5.5 });
    expect(item.notes.map(({ code, path }) => `${path} ${code}`)).toEqual([
      'a READING_OUT_OF_RANGE',
      'word READING_BAD_TEXT',
      'flag READING_WRONG_TYPE',
    ]);
    expect(item.unknown).toEqual(['other']);
  });

  it('refuse lone surrogates in a value and clean them in a name', () => {
    const item = one('{"must":1,"word":"\\ud800","bad\\ud800\\u0000":1}');
    expect(item.notes[0]?.code).toBe('READING_BAD_TEXT');
    expect(item.unknown).toEqual(['bad\ufffd␀']);
  });

  it('a list keeps its good reports and numbers the notes', () => {
    const decoded = decode([{ must: 1 }, { must: 'x' }, 7]);
    expect(decoded).toMatchObject({
      ok: true,
      items: [{ notes: [] }, { notes: [{ path: '/1/must' }] }, { notes: [{ path: '/2/' }] }],
    });
    expect(decode([{ must: 'x' }, 7])).toMatchObject({ ok: false, code: 'READING_WRONG_TYPE' });
  });

  it('name parts by key, cap them and refuse doubles', () => {
    const item = one({
      must: 1,
      ports: [
        { no: 1, current: 5 },
        { no: '1', current: 6 },
        { no: 2, current: 7 },
      ],
      sides: { left: { t: 1 }, 'b.c': { t: 2 } },
    });
    expect(values(item)).toEqual({ must: 1, 'ports.1.current': 5, 'sides.left.t': 1 });
    expect(item.notes.map(({ code }) => code)).toEqual(['BAD_COMPONENT', 'TOO_MANY_ITEMS', 'BAD_COMPONENT']);
  });

  it('give events the severity of the type and keep unknown ones', () => {
    const item = one({
      events: [
        { code: 'smoke', severity: 'info', ts: 5, component: 2 },
        { code: 'odd', severity: 'major' },
        { code: '9' },
        4,
      ],
    });
    expect(item.events).toEqual([
      { code: 'smoke', severity: 'critical', lifeSafety: true, component: '2', time: 5 },
      { code: 'odd', severity: 'major', lifeSafety: false },
    ]);
    expect(item.unknown).toEqual(['event:odd']);
    expect(item.notes.map(({ code }) => code)).toEqual(['BAD_EVENT', 'BAD_EVENT']);
  });

  it('a life-safety event survives a bad time, bad data and bad readings', () => {
    const item = one('{"ts":"soon","metrics":{"must":1},"events":[{"code":"smoke","data":{"x":"\\u0000"}}]}');
    expect(item.events).toMatchObject([{ code: 'smoke', lifeSafety: true }]);
    expect(item.events[0]?.data).toBeUndefined();
    expect(values(item)).toEqual({});
  });

  it('an event without msgId is told apart from telemetry of the same moment', () => {
    expect(one({ ts: 9, code: 'smoke' }, 'cgw/v1/d1/event').msgId).toBe('event:smoke@9');
    expect(one({ ts: 9, msgId: 'x', code: 'smoke' }, 'cgw/v1/d1/event').msgId).toBe('x');
  });

  it.each<[string, string | undefined]>([
    ['online', 'online'],
    [' offline\n', 'offline'],
    ['"online"', 'online'],
    ['{"state":"offline"}', 'offline'],
    ['Online', undefined],
    ['{"state":1}', undefined],
    ['{"state":', undefined],
    ['', undefined],
  ])('state %j claims %s', (payload, claim) => {
    const decoded = decode(payload, 'cgw/v1/d1/state');
    expect(decoded.ok ? decoded.items[0]?.claim : undefined).toBe(claim);
  });

  it('acknowledgements need id and ok', () => {
    expect(one({ id: 'c1', ok: true, result: { done: 1 } }, 'cgw/v1/d1/command/ack').ack).toEqual({
      id: 'c1',
      ok: true,
      result: { done: 1 },
    });
    expect(decode({ id: 'c1', ok: 'yes' }, 'cgw/v1/d1/command/ack')).toMatchObject({ ok: false, code: 'BAD_ACK' });
    expect(decode([1], 'cgw/v1/d1/command/ack')).toMatchObject({ ok: false, code: 'BAD_ACK' });
  });

  it.each(['cgw/v1/d1/command', 'cgw/v1//telemetry', 'cgw/v1/d1', 'cgw/v2/d1/telemetry', 'cgw/v1/d1/toString', ''])(
    '%j is no topic of a device',
    (topic) => {
      expect(decode('{"must":1}', topic)).toMatchObject({ ok: false, code: 'TOPIC_UNKNOWN' });
    },
  );
});

describe('topics of a vendor', () => {
  it('list, body, identity and time', () => {
    const decoded = decode(
      [
        { t: 10, m: { must: 1 } },
        { t: 11, m: { must: 2 } },
      ],
      'v/7/list',
    );
    expect(decoded).toMatchObject({
      ok: true,
      items: [
        { identity: { match: 'serial', value: '7' }, deviceTime: 10_000, msgId: 'v/7/list@10000' },
        { deviceTime: 11_000 },
      ],
    });
  });

  it('says whose report it was when nothing of it is left, unless it speaks of two devices', () => {
    const identity = { match: 'serial', value: '7' };
    expect(decode([{ t: 10, m: {} }], 'v/7/list')).toMatchObject({ ok: false, code: 'READING_REQUIRED', identity });
    expect(decode('nonsense', 'v/7/list')).not.toHaveProperty('identity');
  });

  it('a message number made of a topic never holds half a pair', () => {
    const item = one([{ t: 10, m: { must: 1 } }], `v/${'😀'.repeat(48)}/list`);
    expect(item.msgId?.isWellFormed()).toBe(true);
  });

  it('bytes and hex', () => {
    expect(values(one(Buffer.from([0x34, 0x12]), 'v/bytes/raw'))).toEqual({ low: 0x1234 });
    expect(decode(Buffer.from([1]), 'v/bytes/raw')).toMatchObject({ ok: false, code: 'BAD_BYTES' });
    expect(values(one('0aff', 'h/hex'))).toEqual({ last: -1 });
    expect(decode('0afg', 'h/hex')).toMatchObject({ ok: false, code: 'BAD_BYTES' });
    expect(decode('0af', 'h/hex')).toMatchObject({ ok: false, code: 'BAD_BYTES' });
  });
});
