import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { Discovery } from 'onvif';
import { afterEach, expect, it } from 'vitest';
import { createDiscoveryResponder, type DiscoveryResponder } from './discovery.ts';

const responders: DiscoveryResponder[] = [];
afterEach(async () => {
  for (const responder of responders.splice(0)) await responder.stop();
});

const information = { manufacturer: '海康', model: 'DS-2', firmware: '1', serial: '1', hardwareId: '1' };
const device = (n: number) => ({
  urn: `urn:uuid:00000000-0000-1000-8000-0000${process.pid.toString().padStart(7, '0')}${n}`,
  xaddr: `http://127.0.0.1:${8_000 + n}/onvif/device_service`,
  information,
});

async function respond(options: Parameters<typeof createDiscoveryResponder>[0]): Promise<DiscoveryResponder> {
  const responder = createDiscoveryResponder(options);
  responders.push(responder);
  await responder.start();
  return responder;
}

const PROBE =
  '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"><e:Header><a:MessageID>uuid:7&amp;7</a:MessageID></e:Header><e:Body><Probe xmlns="http://schemas.xmlsoap.org/ws/2005/04/discovery"/></e:Body></e:Envelope>';

async function ask(port: number, message: string, ms = 500): Promise<string[]> {
  const socket = createSocket('udp4');
  const answers: string[] = [];
  socket.on('message', (answer) => answers.push(answer.toString()));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  socket.send(message, port, '127.0.0.1');
  await new Promise((resolve) => setTimeout(resolve, ms));
  socket.close();
  return answers;
}

it('another client finds the devices by multicast on loopback', async () => {
  const responder = await respond({ devices: [device(1), device(2)] });
  const found = await new Promise<string>((resolve) => {
    Discovery.probe({ timeout: 700, resolve: false, device: 'lo' }, (_error, cams) => resolve(JSON.stringify(cams)));
  });
  expect(responder.probes).toBeGreaterThan(0);
  for (const one of [device(1), device(2)]) {
    expect(found).toContain(one.urn);
    expect(found).toContain(one.xaddr);
  }
  expect(found).toContain(encodeURIComponent('海康 DS-2'));
});

it('answers a unicast probe, each device apart or all together', async () => {
  const devices = [device(1), device(2), device(3)];
  const port = 20_000 + (process.pid % 20_000);
  await respond({ devices, port });
  const apart = await ask(port, PROBE);
  expect(apart).toHaveLength(3);
  expect(apart[0]).toContain('uuid:7&amp;');
  await respond({ devices, port: port + 1, together: true });
  const together = await ask(port + 1, PROBE);
  expect(together).toHaveLength(1);
  expect(together[0]?.match(/<d:ProbeMatch>/g)).toHaveLength(3);
});

it('keeps silent on what is no probe for cameras', async () => {
  const port = 41_000 + (process.pid % 20_000);
  await respond({ devices: [device(1)], port });
  const printer = PROBE.replace('discovery"/>', 'discovery"><Types>p:PrintDevice</Types></Probe>');
  expect(await ask(port, 'hello', 200)).toEqual([]);
  expect(await ask(port, printer, 200)).toEqual([]);
});
