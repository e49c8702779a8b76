import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadDeviceTypes } from '../../registry/device-types.ts';
import { decodeMessage } from './decode.ts';
import { examplePayload } from './examples.ts';
import { REFUSALS } from './refusals.ts';

const types = (await loadDeviceTypes(fileURLToPath(new URL('../../../../device-schemas', import.meta.url)))).list();
const seeds = types.flatMap((type) =>
  type.definition.examples.map((example) => ({ type, topic: example.topic, payload: examplePayload(example) })),
);

function checkText(text: string): void {
  expect(text.isWellFormed() && !text.includes('\u0000'), JSON.stringify(text)).toBe(true);
}

/** Whatever comes out must be storable: finite numbers, clean texts, known codes. */
function check(seed: (typeof seeds)[number], payload: Uint8Array): void {
  const decoded = decodeMessage(seed.type, { topic: seed.topic, payload, receivedAt: 0 });
  if (!decoded.ok) {
    expect(REFUSALS).toHaveProperty(decoded.code);
    checkText(decoded.detail);
    return;
  }
  for (const item of decoded.items) {
    for (const [name, value] of item.values) {
      if (typeof value === 'number') expect(Number.isFinite(value), name).toBe(true);
      if (typeof value === 'string') expect(value.isWellFormed() && !value.includes('\u0000'), name).toBe(true);
    }
    for (const text of [...item.unknown, item.msgId ?? '', ...item.notes.map(({ detail }) => detail)]) checkText(text);
    for (const event of item.events) checkText(JSON.stringify(event).replaceAll('\\', ''));
    if (item.deviceTime !== undefined) expect(Number.isFinite(item.deviceTime)).toBe(true);
  }
}

describe('decoding never throws', () => {
  it('on arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.constantFrom(...seeds), fc.uint8Array({ maxLength: 200 }), (seed, bytes) => check(seed, bytes)),
      { numRuns: 2_000, seed: 1 },
    );
  });

  it('on arbitrary topics', () => {
    const level = fc.oneof(
      fc.constantFrom('cgw', 'v1', 'tele', 'SENSOR', 'event', '\ud800', '\u0000', ''),
      fc.string({ unit: 'binary' }),
    );
    const topic = fc.array(level, { maxLength: 7 }).map((levels) => levels.join('/'));
    fc.assert(
      fc.property(fc.constantFrom(...seeds), topic, (seed, other) => check({ ...seed, topic: other }, seed.payload)),
      { numRuns: 2_000, seed: 4 },
    );
  });

  it('on arbitrary JSON, nasty keys and texts included', () => {
    const nasty = fc.constantFrom(
      'metrics',
      'events',
      'ts',
      'ports',
      'no',
      'object',
      'data',
      '__proto__',
      '\u0000',
      '\ud800',
    );
    const json = fc.object({ key: fc.oneof(nasty, fc.string()), maxDepth: 4, withNullPrototype: true });
    fc.assert(
      fc.property(fc.constantFrom(...seeds), json, (seed, value) => check(seed, Buffer.from(JSON.stringify(value)))),
      { numRuns: 2_000, seed: 2 },
    );
  });

  it('on examples with bytes flipped, cut and doubled', () => {
    fc.assert(
      fc.property(fc.constantFrom(...seeds), fc.nat(), fc.nat(255), fc.nat(2), (seed, where, byte, how) => {
        const at = where % (seed.payload.length + 1);
        if (how === 0) check(seed, seed.payload.subarray(0, at));
        if (how === 1) check(seed, Buffer.concat([seed.payload, seed.payload.subarray(at)]));
        const flipped = Buffer.from(seed.payload);
        if (at < flipped.length) flipped[at] = byte;
        check(seed, flipped);
      }),
      { numRuns: 4_000, seed: 3 },
    );
  });
});
