import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Peer, Street } from './peer.ts';

const RED = join(import.meta.dirname, 'node_modules/node-red/red.js');
const STARTED = /Started flows/;

/**
 * The flow out of the box: every message is one INSERT of its readings, by a function node with `pg`. With more than one
 * connection the order of a device's messages is lost, and PostgreSQL commits several of them with one fsync.
 */
export async function startNodeRed(street: Street, brokerPort: number, connections: number): Promise<Peer> {
  if (!existsSync(RED)) {
    const { status } = spawnSync(
      'npm',
      ['install', '--no-audit', '--no-fund', '--loglevel=error', '--omit=dev', '--no-package-lock'],
      {
        cwd: import.meta.dirname,
        stdio: ['ignore', 'ignore', 'inherit'],
      },
    );
    if (status !== 0) throw new Error('Node-RED could not be installed');
  }
  const userDir = await mkdtemp(join(tmpdir(), 'cgw-red-'));
  const settings = {
    flowFile: 'flows.json',
    uiPort: 0,
    uiHost: '127.0.0.1',
    httpAdminRoot: false,
    telemetry: { enabled: false },
    logging: { console: { level: 'info' } },
  };
  await writeFile(
    join(userDir, 'settings.js'),
    `const pg = require(${JSON.stringify(join(import.meta.dirname, 'node_modules/pg'))});
     module.exports = { ...${JSON.stringify(settings)}, functionGlobalContext: {
       pool: new pg.Pool({ connectionString: ${JSON.stringify(street.url)}, max: ${connections} }),
       devices: ${JSON.stringify(street.devices)}, metrics: ${JSON.stringify(street.metrics)} } };`,
  );
  const insert = `const said = msg.payload; const device = global.get('devices')[msg.topic.split('/')[2]]; const keys = global.get('metrics');
    const params = [new Date(said.ts), new Date(), device]; const rows = [];
    for (const name in said.metrics) { params.push(keys[name], said.metrics[name]); rows.push('($1,$2,$3,$' + (params.length - 1) + ',$' + params.length + ')'); }
    global.get('pool').query('insert into reading (time, received_at, device, metric, num) values ' + rows.join(','), params)
      .then(() => node.done(), (error) => node.error(error));`;
  const flow = [
    { id: 'tab', type: 'tab', label: 'street' },
    {
      id: 'broker',
      type: 'mqtt-broker',
      broker: '127.0.0.1',
      port: String(brokerPort),
      protocolVersion: '4',
      cleansession: true,
      keepalive: '60',
    },
    {
      id: 'in',
      type: 'mqtt in',
      z: 'tab',
      topic: 'cgw/v1/+/telemetry',
      qos: '1',
      datatype: 'json',
      broker: 'broker',
      wires: [['insert']],
    },
    { id: 'insert', type: 'function', z: 'tab', func: insert, outputs: 0, wires: [] },
  ];
  await writeFile(join(userDir, 'flows.json'), JSON.stringify(flow));
  const child = spawn(process.execPath, [RED, '--userDir', userDir, '--settings', join(userDir, 'settings.js')], {
    cwd: userDir,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  await new Promise<void>((resolve, reject) => {
    lines.on('line', (line) => {
      if (STARTED.test(line)) resolve();
    });
    child.once('exit', () => reject(new Error('Node-RED ended')));
  });
  // Its connection to the broker comes after the flows.
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  return {
    pid: child.pid ?? 0,
    async stop() {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
      await rm(userDir, { recursive: true, force: true });
    },
  };
}
