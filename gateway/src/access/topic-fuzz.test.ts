import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fuzz, nastyText } from '../../test/support/fuzz.ts';
import type { DeviceBrief } from '../domain/device.ts';
import { filtersOverlap, isGrantable, matchesFilter } from '../domain/topic-filter.ts';
import { createTopicRights } from './topic-rights.ts';

const level = fc.oneof(
  fc.constantFrom('', '+', '#', '$SYS', '$share', 'cgw', 'v1', 'd1', 'd2', 'telemetry', 'command', 'acme', 'a', 'b'),
  nastyText(),
);
const topic = fc.oneof(
  { weight: 5, arbitrary: fc.array(level, { maxLength: 8 }).map((levels) => levels.join('/')) },
  nastyText(),
);
const LONG: readonly string[] = [
  '/'.repeat(65_535),
  '+/'.repeat(32_767),
  `${'+/'.repeat(32_000)}#`,
  'a/'.repeat(32_767),
  `cgw/v1/${'d1/'.repeat(20_000)}telemetry`,
  'x'.repeat(65_536),
];

const device = (id: string, vendorId: string) => ({ id, vendorId, lifecycle: 'active' }) as DeviceBrief;
const DEVICES = new Map([device('d1', 'acme'), device('d2', 'other')].map((one) => [one.id, one]));
const FILTERS = ['acme/+/up', 'acme/b/#'];
let denied = 0;
const authorize = createTopicRights({
  devices: { loaded: true, byId: (id) => DEVICES.get(id) },
  vendors: {
    byId: () => ({ topics: FILTERS }),
    keyWorks: () => true,
  } as unknown as Parameters<typeof createTopicRights>[0]['vendors'],
  ownTopics: ({ id }) => [`tele/${id}/#`],
  onDenied: () => {
    denied += 1;
  },
});

const MAY_PUBLISH = /^(cgw\/v1\/d1\/(telemetry|event|state|command\/ack)|tele\/d1(\/[^+#\0]*)?)$/s;
const VENDOR_MAY_PUBLISH =
  /^(cgw\/v1\/d1\/(telemetry|event|state|command\/ack)|acme\/[^/+#\0]*\/up|acme\/b(\/[^+#\0]*)?)$/s;
const MAY_RECEIVE = /^cgw\/v1\/d1\/(command|error)$/;

describe('topics of a stranger', () => {
  it('are granted when they are the own ones, and never otherwise', async () => {
    await fuzz(
      topic,
      (name) => {
        const mine = { kind: 'device', deviceId: 'd1' } as const;
        const vendor = { kind: 'vendor', vendorId: 'acme', keyId: 'k1' } as const;
        expect(authorize(mine, 'publish', name)).toBe(MAY_PUBLISH.test(name));
        expect(authorize(vendor, 'publish', name)).toBe(VENDOR_MAY_PUBLISH.test(name));
        for (const who of [mine, vendor]) {
          expect(authorize(who, 'subscribe', name)).toBe(MAY_RECEIVE.test(name));
          expect(authorize(who, 'receive', name)).toBe(MAY_RECEIVE.test(name));
        }
      },
      { examples: [...LONG, 'tele/d1', 'tele/d1/', 'cgw/v1/d1/telemetry', 'cgw/v1/d2/telemetry', 'acme/x/up'] },
    );
    expect(denied).toBeGreaterThan(0);
  });

  it('and filters are judged by every function alike', async () => {
    const pair = fc.tuple(topic, topic);
    const examples = LONG.flatMap((a) => LONG.map((b): [string, string] => [a, b]));
    await fuzz(
      pair,
      ([filter, name]) => {
        const matches = matchesFilter(filter, name);
        const overlaps = filtersOverlap(filter, name);
        // A name that fits a filter is a filter that overlaps it.
        if (matches && !/[+#]/.test(name)) expect(overlaps).toBe(true);
        expect(filtersOverlap(name, filter)).toBe(overlaps);
        if (isGrantable(filter)) expect(matchesFilter(filter, 'cgw/v1/d2/telemetry')).toBe(false);
      },
      { examples },
    );
  });
});
