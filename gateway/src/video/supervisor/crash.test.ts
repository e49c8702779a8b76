import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../../../test/support/until.ts';
import { createSystemClock } from '../../clock.ts';
import { createLogger } from '../../log.ts';
import { findProgram } from './launcher.ts';
import { bootId, readProcess, signalGroup } from './proc.ts';
import { createRoll, type RollEntry } from './roll.ts';
import { createSupervisor } from './supervisor.ts';

const FIXTURE = join(import.meta.dirname, 'crash-fixture.ts');
let root: string;
let dir: string;
const started: ChildProcess[] = [];
const ffmpegs: number[] = [];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'cgw-crash-'));
  dir = join(root, 'processes');
});
afterEach(async () => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
  // Only after a test that failed.
  for (const pid of ffmpegs.splice(0)) if (readProcess(pid)?.name === 'ffmpeg') signalGroup(pid, 'SIGKILL');
  await rm(root, { recursive: true, force: true });
});

const alive = (pid: number) => {
  const found = readProcess(pid);
  return found !== undefined && found.state !== 'Z';
};
const boot = async () => {
  const supervisor = createSupervisor({ log: createLogger('silent'), clock: createSystemClock(), dir });
  await supervisor.start();
  await supervisor.stop();
};
/** Starts the fixture and answers with the ids of its five ffmpegs. */
const gateway = async (path = process.env.PATH) => {
  const child = spawn(process.execPath, [FIXTURE, dir], {
    env: { ...process.env, PATH: path },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started.push(child);
  const [line] = await once(child.stdout, 'data');
  const pids = JSON.parse(String(line)) as number[];
  ffmpegs.push(...pids);
  expect(pids).toHaveLength(5);
  expect(pids.every(alive)).toBe(true);
  return { child, pids };
};
const kill9 = async (child: ChildProcess) => {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
};
const bystander = async () => {
  const child = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
  started.push(child);
  await once(child, 'spawn');
  return child.pid ?? 0;
};
const write = async (entry: Partial<RollEntry> & { pid: number }) => {
  const found = readProcess(entry.pid);
  const whole = {
    startedAt: found?.startedAt,
    program: found?.name,
    boot: bootId(),
    kind: 'live',
    label: '',
    ...entry,
  };
  await mkdir(join(dir, 'running'), { recursive: true });
  await writeFile(join(dir, 'running', `${entry.pid}.json`), JSON.stringify(whole));
};

test('kill -9 of the gateway ends its ffmpegs by itself', { timeout: 60_000 }, async () => {
  const { child, pids } = await gateway();
  await kill9(child);
  await until('all five are gone', () => !pids.some(alive), { withinMs: 30_000, everyMs: 20 });
});

test('without setpriv the next start ends them, noted down or not', async () => {
  const bin = join(root, 'bin');
  await mkdir(bin);
  await symlink(findProgram('ffmpeg') ?? '', join(bin, 'ffmpeg'));
  const { child, pids } = await gateway(bin);
  await kill9(child);
  expect(pids.filter(alive)).toHaveLength(5);
  const [first = 0] = pids;
  await rm(join(dir, 'running', `${first}.json`));
  await boot();
  expect(pids.filter(alive)).toEqual([]);
  expect(await readdir(join(dir, 'running'))).toEqual([]);
});

test('a start while the gateway lives leaves its processes alone', async () => {
  const { child, pids } = await gateway();
  await boot();
  expect(pids.filter(alive)).toHaveLength(5);
  await kill9(child);
});

test('a process that only has the id of an old one is never touched', async () => {
  const recycled = await bystander();
  await write({ pid: recycled, startedAt: '1' });
  const renamed = await bystander();
  await write({ pid: renamed, program: 'ffmpeg' });
  const rebooted = await bystander();
  await write({ pid: rebooted, boot: 'another boot' });
  const leftBehind = await bystander();
  await write({ pid: leftBehind });
  await boot();
  expect([recycled, renamed, rebooted].map(alive)).toEqual([true, true, true]);
  expect(alive(leftBehind)).toBe(false);
});

test('notes that a crash tore are no obstacle', async () => {
  await mkdir(join(dir, 'running'), { recursive: true });
  const torn = [
    '',
    '{"pid":1',
    '{"pid":1,"startedAt":"1","program":"systemd","boot":"x"}',
    'null',
    '[]',
    '{"pid":"x"}',
  ];
  await Promise.all(torn.map((text, index) => writeFile(join(dir, 'running', `${index}.json`), text)));
  expect(createRoll(join(dir, 'running')).read()).toEqual([]);
  await boot();
  expect(await readdir(join(dir, 'running'))).toEqual([]);
});
