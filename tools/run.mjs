// npm run test | check | bench | screenshots: set-up, then the tool on Node 24.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ensureConsole, generateTypes } from './setup/console.mjs';
import { ensurePackages, ensureSystemPackages, fail, nodePath, ROOT, runOnNode24 } from './setup/install.mjs';

const [task, ...args] = process.argv.slice(2);
const postgres = () => {
  const base = '/usr/lib/postgresql';
  const versions = existsSync(base) ? readdirSync(base).sort((a, b) => Number(b) - Number(a)) : [];
  return versions.length > 0 ? join(base, versions[0], 'bin/postgres') : '/usr/lib/postgresql/15/bin/postgres';
};

const LIB = `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`;

/** Real servers and players the tests run against. */
const TEST_SERVERS = {
  [postgres()]: 'postgresql',
  mosquitto_pub: 'mosquitto-clients',
  '/usr/sbin/mosquitto': 'mosquitto',
  '/usr/bin/influxd': 'influxdb',
  '/usr/lib/python3/dist-packages/paho/mqtt': 'python3-paho-mqtt',
  ffmpeg: 'ffmpeg',
  promtool: 'prometheus',
  openssl: 'openssl',
  '/usr/sbin/ip': 'iproute2',
  '/usr/lib/python3/dist-packages/gi': 'python3-gi',
  [`${LIB}/girepository-1.0/GstRtspServer-1.0.typelib`]: 'gir1.2-gst-rtsp-server-1.0',
  [`${LIB}/gstreamer-1.0/libgstrtp.so`]: 'gstreamer1.0-plugins-good',
  [`${LIB}/gstreamer-1.0/libgstx264.so`]: 'gstreamer1.0-plugins-ugly',
  [`${LIB}/gstreamer-1.0/libgstvideotestsrc.so`]: 'gstreamer1.0-plugins-base',
  [`${LIB}/gstreamer-1.0/libgstvideoparsersbad.so`]: 'gstreamer1.0-plugins-bad',
  '/usr/bin/chromium': 'chromium',
  '/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc': 'fonts-noto-cjk',
};

ensurePackages();
if (task === 'check') {
  generateTypes();
  process.exit(runOnNode24('tools/checks/check.ts', args));
}
if (task === 'test') {
  ensureSystemPackages(TEST_SERVERS);
  ensureConsole();
  const { status } = spawnSync(nodePath(), [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', ...args], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  process.exit(status ?? 1);
}
if (task === 'bench') {
  ensureSystemPackages({ [postgres()]: 'postgresql' });
  ensureConsole();
  process.exit(runOnNode24('bench/run.ts', args));
}
if (task === 'screenshots') {
  ensureSystemPackages(TEST_SERVERS);
  ensureConsole();
  process.exit(runOnNode24('gateway/test/console/support/take-pictures.ts', args));
}
fail(`unknown task '${task}'; use test, check, bench or screenshots`);
