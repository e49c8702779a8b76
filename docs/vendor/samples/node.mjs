// Sends one reading and waits for PUBACK. Run again after a failure: with the same msgId it is stored once.
import { randomUUID } from 'node:crypto';
import { connectAsync } from 'mqtt';

const { GATEWAY = '127.0.0.1', PORT = '1883', DEVICE, SECRET, USERNAME = DEVICE } = process.env;

const client = await connectAsync({
  host: GATEWAY,
  port: Number(PORT),
  username: USERNAME,
  password: SECRET,
  keepalive: 60,
  will: { topic: `cgw/v1/${DEVICE}/state`, payload: 'offline', qos: 1, retain: false },
});
// Why a message was refused; full topics only, no wildcards.
client.on('message', (topic, payload) => console.error(topic, payload.toString()));
await client.subscribeAsync(`cgw/v1/${DEVICE}/error`, { qos: 1 });

const report = { ts: Date.now(), msgId: randomUUID(), metrics: { totalPower: 840, ports: [{ no: 3, current: 2.1 }] } };
await client.publishAsync(`cgw/v1/${DEVICE}/telemetry`, JSON.stringify(report), { qos: 1 });
console.log('acknowledged');
await client.endAsync();
