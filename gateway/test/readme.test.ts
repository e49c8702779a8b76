import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GatewayProcess, makeDataDir, startGateway } from './support/gateway-process.ts';
import { mosquittoAvailable } from './support/mosquitto.ts';

const ROOT = join(import.meta.dirname, '../..');

describe.skipIf(!mosquittoAvailable)('README: publish as a device', () => {
  let data: Awaited<ReturnType<typeof makeDataDir>>;
  let gateway: GatewayProcess;
  beforeAll(async () => {
    data = await makeDataDir();
    // As in the text: the first password is made up by the gateway, and found in ./data.
    gateway = await startGateway(join(data.path, 'data'), { CGW_ADMIN_PASSWORD: '' });
  });
  afterAll(async () => {
    await gateway?.stop();
    await data?.remove();
  });

  it('works by copy and paste, apart from the ports', async () => {
    const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
    const block = readme.match(/^```\nAPI=[\s\S]*?^```$/m)?.[0].replace(/^```$/gm, '') ?? '';
    expect(block).toContain('mosquitto_pub');
    const script = block
      .replaceAll('127.0.0.1:8080', `127.0.0.1:${gateway.http}`)
      .replace('-p 1883', `-p ${gateway.mqtt}`);
    const { stdout, stderr } = await promisify(execFile)('sh', ['-c', script], { cwd: data.path, timeout: 20_000 });
    expect(stderr).toBe('');
    const [latest, health] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(latest).toMatchObject({
      metrics: { totalPower: { value: 840, unit: 'W' }, 'ports.3.current': { value: 2.1 } },
    });
    expect(health).toMatchObject({ state: 'online' });
  });
});
