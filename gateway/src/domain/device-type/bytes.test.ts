import { describe, expect, it } from 'vitest';
import { compileBytes } from './bytes.ts';
import type { ByteFieldDefinition } from './grammar.ts';

const read = (definition: ByteFieldDefinition, payload: Uint8Array | string, doc: unknown = undefined) =>
  compileBytes(definition)({ doc, payload: Buffer.from(payload as string), frames: undefined });

describe('a byte field', () => {
  it.each<[ByteFieldDefinition['type'], string, number, number]>([
    ['uint8', 'ff', 255, 255],
    ['int8', 'ff', -1, -1],
    ['uint16', '0102', 0x0102, 0x0201],
    ['int16', 'fffe', -2, -257],
    ['uint24', '010203', 0x010203, 0x030201],
    ['int24', 'fffffe', -2, -65537],
    ['uint32', 'ffffffff', 4294967295, 4294967295],
    ['int32', '00000001', 1, 16777216],
    ['float32', '41bb3333', 23.4, 4.179292e-8],
    ['float64', '3ff8000000000000', 1.5, 3.13984e-319],
  ])('%s of %s', (type, hex, big, little) => {
    expect(read({ hex: 'payload', offset: 0, type }, hex)).toBe(big);
    expect(read({ hex: 'payload', offset: 0, type, endian: 'little' }, hex)).toBeCloseTo(little, 5);
  });

  it('from the end, from base64 inside JSON, and single bits', () => {
    expect(read({ base64: '/data', offset: -2, type: 'uint16' }, '', { data: 'CQEQAQALWA==' })).toBe(2904);
    expect(read({ hex: 'payload', offset: 0, type: 'uint8', bit: 3 }, '08')).toBe(true);
    expect(read({ hex: 'payload', offset: 0, type: 'uint32', bit: 31 }, '7fffffff')).toBe(false);
    expect(read({ bytes: 'payload', offset: 1, type: 'uint8' }, Buffer.from([1, 2]))).toBe(2);
  });

  it('absent frame is no reading; broken or short ones are refused', () => {
    expect(read({ base64: '/data', offset: 0, type: 'uint8' }, '', {})).toBeUndefined();
    expect(read({ base64: '/data', offset: 0, type: 'uint8' }, '', { data: null })).toBeUndefined();
    for (const data of ['***', 5, 'A'.repeat(200_000), '']) {
      expect(read({ base64: '/data', offset: 0, type: 'uint8' }, '', { data })).toMatchObject({ code: 'BAD_BYTES' });
    }
    expect(read({ hex: 'payload', offset: 1, type: 'uint16' }, '0102')).toMatchObject({ code: 'BAD_BYTES' });
    expect(read({ hex: 'payload', offset: -3, type: 'uint8' }, '0102')).toMatchObject({ code: 'BAD_BYTES' });
    expect(read({ hex: 'payload', offset: 0, type: 'uint8' }, Buffer.from([0xff]))).toMatchObject({ code: 'BAD_UTF8' });
  });
});
