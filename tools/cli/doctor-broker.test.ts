import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { startMosquitto } from '../../adapters/mqtt/test-support/mosquitto.ts';
import { externalBroker } from './doctor-broker.ts';

const brief = (findings: Awaited<ReturnType<typeof externalBroker>>) =>
  findings.map(({ level, text }) => `${level} ${text}`).join('\n');

test('the doctor names the broker and its version, and what it lacks for several processes', async () => {
  const mosquitto = await startMosquitto({ dynsec: true });
  onTestFinished(() => mosquitto.stop());
  const one = await externalBroker(mosquitto.url, false);
  expect(one).toHaveLength(1);
  expect(brief(one)).toMatch(/^ok .*127\.0\.0\.1:\d+ mosquitto version 2\./);
  const forgets = /mosquitto version 2\.0\.(\d|1[01])\b/.test(brief(one));
  expect(await externalBroker(mosquitto.url, true)).toHaveLength(forgets ? 2 : 1);
});

test('a wrong password, a broker that is away and a peer that hangs up are told without the secret', async () => {
  const mosquitto = await startMosquitto({ dynsec: true });
  onTestFinished(() => mosquitto.stop());
  const wrong = await externalBroker(`mqtt://gateway:no-such-secret@127.0.0.1:${mosquitto.port}`, false);
  await mosquitto.kill();
  const away = await externalBroker(mosquitto.url, false);
  const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const odd = await externalBroker(`mqtt://gateway:no-such-secret@127.0.0.1:${port}`, false);
  expect([wrong, away, odd].flat().map(({ level }) => level)).toEqual(['info', 'info', 'info']);
  expect(brief(wrong)).toMatch(/not authori[sz]ed/i);
  expect(brief(away)).toContain('ECONNREFUSED');
  expect(brief([...wrong, ...away, ...odd])).not.toMatch(/secret/);
});

test('with the embedded broker there is nothing to say', async () => {
  expect(await externalBroker(null, true)).toEqual([]);
});
