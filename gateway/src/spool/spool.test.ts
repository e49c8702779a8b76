import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { createManualClock } from '../clock.ts';
import { createLogger } from '../log.ts';
import { createDisk, type Disk } from './disk.ts';
import { createSpool, type LostFact, type Spool, type SpoolEntry, type SpoolOptions } from './spool.ts';

const clock = createManualClock();
const quiet = createLogger('silent');
const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function newDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'cgw-spool-'));
  cleanups.push(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

async function openSpool(options: Partial<SpoolOptions> & { dir: string }): Promise<Spool & { recovered: number }> {
  const spool = createSpool({ capacityBytes: 64 * 1024 * 1024, log: quiet, clock, ...options });
  cleanups.push(() => spool.close());
  return Object.assign(spool, await spool.open());
}

function entry(n: number, size = 20): SpoolEntry {
  const payload = Buffer.alloc(size, 0x2e);
  payload.write(String(n));
  return {
    via: 'mqtt',
    principal: `device:d${n}`,
    topic: `t/${n}`,
    payload,
    receivedAt: 1_000 + n,
    dup: false,
    retained: false,
  };
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const append = (spool: Spool, from: number, to: number, size?: number) =>
  Promise.all(range(from, to).map((n) => spool.append(entry(n, size))));

async function readAll(spool: Spool, after = 0, page = 7): Promise<number[]> {
  const seqs: number[] = [];
  for (let at = after; ; ) {
    const records = await spool.read(at, page);
    if (records.length === 0) return seqs;
    expect(records.length).toBeLessThanOrEqual(page);
    for (const record of records) {
      expect(record.topic).toBe(`t/${record.seq}`);
      expect(record.receivedAt).toBe(1_000 + record.seq);
      seqs.push(record.seq);
    }
    at = seqs.at(-1) ?? at;
  }
}

test('numbers run from 1, are resolved in order, and reading gives back what was appended', async () => {
  const spool = await openSpool({ dir: newDir() });
  expect(spool.id).toMatch(/^[0-9a-f-]{36}$/);
  expect(await append(spool, 1, 100)).toEqual(range(1, 100));
  expect(await readAll(spool)).toEqual(range(1, 100));
  expect(spool.status()).toMatchObject({
    firstSeq: 1,
    lastSeq: 100,
    drainedSeq: 0,
    undrained: 100,
    level: 'ok',
    lost: 0,
  });
});

test('numbers are never used twice, even when everything was trimmed and the gateway restarted', async () => {
  const dir = newDir();
  const first = await openSpool({ dir });
  await append(first, 1, 10);
  first.drained(10);
  await first.trim(10);
  expect(first.status()).toMatchObject({ firstSeq: 11, undrained: 0, bytes: 0, oldestUndrainedAt: null });
  await first.close();
  const second = await openSpool({ dir });
  expect(second.recovered).toBe(0);
  expect(second.id).toBe(first.id);
  expect(await second.append(entry(11))).toBe(11);
});

test('a trim never goes beyond what is drained, and hides the drained part of a group it must keep', async () => {
  const dir = newDir();
  const spool = await openSpool({ dir });
  await append(spool, 1, 10);
  spool.drained(4);
  await spool.trim(9);
  expect(await readAll(spool)).toEqual(range(5, 10));
  await spool.close();
  const again = await openSpool({ dir });
  expect(again.recovered).toBe(6);
  expect(await readAll(again)).toEqual(range(5, 10));
});

test('a reader far behind is served from disk, one close behind from memory, without a seam', async () => {
  const spool = await openSpool({ dir: newDir(), memoryRecords: 25 });
  for (let n = 1; n <= 200; n += 10) await append(spool, n, n + 9);
  for (const page of [1, 3, 10, 64, 1_000]) expect(await readAll(spool, 0, page)).toEqual(range(1, 200));
  expect(await readAll(spool, 173, 4)).toEqual(range(174, 200));
});

test('wait wakes for the next durable record, and ends with its signal or the spool', async () => {
  const spool = await openSpool({ dir: newDir() });
  const ending = new AbortController();
  let woken = false;
  const waiting = spool.wait(0, ending.signal).then(() => {
    woken = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(woken).toBe(false);
  await spool.append(entry(1));
  await waiting;
  await spool.wait(0, ending.signal);
  const aborted = spool.wait(1, ending.signal);
  ending.abort(new Error('enough'));
  await expect(aborted).rejects.toThrow('enough');
  const closed = spool.wait(1, new AbortController().signal);
  closed.catch(() => undefined);
  await spool.close();
  await expect(closed).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

test('the oldest undrained receive time follows the drainer and is never late', async () => {
  const dir = newDir();
  const spool = await openSpool({ dir, memoryRecords: 10 });
  for (let n = 1; n <= 100; n += 10) await append(spool, n, n + 9);
  expect(spool.status().oldestUndrainedAt).toBe(1_001);
  spool.drained(45);
  expect(spool.status().oldestUndrainedAt).toBeLessThanOrEqual(1_046);
  await expect.poll(() => spool.status().oldestUndrainedAt).toBe(1_046);
  spool.drained(95);
  expect(spool.status().oldestUndrainedAt).toBe(1_096);
  spool.drained(100);
  expect(spool.status().oldestUndrainedAt).toBeNull();
  await spool.append(entry(101));
  expect(spool.status().oldestUndrainedAt).toBe(1_101);
  await spool.close();
  expect((await openSpool({ dir })).status().oldestUndrainedAt).toBe(1_001);
});

test('rings at 70 %, refuses when full, and takes messages again after a trim', async () => {
  const spool = await openSpool({ dir: newDir(), capacityBytes: 100_000 });
  const levels: string[] = [];
  spool.onLevel((level) => levels.push(level));
  let taken = 0;
  const refused = await (async () => {
    for (let n = 1; n < 300; n++) {
      const error = await spool.append(entry(n, 1_000)).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (error) return error;
      taken = n;
    }
  })();
  expect(refused).toMatchObject({ code: 'SPOOL_FULL' });
  expect(spool.status().bytes).toBeLessThanOrEqual(100_000);
  expect(levels).toEqual(['high', 'full']);
  expect(await readAll(spool)).toEqual(range(1, taken));
  spool.drained(taken - 5);
  await spool.trim(taken);
  await expect.poll(() => levels).toEqual(['high', 'full', 'ok']);
  expect(await spool.append(entry(taken + 1))).toBe(taken + 1);
});

test('a second process on the same directory is refused with what to do', async () => {
  const dir = newDir();
  await openSpool({ dir });
  const second = createSpool({ dir, capacityBytes: 1e6, log: quiet, clock });
  await expect(second.open()).rejects.toThrow('in use by another process');
});

test('closing flushes what is waiting; afterwards appends are refused', async () => {
  const dir = newDir();
  const spool = await openSpool({ dir });
  const pending = append(spool, 1, 500);
  await spool.close();
  expect(await pending).toEqual(range(1, 500));
  await expect(spool.append(entry(501))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  await spool.close();
  expect((await openSpool({ dir })).recovered).toBe(500);
});

test('a failing disk refuses everything, keeps what was durable readable, and comes back by itself', async () => {
  const dir = newDir();
  const real = createDisk({ dir, log: quiet, newId: () => 'x' });
  let broken = false;
  const noSpace = async () => {
    throw Object.assign(new Error('No space left on device'), { code: 'ENOSPC' });
  };
  const disk: Disk = {
    ...real,
    put: (groups) => (broken ? noSpace() : real.put(groups)),
    probe: () => (broken ? noSpace() : real.probe()),
  };
  const spool = await openSpool({ dir, disk });
  await append(spool, 1, 10);
  broken = true;
  const outcomes = await Promise.allSettled(range(11, 20).map((n) => spool.append(entry(n))));
  expect(outcomes.every((outcome) => outcome.status === 'rejected' && outcome.reason.code === 'SPOOL_FULL')).toBe(true);
  await expect(spool.append(entry(11))).rejects.toMatchObject({ code: 'SPOOL_FULL' });
  expect(spool.status().level).toBe('full');
  expect(await readAll(spool)).toEqual(range(1, 10));
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  expect(spool.status().level).toBe('full');
  broken = false;
  await expect.poll(() => spool.status().level, { timeout: 20_000 }).toBe('ok');
  expect(await append(spool, 11, 12)).toEqual([11, 12]);
  expect(await readAll(spool)).toEqual(range(1, 12));
});

test('more than one group under one fsync: numbers and contents stay in order', async () => {
  const dir = newDir();
  const spool = await openSpool({ dir, memoryRecords: 10 });
  expect(await append(spool, 1, 100, 50_000)).toEqual(range(1, 100));
  expect(await append(spool, 101, 103)).toEqual([101, 102, 103]);
  expect(await readAll(spool, 0, 9)).toEqual(range(1, 103));
  await spool.close();
  expect(await readAll(await openSpool({ dir }), 0, 1_000)).toEqual(range(1, 103));
});

test('a store that cannot be read is opened anew, and meanwhile nothing is acknowledged', async () => {
  const dir = newDir();
  const real = createDisk({ dir, log: quiet, newId: () => 'x' });
  let broken = true;
  const read: Disk['read'] = (after, limit) =>
    broken ? Promise.reject(new Error('bad block')) : real.read(after, limit);
  const open: Disk['open'] = () => {
    broken = false;
    return real.open();
  };
  const spool = await openSpool({ dir, memoryRecords: 0, disk: { ...real, read, open } });
  await append(spool, 1, 20);
  broken = true;
  await expect(spool.read(0, 10)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  await expect(spool.append(entry(21))).rejects.toMatchObject({ code: 'SPOOL_FULL' });
  await expect.poll(() => spool.status().level, { timeout: 20_000 }).toBe('ok');
  expect(await spool.append(entry(21))).toBe(21);
  expect(await readAll(spool)).toEqual(range(1, 21));
});

const canMount = (() => {
  const probe = mkdtempSync(join(tmpdir(), 'cgw-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', probe], { stdio: 'ignore' });
    execFileSync('umount', [probe], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  } finally {
    rmSync(probe, { recursive: true, force: true });
  }
})();

if (!canMount) process.stderr.write('The test of a full file system is skipped: mounting a tmpfs needs root\n');
// In CI it runs in any case, and fails where it cannot.
test.skipIf(!canMount && !process.env.CI)(
  'a full file system: nothing acknowledged is lost and writing goes on when space is back',
  async () => {
    const mount = newDir();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', mount]);
    cleanups.push(() => execFileSync('umount', ['-l', mount]));
    const dir = join(mount, 'spool');
    const spool = await openSpool({ dir, capacityBytes: 1e9 });
    let acked = 0;
    writeFileSync(join(mount, 'ballast'), Buffer.alloc(9 * 1024 * 1024));
    for (let n = 1; n < 20_000; n++) {
      try {
        await spool.append(entry(n, 2_000));
        acked = n;
      } catch (error) {
        expect(error).toMatchObject({ code: 'SPOOL_FULL' });
        break;
      }
    }
    expect(acked).toBeGreaterThan(100);
    expect(spool.status().level).toBe('full');
    expect(await readAll(spool, 0, 500)).toEqual(range(1, acked));
    rmSync(join(mount, 'ballast'));
    await expect.poll(() => spool.status().level, { timeout: 20_000 }).toBe('ok');
    const kept = spool.status().lastSeq;
    await append(spool, kept + 1, kept + 200);
    await spool.close();
    const again = await openSpool({ dir });
    const seqs = (await again.read(0, 1e6)).map((record) => record.seq);
    expect(seqs.slice(0, acked)).toEqual(range(1, acked));
    expect(seqs.slice(-200)).toEqual(range(kept + 1, kept + 200));
  },
);

test('any damage to the files is told, never fatal, and never gives a wrong record', async () => {
  const dir = newDir();
  const spool = await openSpool({ dir });
  for (let n = 1; n <= 400; n += 10) await append(spool, n, n + 9);
  await spool.close();
  await (await openSpool({ dir })).close(); // moves the log into a table file, so that both kinds are hit
  const more = await openSpool({ dir });
  for (let n = 401; n <= 800; n += 10) await append(more, n, n + 9);
  await more.close();
  let damaged = 0;
  for (let round = 0; round < 24; round++) {
    const copy = newDir();
    cpSync(dir, copy, { recursive: true });
    const files = readdirSync(copy).filter((name) => /\.(log|ldb)$|^MANIFEST/.test(name));
    const file = join(copy, files[round % files.length] ?? '');
    const bytes = readFileSync(file);
    if (bytes.length === 0) continue;
    const at = (round * 7_919) % bytes.length;
    if (round % 3 === 0) writeFileSync(file, bytes.subarray(0, at));
    else writeFileSync(file, bytes.fill(0xa5, at, Math.min(bytes.length, at + 64)));
    const facts: LostFact[] = [];
    const hurt = createSpool({ dir: copy, capacityBytes: 1e9, log: quiet, clock });
    hurt.onLost((fact) => facts.push(fact));
    await hurt.open();
    const seqs = await readAll(hurt, 0, 50);
    const { lost, lastSeq } = hurt.status();
    expect(seqs.length + lost).toBe(lastSeq);
    expect(facts.reduce((sum, fact) => sum + fact.last - fact.first + 1, 0)).toBe(lost);
    if (seqs.length < 800) damaged += 1;
    await hurt.append(entry(lastSeq + 1));
    expect((await hurt.read(lastSeq, 5)).map((record) => record.seq)).toEqual([lastSeq + 1]);
    await hurt.close();
    for (const name of readdirSync(tmpdir())) {
      if (name.startsWith(`${copy.split('/').at(-1)}.damaged`)) rmSync(join(tmpdir(), name), { recursive: true });
    }
  }
  expect(damaged).toBeGreaterThan(5);
});

test('a drained number the directory does not know moves the numbering on, so that no number is used twice', async () => {
  const spool = await openSpool({ dir: newDir() });
  await append(spool, 1, 3);
  spool.drained(10);
  expect(spool.status()).toMatchObject({ lastSeq: 10, undrained: 0, lost: 7 });
  expect(await spool.append(entry(11))).toBe(11);
  expect(await readAll(spool, 10)).toEqual([11]);
});

test('behind a lost tail the reader sleeps instead of spinning', async () => {
  const dir = newDir();
  const spool = await openSpool({ dir, memoryRecords: 0 });
  await append(spool, 1, 5);
  spool.drained(1);
  await spool.close();
  const disk = createDisk({ dir, log: quiet, newId: () => 'x' });
  const lossy = await openSpool({ dir, disk: { ...disk, read: async () => [] } });
  lossy.drained(1);
  expect(await lossy.read(1, 10)).toEqual([]);
  const ending = new AbortController();
  const waiting = lossy.wait(1, ending.signal);
  ending.abort(new Error('asleep'));
  await expect(waiting).rejects.toThrow('asleep');
  expect(lossy.status().undrained).toBe(0);
});

test('the model holds for any order of append, drain, trim, read, restart and crash', async () => {
  type Step = { kind: 'append' | 'drain' | 'trim' | 'read' | 'restart' | 'crash'; n: number };
  const step: fc.Arbitrary<Step> = fc.record({
    kind: fc.constantFrom('append', 'append', 'append', 'drain', 'trim', 'read', 'restart', 'crash'),
    n: fc.integer({ min: 1, max: 30 }),
  });
  const run = async (steps: Step[], memoryRecords: number) => {
    let dir = newDir();
    let spool = await openSpool({ dir, memoryRecords });
    const model = { last: 0, drained: 0, trimmed: 0 };
    for (const { kind, n } of steps) {
      if (kind === 'append') {
        expect(await append(spool, model.last + 1, model.last + n)).toEqual(range(model.last + 1, model.last + n));
        model.last += n;
      } else if (kind === 'drain') {
        model.drained = Math.min(model.last, model.drained + n);
        spool.drained(model.drained);
      } else if (kind === 'trim') {
        model.trimmed = Math.max(model.trimmed, Math.min(model.drained, n * 3));
        await spool.trim(n * 3);
      } else if (kind === 'read') {
        expect(await readAll(spool, 0, n)).toEqual(range(model.trimmed + 1, model.last));
      } else {
        if (kind === 'crash') {
          const copy = newDir();
          cpSync(dir, copy, { recursive: true });
          dir = copy;
        }
        await spool.close();
        spool = await openSpool({ dir, memoryRecords });
        expect(spool.recovered).toBe(model.last - model.trimmed);
        model.drained = Math.max(model.trimmed, model.drained);
        spool.drained(model.drained);
      }
      expect(spool.status()).toMatchObject({
        firstSeq: model.trimmed + 1,
        lastSeq: model.last,
        drainedSeq: model.drained,
        undrained: model.last - model.drained,
        lost: 0,
      });
    }
    expect(await readAll(spool, 0, 13)).toEqual(range(model.trimmed + 1, model.last));
    await spool.close();
  };
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), fc.constantFrom(0, 5, 10_000), run),
    { numRuns: 40 },
  );
}, 60_000);

test('kill -9 at the very moment of an acknowledgement: what was resolved is there after reopening', async () => {
  const dir = newDir();
  let before = 0;
  for (const groups of [1, 7, 23, 40]) {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'testdata/writer.ts'), dir, String(groups)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    const signal = await new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (_code, by) => resolve(by));
    });
    expect(signal).toBe('SIGKILL');
    const acked = Number(text.trimEnd().split('\n').at(-1));
    expect(acked).toBeGreaterThan(before);
    const spool = await openSpool({ dir });
    expect(spool.status()).toMatchObject({ lost: 0 });
    expect(spool.status().lastSeq).toBeGreaterThanOrEqual(acked);
    expect(await readAll(spool, 0, 500)).toEqual(range(1, spool.status().lastSeq));
    before = spool.status().lastSeq;
    await spool.close();
  }
}, 60_000);
