import { createServer } from 'node:net';
import mqtt from 'mqtt';
import { expect, onTestFinished, test } from 'vitest';
import { parseConfig } from '../config.ts';
import { mqttAdapter } from './adapter.ts';
import { createCanary } from './canary.ts';
import { createGateway } from './test-support/broker.ts';

async function aviary() {
  const gateway = createGateway();
  const canary = createCanary(gateway);
  const broker = mqttAdapter.create(parseConfig(mqttAdapter, { host: '127.0.0.1', port: 0 }), canary.context);
  onTestFinished(() => broker.stop());
  await broker.start(new AbortController().signal);
  const { port } = broker.address();
  return { gateway, canary, broker, port };
}

test('takes the whole way of a device and is never taken for one', async () => {
  const { gateway, canary, broker, port } = await aviary();
  for (let i = 0; i < 2; i++) {
    const tookMs = await canary.sing({ host: '127.0.0.1', port, withinMs: 5_000, send: broker.send });
    expect(tookMs).toBeGreaterThan(0);
  }
  expect(gateway.messages).toEqual([]);
  expect(gateway.links).toEqual([]);
  expect(gateway.logins).toEqual([]);
  await expect.poll(() => broker.stats().sessions).toBe(0);
});

test('devices pass it by as if it were not there, and nobody sings in its name', async () => {
  const { gateway, port } = await aviary();
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { username: 'd1', password: 'secret' });
  onTestFinished(() => client.endAsync(true));
  await client.publishAsync('cgw/v1/d1/telemetry', '{}', { qos: 1 });
  expect(gateway.messages).toHaveLength(1);
  expect(gateway.links).toHaveLength(1);
  const thief = mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, {
    username: '$canary',
    password: 'secret',
    reconnectPeriod: 0,
  });
  await expect(thief).rejects.toThrow();
});

test('says so when nobody answers, or the answer does not come back', async () => {
  const { canary, broker, port } = await aviary();
  const deaf = createServer(() => undefined).listen(0, '127.0.0.1');
  onTestFinished(() => {
    deaf.close();
  });
  await new Promise((resolve) => deaf.once('listening', resolve));
  const address = deaf.address();
  const silent = typeof address === 'object' && address ? address.port : 0;
  await expect(canary.sing({ host: '127.0.0.1', port: silent, withinMs: 300, send: broker.send })).rejects.toThrow();
  const lost = canary.sing({ host: '127.0.0.1', port, withinMs: 300, send: async () => undefined });
  await expect(lost).rejects.toThrow('no answer within 300 ms');
  await broker.stop();
  await expect(canary.sing({ host: '127.0.0.1', port, withinMs: 300, send: broker.send })).rejects.toThrow();
});
