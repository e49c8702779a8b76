import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeGroup, GroupWriter, sizeBound } from './codec.ts';
import { groupKey } from './disk.ts';
import type { SpoolEntry } from './records.ts';

const text = fc.string({ unit: 'binary', maxLength: 200 });
const entry: fc.Arbitrary<SpoolEntry> = fc
  .record({
    via: fc.constantFrom('mqtt', 'external'),
    principal: fc.oneof(fc.constantFrom('device:a', 'vendor:b'), text),
    topic: fc.oneof(fc.constantFrom('cgw/v1/a/telemetry', '街道/设备'), text),
    payload: fc.uint8Array({ maxLength: 300 }),
    receivedAt: fc.double({ noNaN: true, min: 0, max: 4e12 }),
    dup: fc.boolean(),
    retained: fc.boolean(),
    refused: fc.option(fc.constantFrom('PAYLOAD_TOO_LARGE', ''), { nil: undefined }),
  })
  .map(({ refused, ...rest }) => (refused === undefined ? rest : { ...rest, refused }));

function encode(entries: readonly SpoolEntry[], first = 7) {
  const writer = new GroupWriter();
  for (const one of entries) writer.add(one);
  return writer.take((count, bytes) => groupKey(first, count, bytes));
}

test('every entry comes back exactly as it was given, numbered', () => {
  fc.assert(
    fc.property(fc.array(entry, { minLength: 1, maxLength: 40 }), (entries) => {
      const { key, value } = encode(entries);
      const records = decodeGroup(7, key, value);
      expect(records?.map((record) => ({ ...record, payload: [...record.payload] }))).toEqual(
        entries.map((one, i) => ({ ...one, payload: [...one.payload], seq: 7 + i })),
      );
      expect(value.length).toBeLessThanOrEqual(9 + entries.reduce((sum, one) => sum + sizeBound(one), 0));
    }),
  );
});

test('one flipped bit anywhere in value or key is seen', () => {
  const { key, value } = encode([
    {
      via: 'mqtt',
      principal: 'device:a',
      topic: 't',
      payload: Buffer.from('{}'),
      receivedAt: 1.25,
      dup: true,
      retained: false,
    },
  ]);
  for (const bytes of [key, value]) {
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const at = bit >> 3;
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7));
      expect(decodeGroup(7, key, value)).toBeNull();
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7));
    }
  }
  for (let length = 0; length < value.length; length++)
    expect(decodeGroup(7, key, value.subarray(0, length))).toBeNull();
  expect(decodeGroup(7, key, value)).toHaveLength(1);
});

test('a string that does not fit is refused and leaves the group as it was', () => {
  const writer = new GroupWriter();
  const good = {
    via: 'v',
    principal: 'p',
    topic: 't',
    payload: new Uint8Array(3),
    receivedAt: 1,
    dup: false,
    retained: false,
  };
  writer.add(good);
  expect(() => writer.add({ ...good, topic: '汉'.repeat(30_000) })).toThrow('90000 bytes');
  writer.add(good);
  const { key, value } = writer.take((count, bytes) => groupKey(1, count, bytes));
  expect(decodeGroup(1, key, value)).toHaveLength(2);
});
