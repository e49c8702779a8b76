import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fuzz, hurt, NASTY_TEXTS } from '../../../test/support/fuzz.ts';
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

/** Payloads for each device type, of every kind a broken or hostile device may send. */
const PER_TYPE = 200;
const COUNT = PER_TYPE * types.length;

const nastyKey = fc.constantFrom(
  'metrics',
  'events',
  'ts',
  'ports',
  'no',
  'object',
  'data',
  ...NASTY_TEXTS.slice(0, 20),
);
const json = fc
  .object({ key: fc.oneof(nastyKey, fc.string({ maxLength: 8 })), maxDepth: 4, maxKeys: 6, withNullPrototype: true })
  .map((value) => Buffer.from(JSON.stringify(value)));

const BOMBS: readonly string[] = [
  '['.repeat(65_536),
  '{"a":'.repeat(10_000),
  `${'[['.repeat(2_000)}1${']]'.repeat(2_000)}`,
  `[${'0,'.repeat(30_000)}0]`,
  `{"metrics":{${Array.from({ length: 6_000 }, (_, i) => `"k${i}":1`).join(',')}}}`,
  `{"metrics":${'9'.repeat(60_000)}}`,
  `"${'\\ud800'.repeat(10_000)}"`,
  'A'.repeat(65_535),
  '00'.repeat(32_767),
  `${'1,'.repeat(32_000)}`,
  ' '.repeat(65_536),
  `-${'0'.repeat(60_000)}.1`,
  '{"__proto__":{"metrics":{"a":1}},"constructor":{"prototype":{"b":1}}}',
];

describe('decoding never throws, never hangs and keeps nothing', () => {
  it('on payloads of any kind, for every shipped type', async () => {
    const anySeed = fc.constantFrom(...seeds);
    const input = fc.oneof(
      { weight: 2, arbitrary: fc.tuple(anySeed, fc.uint8Array({ maxLength: 200 })) },
      { weight: 2, arbitrary: fc.tuple(anySeed, json) },
      { weight: 4, arbitrary: anySeed.chain((seed) => fc.tuple(fc.constant(seed), hurt(seed.payload))) },
    );
    await fuzz(input, ([seed, payload]) => check(seed, payload), { count: COUNT });
  }, 120_000);

  it('on payloads as large as they may be, for every shipped type', async () => {
    const examples = seeds.flatMap((seed) => BOMBS.map((bomb): [typeof seed, string] => [seed, bomb]));
    const input = fc.tuple(fc.constantFrom(...seeds), fc.constantFrom(...BOMBS));
    await fuzz(input, ([seed, bomb]) => check(seed, Buffer.from(bomb)), { count: 0, examples });
  });

  it('on arbitrary topics', async () => {
    const level = fc.oneof(
      fc.constantFrom('cgw', 'v1', 'tele', 'SENSOR', 'event', '\ud800', '\u0000', '', 'x'.repeat(5_000)),
      fc.string({ unit: 'binary' }),
    );
    const topic = fc.array(level, { maxLength: 7 }).map((levels) => levels.join('/'));
    const examples = seeds.flatMap((seed) =>
      ['/'.repeat(65_535), 'a/'.repeat(32_767), 'x'.repeat(65_535)].map((other): [typeof seed, string] => [
        seed,
        other,
      ]),
    );
    await fuzz(
      fc.tuple(fc.constantFrom(...seeds), topic),
      ([seed, other]) => check({ ...seed, topic: other }, seed.payload),
      { examples },
    );
  });
});
