import Type from 'typebox';
import { describe, expect, it } from 'vitest';
import { MAX_POLYGON_POINTS } from '../domain/polygon.ts';
import { answerWriter } from './answers.ts';
import { MAX_PARTS, parseBody, sizeFault } from './json.ts';
import { Anything, Dict, DurationOut, List, Nullable, Secret, TimeOut } from './schema.ts';
import { createTimes } from './times.ts';

const times = createTimes('Asia/Shanghai');
const written = (schema: object, value: unknown, options?: { secrets: boolean }): unknown =>
  JSON.parse(answerWriter(schema, times, options)(value));

describe('times', () => {
  it.each([
    ['Asia/Shanghai', Date.UTC(2026, 10, 23), '2026-11-23T08:00:00.000+08:00'],
    ['UTC', Date.UTC(2026, 10, 23), '2026-11-23T00:00:00.000+00:00'],
    ['America/St_Johns', Date.UTC(2026, 6, 1, 12), '2026-07-01T09:30:00.000-02:30'],
    ['Europe/Berlin', Date.UTC(2026, 2, 29, 0, 59), '2026-03-29T01:59:00.000+01:00'],
    ['Europe/Berlin', Date.UTC(2026, 2, 29, 1, 0), '2026-03-29T03:00:00.000+02:00'],
  ])('of %s carry the offset that held then', (zone, at, text) => {
    expect(createTimes(zone).iso(at)).toBe(text);
    expect(createTimes(zone).parse(text, 'x')).toBe(at);
  });

  it.each(['', 'now', '2026-11-23', '2026-11-23T08:00:00', '2026-13-01T00:00:00Z', '-5', '1e3', '99999999999999999'])(
    'in the form %j are refused by the name of the field',
    (text) => {
      expect(() => times.parse(text, 'from')).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
    },
  );

  it('keep fractions of a millisecond out of the text', () => {
    expect(times.iso(Date.UTC(2026, 10, 23) + 0.125)).toBe('2026-11-23T08:00:00.000+08:00');
  });
});

describe('a response schema', () => {
  const schema = Type.Object({
    at: Nullable(TimeOut),
    every: DurationOut,
    names: Dict(Type.Object({ since: TimeOut })),
    rows: List(Type.Object({ key: Secret('once') })),
    count: Type.Integer(),
  });
  const value = {
    at: 0,
    every: 90_000,
    names: { a: { since: 0, hidden: 1 }, __proto__x: { since: 1 } },
    rows: [{ key: 's', other: 2 }],
    count: 7,
    secretHash: 'x',
  };

  it('writes times and durations, keeps numbers, drops what it does not declare', () => {
    expect(written(schema, value)).toEqual({
      at: '1970-01-01T08:00:00.000+08:00',
      every: '90s',
      names: { a: { since: '1970-01-01T08:00:00.000+08:00' }, __proto__x: { since: '1970-01-01T08:00:00.001+08:00' } },
      rows: [{ key: 's' }],
      count: 7,
    });
  });

  it('writes every other value as JSON does', () => {
    const texts = ['', '设备', 'a"b', 'a\\b', '\u0001\n\u2028', '😀', '\ud800', 'x'.repeat(1_000)];
    const values = [...texts, 0, -0, 1e21, Number.NaN, true, false, null, undefined, [], {}, [[texts]], new Date(0)];
    for (const schemaOfAll of [Anything, List(Type.String()), List(Anything)]) {
      expect(answerWriter(schemaOfAll, times)(values)).toBe(JSON.stringify(values));
    }
    const each = Object.fromEntries(values.map((value, i) => [`"${i}`, value]));
    expect(answerWriter(Dict(Anything), times)(each)).toBe(JSON.stringify(each));
    const own = Type.Object({ toString: Type.Optional(Type.String()), 'a"b': Type.Integer(), c: Type.Integer() });
    expect(answerWriter(own, times)({ c: 1, 'a"b': 2, d: 3 })).toBe('{"a\\"b":2,"c":1}');
    expect(answerWriter(own, times)({})).toBe('{}');
    expect(() => answerWriter(own, times)({ c: 1n })).toThrow(TypeError);
  });

  it('leaves secrets out of the copy that is kept, and null as null', () => {
    expect(written(schema, { ...value, at: null }, { secrets: false })).toMatchObject({ at: null, rows: [{}] });
  });
});

describe('the size of JSON', () => {
  it('is its depth, counted outside of texts only', () => {
    const depth = (text: string, max: number) => sizeFault(text, max, 100);
    expect(depth('"[[[[["', 2)).toBeUndefined();
    expect(depth('["\\"[[[["]', 1)).toBeUndefined();
    expect(depth('[[],[],[]]', 2)).toBeUndefined();
    expect(depth('[[[]]]', 2)).toBe('depth');
  });

  it('is its keys and values, too: as many as the API takes, no hostile mass of them', () => {
    expect(sizeFault('{"a,b:[":[1,{"c":2}]}', 9, 6)).toBeUndefined();
    expect(sizeFault('{"a,b:[":[1,{"c":2}]}', 9, 5)).toBe('parts');
    const outline = { coordinates: [Array.from({ length: MAX_POLYGON_POINTS }, (_, i) => [121.5 + i / 1e4, 31.1])] };
    const ids = { ids: Array.from({ length: 5_000 }, (_, i) => `device-${i}`) };
    const notes = { note: '[{,:'.repeat(MAX_PARTS) };
    for (const body of [outline, ids, notes]) expect(parseBody(Buffer.from(JSON.stringify(body)), 32)).toEqual(body);
    const many = Buffer.from(`{${Array.from({ length: MAX_PARTS }, (_, i) => `"k${i}":1`)}}`);
    expect(() => parseBody(many, 32)).toThrow(/超过 20000 个.* \/ .*more than 20000 keys and values; send it in parts/);
  });

  it('within the cap parses, and an empty body is no value', () => {
    expect(parseBody(Buffer.from('{"a":[{"b":[1]}]}'), 4)).toEqual({ a: [{ b: [1] }] });
    expect(parseBody(new Uint8Array(), 4)).toBeUndefined();
  });
});

it('shows of a union what its own branch declares', () => {
  const none = Type.Object({ source: Type.Literal('none') });
  const own = Type.Object({ source: Type.Literal('xyz'), url: Type.String() });
  const schema = Type.Union([none, own, Type.Null()]);
  expect(written(schema, { source: 'xyz', url: '/t', secret: 1 })).toEqual({ source: 'xyz', url: '/t' });
  expect(written(schema, { source: 'none', url: '/t' })).toEqual({ source: 'none' });
});
