import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiClient } from '../../tools/simulator/api-client.ts';
import { type DataDir, type GatewayProcess, makeMigratedDataDir, startGateway } from './support/gateway-process.ts';
import { mosquittoAvailable } from './support/mosquitto.ts';
import { PYTHON, pahoAvailable } from './support/paho.ts';

const SAMPLES = join(import.meta.dirname, '../../docs/vendor/samples');
const run = promisify(execFile);

interface Latest {
  readonly metrics: Record<string, { readonly value: unknown }>;
}

describe('the sample clients vendors copy', () => {
  let dir: DataDir;
  let gateway: GatewayProcess;
  let api: ApiClient;

  beforeAll(async () => {
    dir = await makeMigratedDataDir();
    gateway = await startGateway(dir.path);
    api = await gateway.api();
  }, 120_000);
  afterAll(async () => {
    await gateway?.stop();
    await dir?.remove();
  });

  const register = async (id: string) => {
    const body = { id, type: 'generic/ebike-charger', name: id };
    return (await api.post<{ credentials: { password: string } }>('/devices', body)).credentials.password;
  };
  const runSample = (command: string, file: string, device: string, secret: string) =>
    run(command, [join(SAMPLES, file)], {
      timeout: 60_000,
      env: {
        PATH: process.env.PATH ?? '',
        GATEWAY: '127.0.0.1',
        PORT: String(gateway.mqtt),
        DEVICE: device,
        SECRET: secret,
      },
    });
  const stored = async (id: string) => {
    const { metrics } = await api.get<Latest>(`/devices/${id}/latest`);
    return [metrics.totalPower?.value, metrics['ports.3.current']?.value];
  };

  const samples = [
    { file: 'node.mjs', command: process.execPath, here: true, values: [840, 2.1] },
    { file: 'python.py', command: PYTHON, here: pahoAvailable(), values: [850, 2.2] },
    { file: 'mosquitto.sh', command: '/bin/sh', here: mosquittoAvailable, values: [860, 2.3] },
  ];
  for (const { file, command, here, values } of samples) {
    it.skipIf(!here)(
      `${file} fails with a wrong secret; with the right one its readings are stored`,
      async () => {
        const device = file.replace('.', '-');
        const secret = await register(device);
        await expect(runSample(command, file, device, 'not-the-secret')).rejects.toThrow(/Command failed/);
        expect(await stored(device)).toEqual([undefined, undefined]);
        expect((await runSample(command, file, device, secret)).stdout).toBe('acknowledged\n');
        await expect.poll(() => stored(device), { timeout: 20_000, interval: 50 }).toEqual(values);
      },
      90_000,
    );
  }
});
