import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { describe, expect, onTestFinished, test } from 'vitest';
import { isClosed, rawPeer, startBroker } from './test-support/broker.ts';

const available = spawnSync('mosquitto_pub', ['--help']).error === undefined;

interface Outcome {
  code: number | null;
  output: string;
}

/** Runs one of mosquitto's own clients to its end. */
function run(program: string, port: number, args: string[]): Promise<Outcome> {
  const login = ['-h', '127.0.0.1', '-p', String(port), '-u', 'd1', '-P', 'secret'];
  const child = spawn(program, [...login, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, output })));
}

describe.skipIf(!available)('clients that are not ours', () => {
  test.each([0, 1, 2])('mosquitto_pub with QoS %i succeeds and the message arrives', async (qos) => {
    const { port, gateway } = await startBroker();
    const outcome = await run('mosquitto_pub', port, [
      '-q',
      `${qos}`,
      '-t',
      'cgw/v1/d1/telemetry',
      '-m',
      '{"metrics":{"power":1}}',
    ]);
    expect(outcome).toMatchObject({ code: 0 });
    await expect.poll(() => gateway.messages.length).toBe(1);
    expect(Buffer.from(gateway.messages[0]?.payload ?? []).toString()).toBe('{"metrics":{"power":1}}');
    await expect.poll(() => gateway.links.map((link) => link.reason)).toEqual(['connected', 'disconnect']);
  });

  test('mosquitto_pub is told when its password is wrong, and fails on a foreign topic', async () => {
    const { port, gateway } = await startBroker();
    const wrong = await run('mosquitto_pub', port, ['-P', 'wrong', '-q', '1', '-t', 'cgw/v1/d1/telemetry', '-m', 'x']);
    expect(wrong.code).not.toBe(0);
    expect(wrong.output).toMatch(/bad user name or password|not authori[sz]ed/i);
    const foreign = await run('mosquitto_pub', port, ['-q', '1', '-t', 'cgw/v1/d2/telemetry', '-m', 'x']);
    expect(foreign.code).not.toBe(0);
    expect(gateway.messages).toEqual([]);
  });

  test.each(['#', '$SYS/#', '$share/g/cgw/v1/d1/command', 'cgw/v1/d2/command'])(
    'mosquitto_sub is denied %s',
    async (filter) => {
      const { port } = await startBroker();
      const outcome = await run('mosquitto_sub', port, ['-t', filter, '-W', '2']);
      expect(outcome.output).toMatch(/denied/i);
    },
  );

  test('mosquitto_sub receives a command', async () => {
    const { port, broker } = await startBroker();
    const receiving = run('mosquitto_sub', port, ['-q', '1', '-t', 'cgw/v1/d1/command', '-C', '1', '-W', '10']);
    const send = () => broker.send('d1', 'cgw/v1/d1/command', Buffer.from('{"name":"open"}'));
    await expect
      .poll(
        () =>
          send().then(
            () => 'sent',
            (error) => error.code,
          ),
        { timeout: 20_000 },
      )
      .toBe('sent');
    expect(await receiving).toMatchObject({ code: 0, output: '{"name":"open"}\n' });
  });

  test('a killed mosquitto_sub leaves its will', async () => {
    const { port, gateway } = await startBroker();
    const args = ['-h', '127.0.0.1', '-p', String(port), '-u', 'd1', '-P', 'secret', '-t', 'cgw/v1/d1/command'];
    const child = spawn('mosquitto_sub', [...args, '--will-topic', 'cgw/v1/d1/state', '--will-payload', 'offline']);
    await expect.poll(() => gateway.links.length, { timeout: 20_000 }).toBe(1);
    child.kill('SIGKILL');
    await expect.poll(() => gateway.messages.map((message) => message.topic)).toEqual(['cgw/v1/d1/state']);
  });
});

const openssl = spawnSync('openssl', ['version']).error === undefined;

test.skipIf(!openssl)('the TLS port speaks the same, and plain bytes on it harm nobody', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'cgw-tls-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const files = { certFile: join(dir, 'cert.pem'), keyFile: join(dir, 'key.pem') };
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '1',
      '-subj',
      '/CN=localhost',
      '-keyout',
      files.keyFile,
      '-out',
      files.certFile,
    ],
    { stdio: 'ignore' },
  );
  const { broker, gateway } = await startBroker({ tls: { port: 0, ...files } });
  const { tlsPort = 0 } = broker.address();
  const plain = rawPeer(tlsPort);
  plain.login().catch(() => undefined);
  expect(await isClosed(plain)).toBe(true);
  const client = await mqtt.connectAsync(`mqtts://127.0.0.1:${tlsPort}`, {
    username: 'd1',
    password: 'secret',
    rejectUnauthorized: false,
    reconnectPeriod: 0,
  });
  await client.publishAsync('cgw/v1/d1/telemetry', Buffer.alloc(300_000), { qos: 1 });
  await client.publishAsync('cgw/v1/d1/telemetry', '{}', { qos: 1 });
  await client.endAsync();
  expect(gateway.messages.map((message) => message.refused)).toEqual(['PAYLOAD_TOO_LARGE', undefined]);
});

test('an unreadable certificate is a clear refusal to start', async () => {
  await expect(
    startBroker({ tls: { port: 0, certFile: '/nonexistent', keyFile: '/nonexistent' } }),
  ).rejects.toMatchObject({
    code: 'BAD_CERTIFICATE',
    retry: false,
  });
});
