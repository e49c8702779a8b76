// `npm run bench [name …]`: each benchmark in a process of its own; every line of output is one JSON object.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const BENCHES = [
  'ingest',
  'broker',
  'processes',
  'embedded',
  'peers',
  'start',
  'connections',
  'api-list',
  'chart',
  'monitor',
  'timeseries',
  'decode',
  'video',
  'diagnosis',
  'import',
  'reports',
  'console',
];

const [first, ...rest] = process.argv.slice(2);
const names = first === undefined ? BENCHES : [first];
for (const name of names) {
  if (!BENCHES.includes(name)) {
    console.error(`unknown benchmark '${name}'; there are: ${BENCHES.join(', ')}`);
    process.exit(2);
  }
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, `${name}.ts`), ...rest], {
    stdio: 'inherit',
  });
  if (status !== 0) process.exitCode = 1;
}
