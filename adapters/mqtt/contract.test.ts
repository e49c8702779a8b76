import { createServer } from 'node:net';
import mqtt from 'mqtt';
import { afterAll } from 'vitest';
import { adapterContract } from '../contract.ts';
import { mqttAdapter } from './adapter.ts';
import type { Broker } from './broker.ts';

const blocker = createServer();
await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
const taken = (blocker.address() as { port: number }).port;
afterAll(() => new Promise((resolve) => blocker.close(resolve)));

adapterContract({
  adapter: mqttAdapter,
  good: { host: '127.0.0.1', port: 0 },
  bad: [
    { config: { port: 70_000 }, says: /port must be <= 65535/ },
    { config: { port: '1883' }, says: /port must be integer/ },
    { config: { tls: { port: 8883 } }, says: /tls must have required properties certFile, keyFile/ },
    { config: { maxMessageBytes: 1 }, says: /maxMessageBytes must be >= 128/ },
    { config: { tls: { port: 1, certFile: 'a', keyFile: 'b', ca: 'c' } }, says: /tls\.ca is not a known key/ },
    { config: 'nonsense', says: /must be object/ },
  ],
  cannotStart: { config: { host: '127.0.0.1', port: taken }, code: 'PORT_IN_USE', retry: true },
  async provoke(connection) {
    const { port } = (connection as Broker).address();
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, {
      username: 'd1',
      password: 'x',
      reconnectPeriod: 0,
      will: { topic: 'cgw/v1/d1/state', payload: Buffer.from('offline'), qos: 1, retain: false },
    });
    await client.publishAsync('cgw/v1/d1/telemetry', '{}', { qos: 1 });
    setTimeout(() => client.stream.destroy(), 50);
  },
});
