import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, ENGINES, type TestDatabase } from '../../../test/support/databases.ts';
import { createManualClock, type ManualClock } from '../../clock.ts';
import { createLogger } from '../../log.ts';
import { sql } from '../../store/database.ts';
import { createPictureStore } from '../../store/pictures.ts';
import { createPictureFiles, type PictureFiles } from './files.ts';
import { createPictures, type NewPicture, type PictureLimits } from './pictures.ts';
import { solidJpeg } from './testing.ts';

const DAY = 86_400_000;
const RED = solidJpeg('#c02020');
const BLUE = solidJpeg('#2020c0');
const log = createLogger('silent');

describe.each(ENGINES)('stored pictures on %s', (engine) => {
  let test: TestDatabase;
  let dir: string;
  let clock: ManualClock;
  let devices: number[];

  beforeAll(async () => {
    test = await createTestDatabase(engine);
    const { rows } = await sql(test.db.autocommit).query<{ key: number }>(
      `insert into device (id, type, name, lifecycle) values ('cam-1', 'generic/camera', '东门', 'active'),
         ('cam-2', 'generic/camera', '西门', 'active') returning key`,
    );
    devices = rows.map(({ key }) => key);
  });
  afterAll(() => test.close());
  beforeEach(async () => {
    await sql(test.db.autocommit).query('delete from picture');
    dir = await mkdtemp(join(tmpdir(), 'cgw-pictures-'));
    clock = createManualClock(Date.UTC(2026, 10, 23));
    return () => rm(dir, { recursive: true, force: true });
  });

  const open = (limits: Partial<PictureLimits> = {}, files?: PictureFiles) =>
    createPictures({
      store: createPictureStore(),
      db: test.db,
      dir,
      clock,
      log,
      limits: { reserveBytes: 0, ...limits },
      ...(files ? { files } : {}),
    });
  const picture = (over: Partial<NewPicture> = {}): NewPicture => ({
    device: devices[0] ?? 0,
    jpeg: RED,
    takenAt: clock.now(),
    origin: 'keyFrame',
    purpose: 'check',
    ...over,
  });
  const fileOf = (id: string) => join(dir, id.slice(0, 2), `${id}.jpg`);
  const filesOnDisk = async () => {
    const names = await readdir(dir, { recursive: true });
    return names.filter((name) => name.includes('.')).length;
  };

  it('come back as they were, with hash, size and time, whatever stood behind the picture', async () => {
    const pictures = open();
    const saved = await pictures.save(picture({ jpeg: Buffer.concat([RED, Buffer.from('PK\x03\x04')]) }));
    const read = await pictures.read(saved.id);
    expect(read.jpeg.equals(RED)).toBe(true);
    expect(read).toMatchObject({ width: 64, height: 48, bytes: RED.length, takenAt: clock.now(), pinned: false });
    expect(read.sha256).toBe(createHash('sha256').update(RED).digest('hex'));
    expect(saved).toEqual({ id: read.id, sha256: read.sha256, takenAt: read.takenAt });
    expect(await pictures.latest(devices[1] ?? 0)).toBeNull();
  });

  it('are said to be damaged, never shown, when a byte changed or the file is gone', async () => {
    const pictures = open();
    const { id } = await pictures.save(picture());
    const bytes = await readFile(fileOf(id));
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 5) ^ 1, bytes.length - 5);
    await writeFile(fileOf(id), bytes);
    await expect(pictures.read(id)).rejects.toMatchObject({ code: 'PICTURE_DAMAGED' });
    await rm(fileOf(id));
    await expect(pictures.read(id)).rejects.toMatchObject({ code: 'PICTURE_DAMAGED' });
  });

  it.each(['../../../etc/passwd', '..%2f', 'x', '', 'A'.repeat(32), '0'.repeat(32)])(
    'are found by our own ids only: %s is not found',
    async (id) => {
      await expect(open().read(id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    },
  );

  it('that are no pictures are refused before anything is written', async () => {
    const refusal = expect(open().save(picture({ jpeg: RED.subarray(0, RED.length - 4) }))).rejects;
    await refusal.toMatchObject({ code: 'UNPROCESSABLE', extra: { fault: 'truncated' } });
    expect(await filesOnDisk()).toBe(0);
  });

  it('stand around a moment: the last before, the first after', async () => {
    const pictures = open();
    const at = clock.now();
    const ids: string[] = [];
    for (const offset of [-200, -100, 100, 200]) ids.push((await pictures.save(picture({ takenAt: at + offset }))).id);
    await pictures.save(picture({ device: devices[1] ?? 0, takenAt: at }));
    const { before, after } = await pictures.around(devices[0] ?? 0, at);
    expect([before?.id, after?.id]).toEqual([ids[1], ids[2]]);
    expect((await pictures.around(devices[0] ?? 0, at - 100)).before?.id).toBe(ids[1]);
    expect(await pictures.around(devices[0] ?? 0, at - 1_000)).toMatchObject({ before: null, after: { id: ids[0] } });
  });

  it('are listed newest first in pages, by time and purpose', async () => {
    const pictures = open();
    const at = clock.now();
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) ids.unshift((await pictures.save(picture({ takenAt: at + Math.floor(i / 2) }))).id);
    const [device = 0] = devices;
    const seen: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await pictures.list(device, { limit: 2, ...(cursor ? { cursor } : {}) });
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    expect([...seen].sort()).toEqual([...ids].sort());
    expect((await pictures.list(device, { from: at + 1, to: at + 2 })).items).toHaveLength(2);
    expect((await pictures.list(device, { purpose: 'evidence' })).items).toHaveLength(0);
  });

  it('leave by age and purpose, unless they became evidence or are pinned', async () => {
    const pictures = open();
    const [check, evidence, promoted, pinned] = await Promise.all([
      pictures.save(picture()),
      pictures.save(picture({ purpose: 'evidence' })),
      pictures.save(picture()),
      pictures.save(picture()),
    ]);
    expect(await pictures.keep([promoted.id, '0'.repeat(32)], 'evidence')).toBe(1);
    await pictures.pin([pinned.id], true);
    clock.advance(7 * DAY + 1);
    expect(await pictures.purge()).toMatchObject({ removed: 1, freedBytes: RED.length });
    await expect(pictures.read(check.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    for (const { id } of [evidence, promoted, pinned]) expect((await pictures.read(id)).jpeg.length).toBe(RED.length);
    clock.advance(174 * DAY);
    expect(await pictures.purge()).toMatchObject({ removed: 2 });
    expect(await filesOnDisk()).toBe(1);
    await pictures.pin([pinned.id], false);
    expect(await pictures.purge()).toMatchObject({ removed: 1 });
    expect(await filesOnDisk()).toBe(0);
  });

  it('of one camera never crowd: only its newest checks stay', async () => {
    const pictures = open({ checksPerDevice: 3 });
    await pictures.save(picture({ purpose: 'evidence' }));
    await pictures.save(picture({ device: devices[1] ?? 0 }));
    for (let i = 1; i <= 6; i++) await pictures.save(picture({ takenAt: clock.now() + i }));
    const checks = await pictures.list(devices[0] ?? 0, { purpose: 'check' });
    expect(checks.items.map(({ takenAt }) => takenAt - clock.now())).toEqual([6, 5, 4]);
    expect(await filesOnDisk()).toBe(5);
  });

  it('stay below the cap: oldest first, evidence last, pinned never', async () => {
    const capBytes = RED.length * 4 + 10;
    const pictures = open({ capBytes });
    const evidence = await pictures.save(picture({ purpose: 'evidence', takenAt: clock.now() - DAY }));
    const pinned = await pictures.save(picture({ takenAt: clock.now() - DAY }));
    await pictures.pin([pinned.id], true);
    for (let i = 0; i < 6; i++) await pictures.save(picture({ takenAt: clock.now() + i }));
    expect(pictures.bytes()).toBeLessThanOrEqual(capBytes);
    const left = (await pictures.list(devices[0] ?? 0, {})).items;
    expect(left.map(({ id }) => id)).toEqual(expect.arrayContaining([evidence.id, pinned.id]));
    expect(left[0]?.takenAt).toBe(clock.now() + 5);
    expect(await filesOnDisk()).toBe(left.length);
  });

  it('and the disk: too little left is said before writing, a failed write leaves nothing behind', async () => {
    const real = createPictureFiles(dir);
    const small = open({ reserveBytes: 1_000 }, { ...real, free: async () => RED.length + 999 });
    await expect(small.save(picture())).rejects.toMatchObject({ code: 'STORAGE_FULL', retry: true });
    // A folder where the file has to go: the rename fails like a disk that gives up in the middle.
    const failing: PictureFiles = {
      ...real,
      async write(id, bytes) {
        await mkdir(fileOf(id), { recursive: true });
        await real.write(id, bytes).finally(() => rm(fileOf(id), { recursive: true, force: true }));
      },
    };
    await expect(open({}, failing).save(picture())).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await filesOnDisk()).toBe(0);
    expect((await open().list(devices[0] ?? 0, {})).items).toEqual([]);
  });

  it('what a crash left behind is swept, and what is being written is left alone', async () => {
    const pictures = open();
    const kept = await pictures.save(picture());
    const lostCheck = await pictures.save(picture());
    const lostEvidence = await pictures.save(picture({ purpose: 'evidence' }));
    const orphan = randomBytes(16).toString('hex');
    const young = randomBytes(16).toString('hex');
    const real = createPictureFiles(dir);
    for (const id of [orphan, young]) await real.write(id, BLUE);
    await writeFile(join(dir, orphan.slice(0, 2), `${orphan}.part`), 'half');
    const old = clock.now() / 1_000 - 7_200;
    for (const name of [`${orphan}.jpg`, `${orphan}.part`]) await utimes(join(dir, orphan.slice(0, 2), name), old, old);
    const now = clock.now() / 1_000;
    await utimes(fileOf(young), now, now);
    for (const { id } of [lostCheck, lostEvidence]) await rm(fileOf(id));
    clock.advance(3_000_000);
    const early = await rounds(pictures);
    expect(early).toEqual({ orphanFiles: 2, lost: 0 });
    expect(await readFile(fileOf(young))).toEqual(BLUE);
    clock.advance(700_000);
    expect((await rounds(pictures)).lost).toBe(2);
    const ids = (await pictures.list(devices[0] ?? 0, {})).items.map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining([kept.id, lostEvidence.id]));
    expect(ids).not.toContain(lostCheck.id);
  });
});

/** The sweep looks at a part of the folders each time. */
async function rounds(pictures: ReturnType<typeof createPictures>) {
  let orphanFiles = 0;
  let lost = 0;
  for (let round = 0; round < 16; round++) {
    const result = await pictures.purge();
    orphanFiles += result.orphanFiles;
    lost += result.lost;
  }
  return { orphanFiles, lost };
}
