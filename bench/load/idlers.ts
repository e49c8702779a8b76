// A process of its own: connections that log in and then only keep themselves alive. Reads one JSON line of options,
// prints `{"tookMs":…}` when all are connected, and stays until it is killed.
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import mqtt from 'mqtt-packet';
import { connectPacket } from '../../gateway/test/support/connect-packet.ts';

interface Options {
  readonly port: number;
  readonly logins: readonly { readonly id: string; readonly password: string }[];
}

const AT_ONCE = 100;
const KEEPALIVE_S = 600;

function open(port: number, { id, password }: Options['logins'][number], from: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', localAddress: from });
    const parser = mqtt.parser();
    parser.on('packet', (packet) => {
      if (packet.cmd === 'connack')
        packet.returnCode === 0 ? resolve() : reject(new Error(`CONNACK ${packet.returnCode}`));
    });
    socket.on('data', (data) => parser.parse(data)).on('error', reject);
    socket.write(connectPacket({ id, password }, KEEPALIVE_S));
  });
}

async function run({ port, logins }: Options): Promise<void> {
  const started = performance.now();
  let next = 0;
  // The broker allows one address only so many connections, so they come from several of the loopback's.
  const worker = async () => {
    for (let at = next++; at < logins.length; at = next++) {
      const login = logins[at];
      if (login) await open(port, login, `127.0.0.${2 + (at % 200)}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  console.log(JSON.stringify({ tookMs: performance.now() - started }));
}

for await (const line of createInterface({ input: process.stdin })) {
  await run(JSON.parse(line) as Options);
  break;
}
setInterval(() => undefined, 1 << 30);
