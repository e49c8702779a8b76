import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadDeviceTypes } from '../../../gateway/src/registry/device-types.ts';
import { createRandom } from '../random.ts';
import { ebikeCharger, evCharger } from './charging.ts';
import { garbageRoom, parkingGate, smokeDetector } from './street.ts';

const types = await loadDeviceTypes(join(import.meta.dirname, '../../../device-schemas'));
const DAY_OF_MESSAGES = 48;

describe.each([ebikeCharger, evCharger, garbageRoom, smokeDetector, parkingGate])('a simulated $type', (profile) => {
  const measure = profile.create(createRandom(7));
  const messages = Array.from({ length: DAY_OF_MESSAGES }, (_, n) => measure(n / 2));

  it('says through a whole day only what its device type understands and accepts', () => {
    for (const metrics of messages) {
      const decoded = types.decode(profile.type, {
        topic: 'cgw/v1/d1/telemetry',
        payload: Buffer.from(JSON.stringify({ metrics })),
        receivedAt: Date.UTC(2026, 10, 23),
      });
      if (!decoded?.ok) throw new Error(JSON.stringify(decoded));
      expect(decoded.items[0]).toMatchObject({ notes: [], unknown: [] });
      expect(decoded.items[0]?.values.size).toBeGreaterThan(1);
    }
  });

  it('does not repeat itself', () => {
    expect(new Set(messages.map((metrics) => JSON.stringify(metrics))).size).toBeGreaterThan(1);
  });
});
