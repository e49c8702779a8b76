import { expect, test } from 'vitest';
import { createManualClock } from '../clock.ts';
import { createOwnPath } from './own-path.ts';

function rig(over: Partial<Parameters<typeof createOwnPath>[0]> = {}) {
  const clock = createManualClock();
  return createOwnPath({
    clock,
    ping: async () => undefined,
    spool: { status: () => ({ oldestUndrainedAt: null, level: 'ok' }) },
    sing: async () => 12.4,
    lastAnswerAt: () => null,
    interfaces: () => ({
      eth0: [{ address: '10.0.0.5', netmask: '', family: 'IPv4', mac: '', internal: false, cidr: null }],
    }),
    ...over,
  });
}

test('tells every step it tried', async () => {
  expect(await rig()('mqtt')).toEqual({
    ok: true,
    evidence: { path: 'mqtt', database: 'ok', spool: 'ok', brokerMs: 12 },
  });
  expect(await rig()('rtsp')).toMatchObject({ ok: true, evidence: { interfaces: 1 } });
});

test.each([
  ['the database', { ping: async () => Promise.reject(new Error('refused')) }, 'mqtt', { database: 'refused' }],
  ['the broker', { sing: async () => Promise.reject(new Error('no answer')) }, 'mqtt', { broker: 'no answer' }],
  ['the spool', { spool: { status: () => ({ oldestUndrainedAt: 0, level: 'ok' }) } }, 'mqtt', { database: 'ok' }],
  [
    'a full spool',
    { spool: { status: () => ({ oldestUndrainedAt: null, level: 'full' }) } },
    'rtsp',
    { spool: 'spool full' },
  ],
  ['the network', { interfaces: () => ({}) }, 'rtsp', { network: 'no network interface is up' }],
])('%s makes the path unsound', async (_what, over, path, evidence) => {
  expect(await rig(over)(path)).toMatchObject({ ok: false, evidence });
});

test('a camera that answers is proof enough of the way to cameras', async () => {
  const now = createManualClock().now();
  const path = rig({ interfaces: () => ({}), lastAnswerAt: () => now });
  expect(await path('rtsp')).toMatchObject({ ok: true, evidence: { anotherAnsweredMsAgo: expect.any(Number) } });
});
