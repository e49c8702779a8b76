import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, it } from 'vitest';
import { login } from '../../tools/simulator/api-client.ts';
import { COMPILE_CACHE, type DataDir, makeDataDir, makeMigratedDataDir } from './support/gateway-process.ts';
import { until } from './support/until.ts';

const ROOT = join(import.meta.dirname, '../..');

interface Demo {
  readonly child: ChildProcess;
  readonly output: () => string;
  /** Resolves with the exit code. */
  readonly ended: Promise<number | null>;
  /** Resolves once the output has a match. */
  says(what: RegExp): Promise<RegExpExecArray>;
}

/** `npm run demo` as a person runs it, in a process group of its own as a terminal makes one. */
function startDemo(dataDir: string, args: readonly string[]): Demo {
  const child = spawn('npm', ['run', 'demo', '--', ...args], {
    cwd: ROOT,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      CGW_HTTP_PORT: '0',
      CGW_MQTT_PORT: '0',
      CGW_DATA_DIR: dataDir,
      NODE_COMPILE_CACHE: COMPILE_CACHE,
    },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      output += chunk;
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    child,
    output: () => output,
    ended,
    async says(what) {
      for (;;) {
        const found = what.exec(output);
        if (found) return found;
        if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}:\n${output}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
  };
}

/** Processes that run on this data directory, whoever their parent is. */
function processesOf(dataDir: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`CGW_DATA_DIR=${dataDir}\0`);
      } catch {
        // It ended meanwhile, or is not ours.
        return false;
      }
    })
    .map(Number);
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

const READY = /http:\/\/127\.0\.0\.1:(\d+).*MQTT port (\d+)/;
const soon = { timeout: 60_000, interval: 100 };

// On Linux only, because /proc shows who is left.
describe.skipIf(process.platform !== 'linux')('npm run demo', { concurrent: true, timeout: 360_000 }, () => {
  const dirs: DataDir[] = [];
  const makeDir = async (made = makeDataDir) => {
    const dir = await made();
    dirs.push(dir);
    return dir.path;
  };
  afterAll(async () => {
    for (const { path, remove } of dirs) {
      for (const pid of processesOf(path)) process.kill(pid, 'SIGKILL');
      await remove();
    }
  });

  it('leaves nothing behind after Ctrl-C at the start, and tells its story on that data directory', async ({
    expect,
  }) => {
    const story = await makeDir();
    const early = startDemo(story, []);
    await expect.poll(() => processesOf(story).length, soon).toBeGreaterThan(3);
    process.kill(-(early.child.pid ?? 0), 'SIGINT');
    await early.ended;
    await expect.poll(() => processesOf(story), soon).toEqual([]);

    const demo = startDemo(story, ['--seconds', '3600']);
    const [, http, password = ''] = await demo.says(/(http:[\d.:/]+).*密码 (\S+)/);
    const api = await login(http ?? '', 'admin', password, password);
    const offline = async () =>
      (await api.get<{ items: { firing: boolean }[] }>('/tickets?deviceId=ebike-01&fault=offline')).items.some(
        ({ firing }) => firing,
      );
    // A loaded machine sees it later than the story tells it.
    const patient = { withinMs: 120_000, everyMs: 500 };
    await demo.says(/ebike-01 断电/);
    await until('ebike-01 is missed', offline, patient);
    await demo.says(/ebike-01 恢复供电/);
    await until('ebike-01 is back', async () => !(await offline()), patient);
    process.kill(-(demo.child.pid ?? 0), 'SIGINT');
    await demo.ended;
    const [, summary = ''] = demo.output().split('演示小结 / summary');
    expect(summary).toMatch(/stored \d{3,}/);
    expect(summary).toMatch(/went offline and came back: [1-9]/);
    expect(summary).toMatch(/ebike-01 \(工单 \d{8}-\d{4} (核查 verifying|结案 closed)\)/);
    expect(summary).toMatch(/quarantined [1-9]/);
    expect(summary).toMatch(/garbage-05 READING_WRONG_TYPE/);
    expect(processesOf(story)).toEqual([]);
    expect(await isOpen(Number(new URL(http ?? '').port))).toBe(false);
  });

  it('takes its gateway along when it is killed, and fills that data directory until its seconds are over', async ({
    expect,
  }) => {
    const dir = await makeDir(makeMigratedDataDir);
    const demo = startDemo(dir, []);
    const [, http] = await demo.says(READY);
    process.kill(-(demo.child.pid ?? 0), 'SIGKILL');
    await demo.ended;
    await expect.poll(() => processesOf(dir), soon).toEqual([]);
    expect(await isOpen(Number(http))).toBe(false);

    // The street is there already; its seconds are over while a device goes up and down.
    const seed = startDemo(dir, ['--seed-only']);
    expect([await seed.ended, seed.output()]).toEqual([0, expect.stringContaining('演示小结 / summary')]);
    expect(seed.output()).toContain('反复上下线');
    expect(Number(/stored (\d+)/.exec(seed.output())?.[1])).toBeGreaterThan(76);
    expect(processesOf(dir)).toEqual([]);
  });

  it('says what is wrong with --seconds', async ({ expect }) => {
    const demo = startDemo(await makeDir(), ['--seconds', 'soon']);
    expect(await demo.ended).toBe(1);
    expect(demo.output()).toContain('--seconds must be a number above 0, not soon');
  });
});
