import { readdirSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../../../test/support/until.ts';
import { createSystemClock } from '../../clock.ts';
import { createLogger } from '../../log.ts';
import type { Job, Supervisor } from './interface.ts';
import { ProcessFailure } from './interface.ts';
import { readProcess } from './proc.ts';
import { createSupervisor, type SupervisorOptions } from './supervisor.ts';

const log = createLogger('silent');
const clock = createSystemClock();
let dir: string;
let supervisor: Supervisor;

const make = (more: Partial<SupervisorOptions> = {}) =>
  createSupervisor({ log, clock, dir: join(dir, 'processes'), ffmpegPath: '/bin/sh', ffprobePath: '/bin/sh', ...more });
/** A shell script in place of ffmpeg. */
const sh = (script: string, more: Partial<Job> = {}): Job => ({
  kind: 'check',
  program: 'ffmpeg',
  args: ['-c', script],
  deadlineMs: 10_000,
  label: 'test',
  ...more,
});
const alive = (pid: number) => {
  const found = readProcess(pid);
  return found !== undefined && found.state !== 'Z';
};
const failure = async (work: Promise<unknown>): Promise<ProcessFailure> => {
  const error = await work.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  if (error instanceof ProcessFailure) return error;
  throw new Error(`not a ProcessFailure: ${String(error)}`);
};

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cgw-supervisor-'));
  supervisor = make();
  await supervisor.start();
});
afterEach(async () => {
  await supervisor.stop();
  await rm(dir, { recursive: true, force: true });
});

describe('one process', () => {
  test('hands over its output, what it said and what it cost', async () => {
    const done = await supervisor.run(
      sh('printf picture; echo hint >&2; i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done'),
    );
    expect(done.stdout.toString()).toBe('picture');
    expect(done.stderr).toBe('hint\n');
    expect(done.cpuMs).toBeGreaterThan(0);
    expect(supervisor.stats().cpuMs.check).toBeCloseTo(done.cpuMs ?? 0);
  });

  test('that fails says with what', async () => {
    const error = await failure(supervisor.run(sh('echo no such stream >&2; exit 7')));
    expect(error).toMatchObject({ kind: 'exit', exitCode: 7 });
    expect(error.message).toContain('no such stream');
  });

  test('sees nothing of our environment and works in an empty directory of its own', async () => {
    process.env.CGW_SECRET_KEY = 'never-to-be-seen';
    try {
      const { stdout } = await supervisor.run(sh('env; pwd; ls -A; touch left-behind'));
      expect(stdout.toString()).not.toContain('never-to-be-seen');
      expect(stdout.toString()).toContain(join(dir, 'processes', 'work', 'check-'));
    } finally {
      delete process.env.CGW_SECRET_KEY;
    }
    expect(await readdir(join(dir, 'processes', 'work'))).toEqual([]);
  });

  test('of background work yields to the rest', async () => {
    const { stdout } = await supervisor.run(sh('cut -d" " -f19 /proc/self/stat'));
    expect(Number(stdout)).toBe(10);
    const watched = await supervisor.run(sh('cut -d" " -f19 /proc/self/stat', { kind: 'live' }));
    expect(Number(watched.stdout)).toBe(0);
  });

  test('has its memory bounded and leaves no core', async () => {
    const { stdout } = await supervisor.run(sh('ulimit -d; ulimit -c'));
    expect(stdout.toString()).toBe(`${1024 * 1024}\n0\n`);
  });

  test('never reads the terminal', async () => {
    expect((await supervisor.run(sh('cat; echo end'))).stdout.toString()).toBe('end\n');
  });
});

describe('a process that will not behave', () => {
  test('is killed with its grandchildren when it ignores SIGTERM', async () => {
    const running = await supervisor.spawn(
      sh('trap "" TERM; sh -c \'trap "" TERM; while :; do sleep 1; done\' & echo $!; while :; do sleep 1; done', {
        deadlineMs: null,
        kind: 'live',
      }),
    );
    const grandchild = Number(await firstLine(running.stdout));
    expect(alive(grandchild)).toBe(true);
    await running.stop();
    expect(alive(running.pid)).toBe(false);
    await until('the grandchild is gone', () => !alive(grandchild), { withinMs: 20_000, everyMs: 10 });
    expect((await running.ended).failure).toBeNull();
  });

  test('is ended at its deadline and its grandchildren do not hold the pipe open', async () => {
    const error = await failure(supervisor.run(sh('sleep 60 & wait', { deadlineMs: 200 })));
    expect(error.kind).toBe('deadline');
    expect(supervisor.stats().running.check).toBe(0);
  });

  test('leaves nobody behind when it ends well', async () => {
    const { stdout } = await supervisor.run(sh('sleep 60 >/dev/null 2>&1 & echo $!'));
    await until('the sleeper is gone', () => !alive(Number(stdout)), { withinMs: 20_000, everyMs: 10 });
  });

  test('gives its place back although a runaway grandchild of another session holds its pipes', async () => {
    const { stdout } = await supervisor.run(sh('setsid sleep 30 & echo $!'));
    const runaway = Number(stdout);
    expect(supervisor.stats().running.check).toBe(0);
    if (alive(runaway)) process.kill(runaway, 'SIGKILL');
  });

  test('is cut off after so much output', async () => {
    const before = process.memoryUsage().rss;
    const error = await failure(supervisor.run(sh('exec head -c 100000000 /dev/zero'), { maxOutput: 1_000_000 }));
    expect(error.kind).toBe('output');
    expect(process.memoryUsage().rss - before).toBeLessThan(60_000_000);
  });

  test('keeps only the end of an endless complaint', async () => {
    const error = await failure(
      supervisor.run(sh('while :; do echo "complaint of a broken stream" >&2; done', { deadlineMs: 400 })),
    );
    expect(error.kind).toBe('deadline');
    expect(error.stderr.length).toBeLessThanOrEqual(16 * 1024);
    expect(error.stderr).toMatch(/^complaint/);
  });

  test('waits for a slow reader instead of filling the memory', async () => {
    const running = await supervisor.spawn(sh('exec cat /dev/zero', { deadlineMs: null, kind: 'live' }));
    await sleep(200);
    expect(running.stdout.readableLength).toBeLessThan(1_000_000);
    await running.stop();
    await running.stop();
  });

  test('tells no login, token or header in its failure', async () => {
    const secret = 'p@ss/w0rd-1';
    const token = 'b7f1c0ffee5a';
    const args = [
      '-c',
      `echo "rtsp://admin:${secret}@10.0.0.5/ch1 $2 $4 Authorization: Basic YWJj" >&2; echo ${token} >&2; exit 1`,
    ];
    const error = await failure(
      supervisor.run({
        ...sh(''),
        args: [
          ...args,
          'x',
          `rtsp://admin:${secret}@10.0.0.5/ch1`,
          `rtsp://127.0.0.1:5540/${token}`,
          '-headers',
          'Cookie: sessionid',
        ],
      }),
    );
    const told = JSON.stringify([error.message, error.stderr, error.cause]);
    for (const each of [secret, token, 'YWJj', 'sessionid']) expect(told).not.toContain(each);
  });
});

describe('a process that cannot start', () => {
  test.each([
    ['is not installed', '/nowhere/ffmpeg'],
    ['may not be run', '/etc/passwd'],
  ])('because it %s fails its job only', async (_why, ffmpegPath) => {
    await supervisor.stop();
    supervisor = make({ ffmpegPath });
    await supervisor.start();
    expect(await failure(supervisor.run(sh('exit 0')))).toMatchObject({ kind: 'spawn' });
    expect((await supervisor.run(sh('echo fine', { program: 'ffprobe' }))).stdout.toString()).toBe('fine\n');
    expect(supervisor.stats().running.check).toBe(0);
  });

  test.each([
    ['a NUL byte in an argument', ['-c', 'echo a\0b']],
    ['more arguments than the kernel takes', ['-c', ':', 'x'.repeat(200_000)]],
  ])('because of %s fails its job only', async (_why, args) => {
    expect(await failure(supervisor.run({ ...sh(''), args }))).toMatchObject({ kind: 'spawn' });
    expect(supervisor.stats()).toMatchObject({ running: { check: 0 }, started: 0 });
  });

  test('because its directory is gone fails its job only', async () => {
    const job = sh('exit 0', { workDir: join(dir, 'never-made') });
    expect(await failure(supervisor.run(job))).toMatchObject({ kind: 'spawn' });
  });

  test('before the supervisor has started is refused', async () => {
    const early = make();
    expect(await failure(early.run(sh('exit 0')))).toMatchObject({ kind: 'stopped' });
  });
});

describe('places', () => {
  test('a hundred jobs at once are never more than four processes', async () => {
    let most = 0;
    const seen = setInterval(() => {
      most = Math.max(most, supervisor.stats().pids.filter(alive).length);
    }, 2);
    const jobs = Array.from({ length: 100 }, (_, index) => supervisor.run(sh(`echo ${index}; sleep 0.01`)));
    const done = await Promise.all(jobs);
    clearInterval(seen);
    expect(done.map(({ stdout }) => Number(stdout))).toEqual(Array.from({ length: 100 }, (_, index) => index));
    expect(most).toBeLessThanOrEqual(4);
    expect(most).toBeGreaterThan(1);
    expect(supervisor.stats()).toMatchObject({ running: { check: 0 }, queued: { check: 0 }, started: 100 });
  });

  test('a full kind refuses at once when asked to, and hinders no other kind', async () => {
    const holders = await Promise.all([1, 2].map(() => supervisor.spawn(sh('sleep 60', { kind: 'clip' }))));
    expect(await failure(supervisor.run(sh('exit 0', { kind: 'clip', whenFull: 'refuse' })))).toMatchObject({
      kind: 'busy',
    });
    expect(await failure(supervisor.run(sh('exit 0', { kind: 'clip', deadlineMs: 100 })))).toMatchObject({
      kind: 'busy',
    });
    await supervisor.run(sh('exit 0', { kind: 'snapshot' }));
    await Promise.all(holders.map((each) => each.stop()));
    await supervisor.run(sh('exit 0', { kind: 'clip', whenFull: 'refuse' }));
  });

  test('the queue has an end', async () => {
    await supervisor.stop();
    supervisor = make({ caps: { check: 1 }, queueLimit: 2 });
    await supervisor.start();
    const jobs = Array.from({ length: 4 }, () => supervisor.run(sh('sleep 0.2')));
    const ends = await Promise.allSettled(jobs);
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected']);
  });

  test('a job given up while it waits never starts', async () => {
    const holders = await Promise.all([1, 2].map(() => supervisor.spawn(sh('sleep 60', { kind: 'clip' }))));
    const giveUp = new AbortController();
    const waiting = supervisor.run(sh(`touch ${dir}/ran`, { kind: 'clip', signal: giveUp.signal }));
    giveUp.abort();
    expect(await failure(waiting)).toMatchObject({ kind: 'aborted' });
    await Promise.all(holders.map((each) => each.stop()));
    expect(await readdir(dir)).toEqual(['processes']);
    expect(supervisor.stats()).toMatchObject({ started: 2, running: { clip: 0 }, queued: { clip: 0 } });
  });

  test.each([0, 1, 2, 3, 5, 8])(
    'a job given up after %i turns of the loop ends and leaves no process',
    async (turns) => {
      const giveUp = new AbortController();
      const work = failure(supervisor.run(sh('sleep 60', { signal: giveUp.signal })));
      for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
      giveUp.abort();
      expect(await work).toMatchObject({ kind: 'aborted' });
      expect(supervisor.stats()).toMatchObject({ running: { check: 0 }, pids: [] });
    },
  );

  test('arguments are asked for only when there is a place, and what that throws comes through', async () => {
    const holders = await Promise.all([1, 2].map(() => supervisor.spawn(sh('sleep 60', { kind: 'clip' }))));
    let asked = 0;
    const args = async () => {
      asked += 1;
      throw new RangeError('the camera is away');
    };
    const work = supervisor.run({ ...sh(''), kind: 'clip', args });
    await sleep(20);
    expect(asked).toBe(0);
    await holders[0]?.stop();
    await expect(work).rejects.toThrow('the camera is away');
    expect(supervisor.stats().running.clip).toBe(1);
    const never = { ...sh(''), deadlineMs: 50, args: () => new Promise<string[]>(() => undefined) };
    expect(await failure(supervisor.run(never))).toMatchObject({ kind: 'deadline' });
    expect(supervisor.stats().running.check).toBe(0);
  });
});

describe('the end', () => {
  test('stop ends what runs, refuses what waits and what comes, and leaves no note', async () => {
    const running = await supervisor.spawn(sh('sleep 60', { kind: 'live', deadlineMs: null }));
    const busy = Array.from({ length: 6 }, () => failure(supervisor.run(sh('sleep 60'))));
    await until('four run', () => supervisor.stats().pids.length === 5, { everyMs: 5 });
    await supervisor.stop();
    expect((await Promise.all(busy)).map(({ kind }) => kind)).toEqual(Array(6).fill('stopped'));
    expect((await running.ended).failure).toMatchObject({ kind: 'stopped' });
    expect(await failure(supervisor.run(sh('exit 0')))).toMatchObject({ kind: 'stopped' });
    expect(await readdir(join(dir, 'processes', 'running'))).toEqual([]);
    expect(alive(running.pid)).toBe(false);
  });

  test('two hundred short and failing jobs leave no descriptor and no zombie', async () => {
    const open = () => readdirSync('/proc/self/fd').length;
    const round = (count: number) =>
      Promise.allSettled(
        Array.from({ length: count }, (_, index) =>
          supervisor.run(sh(['exit 0', 'exit 3', 'echo x; kill -9 $$', '\0'][index % 4] ?? '')),
        ),
      );
    await round(8);
    const before = open();
    await round(200);
    expect(open()).toBeLessThanOrEqual(before + 1);
    expect(ourChildren().filter(({ state }) => state === 'Z')).toEqual([]);
  });

  test('what runs is written down without arguments', async () => {
    const running = await supervisor.spawn(sh('sleep 60; echo top-secret', { label: 'camera-7' }));
    const text = await readFile(join(dir, 'processes', 'running', `${running.pid}.json`), 'utf8');
    expect(JSON.parse(text)).toMatchObject({ pid: running.pid, program: 'sh', label: 'camera-7', kind: 'check' });
    expect(text).not.toContain('top-secret');
    await running.stop();
  });

  test('a directory that cannot be written costs the note, not the work', async () => {
    await mkdir(join(dir, 'processes'), { recursive: true });
    await rm(join(dir, 'processes', 'running'), { recursive: true, force: true });
    await writeFile(join(dir, 'processes', 'running'), 'a file in the way');
    expect((await supervisor.run(sh('echo fine'))).stdout.toString()).toBe('fine\n');
    await rm(join(dir, 'processes', 'running'));
    await chmod(dir, 0o700);
  });
});

function ourChildren() {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readProcess(Number(name)) ?? [])
    .filter(({ parent }) => parent === process.pid);
}

async function firstLine(stream: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    stream.on('data', (chunk: Buffer) => {
      text += chunk;
      if (text.includes('\n')) resolve(text.trim());
    });
  });
}
