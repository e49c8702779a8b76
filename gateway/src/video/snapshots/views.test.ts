import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createManualClock, createSystemClock } from '../../clock.ts';
import type { Actor } from '../../domain/actor.ts';
import type { AuditEntry } from '../../domain/audit.ts';
import type { Role } from '../../domain/permission.ts';
import type { MaskArea } from '../../domain/privacy-mask.ts';
import { shippedRights } from '../../domain/role-rights.ts';
import type { Transactor } from '../../domain/tx.ts';
import { GatewayError } from '../../errors.ts';
import { createLogger } from '../../log.ts';
import { findFont } from '../live/watermark.ts';
import { readJpeg } from '../pictures/jpeg.ts';
import type { NewPicture, StoredPicture } from '../pictures/pictures.ts';
import { type Decoded, decode, solidJpeg } from '../pictures/testing.ts';
import type { Supervisor } from '../supervisor/interface.ts';
import { createSupervisor } from '../supervisor/supervisor.ts';
import { createDrawing } from './drawing.ts';
import type { TakeOptions } from './snapshots.ts';
import { sha256 } from './testing.ts';
import { createPictureViews } from './views.ts';

const log = createLogger('silent');
const RED = solidJpeg('#d01010', 640, 360);
const CAMERA = { key: 1, id: 'cam-1', name: "东门 '%{eif\\:1}:[x],;\\ \u202e摄像机", updatedAt: 5 };
const UPPER_LEFT: MaskArea = { shape: 'rectangle', x: 0.1, y: 0.1, width: 0.3, height: 0.3 };
const TRIANGLE: MaskArea = {
  shape: 'polygon',
  points: [
    [0.6, 0.1],
    [0.9, 0.1],
    [0.75, 0.5],
  ],
};

let dir: string;
let supervisor: Supervisor;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "cgw views, it's [1]-"));
  supervisor = createSupervisor({ log, clock: createSystemClock(), dir: join(dir, 'processes') });
  await supervisor.start();
});
afterAll(async () => {
  await supervisor.stop();
  await rm(dir, { recursive: true, force: true });
});

const actor = (role: Role): Actor => ({
  kind: 'user',
  id: 'u1',
  name: '王丽',
  role,
  rights: shippedRights(role),
  scope: { kind: 'all' },
  address: null,
});
const ADMIN = actor('admin');
const zh = { language: 'zh-CN' } as const;

function setUp(over: { jpeg?: Uint8Array; stale?: boolean; ageMs?: number; font?: string | undefined } = {}) {
  const clock = createManualClock(Date.UTC(2026, 10, 23));
  const jpeg = over.jpeg ?? RED;
  const { width, height } = readJpeg(jpeg);
  const state = {
    areas: [] as MaskArea[],
    masksFail: false,
    diskFull: false,
    viewings: [] as unknown[],
    saved: [] as NewPicture[],
    audit: [] as AuditEntry[],
    asked: [] as (TakeOptions | undefined)[],
  };
  const takenAt = clock.now() - (over.ageMs ?? 0);
  const picture = { device: 1, jpeg, takenAt, origin: 'snapshot', sha256: sha256(jpeg), width, height } as const;
  const views = createPictureViews({
    snapshots: {
      async take(_device, options) {
        state.asked.push(options);
        return { ...picture, ageMs: over.ageMs ?? 0, stale: over.stale ?? false, pictureId: null };
      },
      forget: () => undefined,
    },
    pictures: {
      async save(saved) {
        if (state.diskFull) throw new GatewayError('STORAGE_FULL');
        state.saved.push(saved);
        return { id: 'b'.repeat(32), sha256: sha256(saved.jpeg), takenAt: saved.takenAt };
      },
      async read(id, device): Promise<StoredPicture> {
        if (device !== (id.startsWith('f') ? 2 : 1)) throw new GatewayError('NOT_FOUND');
        const facts = { id, bytes: jpeg.length, purpose: 'check', pinned: false, keptUntil: 0 } as const;
        return { ...picture, ...facts, device, jpeg: Buffer.from(jpeg) };
      },
      list: async () => ({ items: [], nextCursor: null }),
    },
    drawing: createDrawing({
      supervisor,
      dir: join(dir, 'drawing'),
      font: 'font' in over ? over.font : findFont(),
    }),
    audit: { append: async (_tx, entries) => void state.audit.push(...entries) },
    db: { autocommit: {} } as Transactor,
    clock,
    log,
    timeZone: 'Asia/Shanghai',
    async masksOf() {
      if (state.masksFail) throw new GatewayError('UNAVAILABLE');
      return state.areas;
    },
    recordViewing: async (...viewing) => void state.viewings.push(viewing),
  });
  return { views, state, clock };
}

const isRed = ({ r, g, b }: { r: number; g: number; b: number }) => r > 150 && g < 60 && b < 60;
const isBlack = ({ r, g, b }: { r: number; g: number; b: number }) => r < 25 && g < 25 && b < 25;
const at = (picture: Decoded, x: number, y: number, size = 0.02) =>
  picture.mean({ x: x - size / 2, y: y - size / 2, width: size, height: size });

describe('a plain snapshot', () => {
  it('leaves as the camera gave it, and the look is written down', async () => {
    const { views, state } = setUp();
    const shown = await views.now(ADMIN, CAMERA, { ...zh, maxAgeMs: 30_000 });
    expect(Buffer.from(shown.jpeg).equals(RED)).toBe(true);
    expect([shown.sha256, shown.originalSha256]).toEqual([sha256(RED), sha256(RED)]);
    expect(state.asked).toEqual([{ notBefore: 5, maxAgeMs: 30_000 }]);
    expect(state.viewings).toEqual([[ADMIN, CAMERA, { mode: 'snapshot', purpose: '查看画面', bytes: RED.length }]]);
    expect(state.saved).toEqual([]);
  });

  it('is made smaller on request, never larger', async () => {
    const { views } = setUp();
    const small = await views.now(ADMIN, CAMERA, { ...zh, width: 160 });
    expect(readJpeg(small.jpeg)).toMatchObject({ width: 160, height: 90 });
    expect(small.sha256).toBe(sha256(small.jpeg));
    expect((await views.now(ADMIN, CAMERA, { ...zh, width: 4_000 })).jpeg.length).toBe(RED.length);
  });
});

describe('a masked camera', () => {
  it('shows nothing of the areas, in no size, and everything else', async () => {
    const { views, state } = setUp();
    state.areas = [UPPER_LEFT, TRIANGLE];
    for (const width of [undefined, 320]) {
      const {
        jpeg,
        masked,
        sha256: hash,
        originalSha256,
      } = await views.now(ADMIN, CAMERA, { ...zh, ...(width && { width }) });
      const seen = decode(jpeg);
      expect(masked).toBe(true);
      expect([hash, originalSha256]).toEqual([sha256(jpeg), sha256(RED)]);
      const hidden = [
        [0.12, 0.12],
        [0.25, 0.25],
        [0.39, 0.39],
        [0.62, 0.11],
        [0.88, 0.11],
        [0.75, 0.45],
      ] as const;
      for (const [x, y] of hidden) expect([x, y, isBlack(at(seen, x, y))]).toEqual([x, y, true]);
      for (const [x, y] of [
        [0.05, 0.05],
        [0.45, 0.45],
        [0.95, 0.95],
        [0.6, 0.5],
      ] as const) {
        expect([x, y, isRed(at(seen, x, y))]).toEqual([x, y, true]);
      }
    }
    expect(state.viewings[0]).toMatchObject([{}, {}, { mode: 'masked' }]);
    const stored = await views.stored(ADMIN, CAMERA, 'a'.repeat(32), zh);
    expect(isBlack(at(decode(stored.jpeg), 0.25, 0.25))).toBe(true);
  });

  it('hides its areas also when metadata turn the picture, and no thumbnail slips through', async () => {
    const marker = Buffer.from('THUMBNAIL OF WHAT IS HIDDEN');
    // EXIF with orientation 6: show it turned by 90°.
    const tiff = Buffer.from('4d4d002a0000000800010112000300000001000600000000', 'hex');
    const exif = Buffer.concat([Buffer.from('Exif\0\0'), tiff, marker]);
    const head = Buffer.from([0xff, 0xe1, 0, exif.length + 2]);
    const turned = Buffer.concat([RED.subarray(0, 2), head, exif, RED.subarray(2)]);
    const { views, state } = setUp({ jpeg: turned });
    state.areas = [UPPER_LEFT];
    const { jpeg } = await views.now(ADMIN, CAMERA, zh);
    expect(readJpeg(jpeg)).toMatchObject({ width: 640, height: 360 });
    expect(isBlack(at(decode(jpeg), 0.25, 0.25))).toBe(true);
    expect(Buffer.from(jpeg).includes(marker)).toBe(false);
  });

  it('shows nothing at all when the masks cannot be read or drawn', async () => {
    const { views, state } = setUp();
    state.masksFail = true;
    await expect(views.now(ADMIN, CAMERA, zh)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    state.masksFail = false;
    state.areas = [{ shape: 'rectangle', x: Number.NaN, y: 0, width: 1, height: 1 }];
    await expect(views.now(ADMIN, CAMERA, zh)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(state.viewings).toEqual([]);
    expect(await readdir(join(dir, 'drawing'))).toEqual([]);
  });
});

describe('a stale picture', () => {
  it('has its age drawn over it, unless the asker reads headers', async () => {
    const { views } = setUp({ stale: true, ageMs: 25_000 });
    const shown = await views.now(ADMIN, CAMERA, zh);
    const seen = decode(shown.jpeg);
    expect([shown.stale, shown.ageMs, isRed(at(seen, 0.5, 0.9))]).toEqual([true, 25_000, true]);
    // White letters in the band at the top.
    expect(seen.mean({ x: 0, y: 0, width: 0.5, height: 0.05 }).g).toBeGreaterThan(40);
    expect(Buffer.from((await views.now(ADMIN, CAMERA, { ...zh, mark: false })).jpeg).equals(RED)).toBe(true);
  });
});

describe('an export', () => {
  const request = { ...zh, export: true, purpose: '街面纠纷取证' } as const;

  it('carries time, camera, person, purpose and hash in a band; its original is kept and the export audited', async () => {
    const { views, state } = setUp();
    const shown = await views.now(ADMIN, CAMERA, request);
    const seen = decode(shown.jpeg);
    const band = seen.mean({ x: 0, y: 0.83, width: 0.5, height: 0.17 });
    expect(isRed(band)).toBe(false);
    expect(isRed(at(seen, 0.5, 0.3, 0.2))).toBe(true);
    // Letters, not only a dark band: another second changes the first line and nothing above the band.
    const later = await setUp({ ageMs: 1_000 }).views.now(ADMIN, CAMERA, request);
    expect(later.sha256).not.toBe(shown.sha256);
    expect(state.saved).toMatchObject([{ device: 1, purpose: 'snapshot' }]);
    expect(shown).toMatchObject({ pictureId: 'b'.repeat(32), originalSha256: sha256(RED) });
    expect(state.audit).toMatchObject([
      { action: 'export', resourceId: 'cam-1', reason: request.purpose, after: { sha256: sha256(shown.jpeg) } },
    ]);
    expect(state.viewings).toMatchObject([[{}, {}, { purpose: request.purpose }]]);
  });

  it('still works when the disk is full', async () => {
    const { views, state } = setUp();
    state.diskFull = true;
    expect((await views.now(ADMIN, CAMERA, request)).pictureId).toBeNull();
  });

  it('needs the right, a purpose and a font', async () => {
    const { views, state } = setUp();
    await expect(views.now(actor('maintainer'), CAMERA, request)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    for (const purpose of [undefined, '', '  ', 'x', 'x'.repeat(201)]) {
      const asked = { ...zh, export: true, ...(purpose !== undefined && { purpose }) };
      await expect(views.now(ADMIN, CAMERA, asked)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    }
    expect(state.asked).toEqual([]);
    const noFont = setUp({ font: undefined });
    await expect(noFont.views.now(ADMIN, CAMERA, request)).rejects.toThrow('fonts-noto-cjk');
  });
});

describe('a stored picture', () => {
  let test: ReturnType<typeof setUp>;
  beforeEach(() => {
    test = setUp({ ageMs: 3_600_000 });
  });

  it('of this camera is shown with its time; of another camera it is not found', async () => {
    const { views } = test;
    const shown = await views.stored(ADMIN, CAMERA, 'a'.repeat(32), zh);
    expect(shown).toMatchObject({ ageMs: 3_600_000, stale: true, sha256: sha256(RED), pictureId: 'a'.repeat(32) });
    await expect(views.stored(ADMIN, CAMERA, 'f'.repeat(32), zh)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(test.state.viewings).toHaveLength(1);
  });
});

describe('a crash while a picture was drawn', () => {
  it('leaves nothing for the next start: no mask was on it yet', async () => {
    const folder = join(dir, 'drawing-left');
    await mkdir(join(folder, 'draw-abc'), { recursive: true });
    await writeFile(join(folder, 'draw-abc', 'in.jpg'), RED);
    const drawing = createDrawing({ supervisor, dir: folder, font: undefined });
    await drawing.start();
    await expect(readdir(folder)).rejects.toThrow('ENOENT');
    const drawn = await drawing.draw({ jpeg: RED, areas: [UPPER_LEFT], label: 'cam-1' });
    expect([readJpeg(drawn).width, await readdir(folder)]).toEqual([640, []]);
  });
});
