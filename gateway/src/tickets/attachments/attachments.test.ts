import { existsSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ENGINES } from '../../../test/support/databases.ts';
import {
  actor,
  createTicketBench,
  DISPATCHER,
  HANDLER,
  JPEG,
  MONDAY,
  OTHER_UNIT,
} from '../../../test/support/tickets.ts';
import { createZone } from '../../domain/working-time.ts';
import { sql } from '../../store/database.ts';
import { pictureFacts } from './exif.ts';
import { createAttachmentFiles } from './files.ts';
import { ATTACHMENT_BYTES, mediaOf, plainName } from './media.ts';

const SHANGHAI = createZone('Asia/Shanghai');

/** A TIFF block with time and place, as phones write it. */
function tiff(
  options: { time?: string; offset?: string; lat?: number[]; lon?: number[]; little?: boolean } = {},
): Buffer {
  const { time = '2026:11:23 09:59:30', offset, lat = [31, 9, 30], lon = [121, 30, 0], little = true } = options;
  const block = Buffer.alloc(512);
  const u16 = (value: number, at: number) => (little ? block.writeUInt16LE(value, at) : block.writeUInt16BE(value, at));
  const u32 = (value: number, at: number) => (little ? block.writeUInt32LE(value, at) : block.writeUInt32BE(value, at));
  block.write(little ? 'II' : 'MM', 0, 'latin1');
  u16(42, 2);
  u32(8, 4);
  let free = 200;
  const beyond = (value: string | number[]) => {
    if (typeof value === 'string') free += block.write(value, free, 'latin1') + 1;
    else
      for (const part of value) {
        u32(Math.round(part * 100), free);
        u32(100, free + 4);
        free += 8;
      }
  };
  const folder = (at: number, entries: readonly (readonly [tag: number, value: number | string | number[]])[]) => {
    u16(entries.length, at);
    for (const [index, [tag, value]] of entries.entries()) {
      const entry = at + 2 + index * 12;
      u16(tag, entry);
      u16(typeof value === 'string' ? 2 : typeof value === 'number' ? 4 : 5, entry + 2);
      u32(typeof value === 'string' ? value.length + 1 : typeof value === 'number' ? 1 : 3, entry + 4);
      if (typeof value === 'number') u32(value, entry + 8);
      else if (typeof value === 'string' && value.length < 4) block.write(value, entry + 8, 'latin1');
      else {
        u32(free, entry + 8);
        beyond(value);
      }
    }
  };
  folder(8, [
    [0x8769, 60],
    [0x8825, 120],
  ]);
  folder(60, [[0x9003, time], ...(offset ? ([[0x9011, offset]] as const) : [])]);
  folder(120, [
    [1, 'N'],
    [2, lat],
    [3, 'E'],
    [4, lon],
  ]);
  return block;
}
const exif = (block: Buffer) => Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), block]);
const jpeg = (block: Buffer) => {
  const body = exif(block);
  return Buffer.concat([
    Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0xe1, (body.length + 2) >> 8, (body.length + 2) & 255]),
    body,
    Buffer.from([0xff, 0xda, 0, 2]),
  ]);
};
const png = (block: Buffer) => {
  const chunk = (name: string, body: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(body.length);
    return Buffer.concat([length, Buffer.from(name), body, Buffer.alloc(4)]);
  };
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', Buffer.alloc(13)),
    chunk('eXIf', block),
  ]);
};
const webp = (block: Buffer) => {
  const chunk = (name: string, body: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(body.length);
    return Buffer.concat([Buffer.from(name), length, body, Buffer.alloc(body.length % 2)]);
  };
  return Buffer.concat([
    Buffer.from('RIFF\0\0\0\0WEBP', 'latin1'),
    chunk('VP8X', Buffer.alloc(9)),
    chunk('EXIF', exif(block)),
  ]);
};
const TAKEN = MONDAY - 30_000;
const PLACE = { lat: 31.158333333333335, lon: 121.5 };

describe('what a picture says of itself', () => {
  test.each([
    ['JPEG', jpeg(tiff()), 'image/jpeg'],
    ['JPEG of the other byte order', jpeg(tiff({ little: false })), 'image/jpeg'],
    ['PNG', png(tiff()), 'image/png'],
    ['WebP', webp(tiff()), 'image/webp'],
  ])('%s: time in the zone of the gateway, place', (_name, bytes, type) => {
    expect(mediaOf(bytes)?.mediaType).toBe(type);
    const { takenAt, place } = pictureFacts(bytes, type, SHANGHAI);
    expect(takenAt).toBe(TAKEN);
    expect(place?.lat).toBeCloseTo(PLACE.lat, 9);
    expect(place?.lon).toBeCloseTo(PLACE.lon, 9);
  });

  test.each<[string, Parameters<typeof tiff>[0], { takenAt?: number | null; place?: null }]>([
    ['its own offset wins', { time: '2026:11:23 01:59:30', offset: '+00:00' }, { takenAt: TAKEN }],
    ['a time that is none', { time: '0000:00:00 soon' }, { takenAt: null }],
    ['no fix', { lat: [0, 0, 0], lon: [0, 0, 0] }, { place: null }],
    ['off the earth', { lat: [99, 0, 0] }, { place: null }],
  ])('%s', (_name, options, expected) => {
    expect(pictureFacts(jpeg(tiff(options)), 'image/jpeg', SHANGHAI)).toMatchObject(expected);
  });

  test('a block that lies, loops or breaks off says nothing and costs nothing', () => {
    const whole = jpeg(tiff());
    for (let length = 0; length < whole.length; length++)
      expect(() => pictureFacts(whole.subarray(0, length), 'image/jpeg', SHANGHAI)).not.toThrow();
    let state = 7;
    for (let round = 0; round < 20_000; round++) {
      const bytes = Uint8Array.from(whole);
      for (let change = 0; change < 4; change++) {
        state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
        bytes[12 + (state % (bytes.length - 12))] = (state >> 8) & 255;
      }
      const { takenAt, place } = pictureFacts(bytes, 'image/jpeg', SHANGHAI);
      expect(takenAt === null || Number.isFinite(takenAt)).toBe(true);
      expect(place === null || Number.isFinite(place.lat + place.lon)).toBe(true);
    }
  });
});

describe('a file is what it begins like', () => {
  test.each<[string, Uint8Array, string | undefined]>([
    ['HEIC', Buffer.from('\0\0\0\x18ftypheic\0\0', 'latin1'), 'image/heic'],
    ['PDF', Buffer.from('%PDF-1.7'), 'application/pdf'],
    ['a page', Buffer.from('<html><script>alert(1)</script>'), undefined],
    ['SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg">'), undefined],
    ['a film', Buffer.from('\0\0\0\x18ftypisom', 'latin1'), undefined],
    ['a program', Buffer.from('MZ\x90\0', 'latin1'), undefined],
    ['nothing', new Uint8Array(), undefined],
  ])('%s', (_name, bytes, type) => {
    expect(mediaOf(bytes)?.mediaType).toBe(type);
  });
  test.each([
    ['../../etc/passwd', 'passwd'],
    ['C:\\照片\\现场 1.jpg', '现场 1.jpg'],
    ['a"\r\nSet-Cookie: x', 'a___Set-Cookie_ x'],
    ['..', 'file.jpg'],
    [undefined, 'file.jpg'],
  ])('%j is kept as %j', (name, kept) => {
    expect(plainName(name, 'jpg')).toBe(kept);
  });
});

test('files are kept once under their hash, and a changed one is not given out', async () => {
  const dir = join(tmpdir(), `cgw-files-${process.pid}`);
  const files = createAttachmentFiles(dir);
  const [one, two] = await Promise.all([files.keep(JPEG), files.keep(JPEG)]);
  expect(one).toBe(two);
  expect(Buffer.from((await files.read(one)) ?? [])).toEqual(Buffer.from(JPEG));
  writeFileSync(join(dir, one.slice(0, 2), one), 'changed');
  expect(await files.read(one)).toBeNull();
  // What was damaged is whole again when it comes a second time.
  await files.keep(JPEG);
  expect(await files.read(one)).not.toBeNull();
  await expect(files.read('../../etc/passwd')).rejects.toThrow('hash');
  rmSync(dir, { recursive: true });
});

describe.each(ENGINES)('files of tickets on %s', (engine) => {
  const t = createTicketBench(engine);
  const opened = async () => {
    await t.decide(t.decision('d1'));
    return (await t.only()).id;
  };

  test('a picture is shown with time, place and distance to the device, and given to who sees the ticket', async () => {
    await sql(t.database.db.autocommit).script(
      `update device set location = '{"lat":31.158333,"lon":121.501,"crs":"wgs84"}' where id = 'd1'`,
    );
    const id = await opened();
    const shown = await t.tickets.attach(HANDLER, id, {
      content: jpeg(tiff()),
      name: '现场.jpg',
      phase: 'before',
      takenAt: 1,
    });
    expect(shown.attachments).toMatchObject([
      {
        n: 1,
        name: '现场.jpg',
        mediaType: 'image/jpeg',
        phase: 'before',
        by: 'li',
        takenAt: TAKEN,
        takenFrom: 'file',
        placeFrom: 'file',
      },
    ]);
    expect(shown.attachments[0]?.distance).toBeCloseTo(95, 0);
    expect(shown.evidence.at(-1)).toMatchObject({ kind: 'picture', by: 'li', detail: { attachment: 1 } });
    const file = await t.tickets.attachment(DISPATCHER, id, 1);
    expect(file).toMatchObject({ mediaType: 'image/jpeg', sha256: shown.attachments[0]?.sha256 });
    expect(Buffer.from(file.content)).toEqual(jpeg(tiff()));
    for (const [who, ticket, n] of [
      [OTHER_UNIT, id, 1],
      [HANDLER, 'tk_none', 1],
      [HANDLER, id, 2],
      [HANDLER, id, Number.NaN],
    ] as const)
      await expect(t.tickets.attachment(who, ticket, n)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await sql(t.database.db.autocommit).script("update device set location = null where id = 'd1'");
  });

  test('without EXIF the person says when and where; nobody photographs the future', async () => {
    const id = await opened();
    const location = { lat: 31.2, lon: 121.5, crs: 'gcj02' } as const;
    await t.tickets.attach(HANDLER, id, { content: JPEG, takenAt: MONDAY - 1_000, location });
    const { attachments } = await t.tickets.attach(HANDLER, id, { content: JPEG, takenAt: MONDAY + 3_600_000 });
    expect(attachments[0]).toMatchObject({
      takenAt: MONDAY - 1_000,
      takenFrom: 'person',
      placeFrom: 'person',
      distance: null,
    });
    expect(attachments[0]?.lat).not.toBe(31.2);
    expect(attachments[1]).toMatchObject({ takenAt: null, takenFrom: null, lat: null });
  });

  test('the same picture twice, and one taken far from the device, are marked; whoever looks at one is written down', async () => {
    await sql(t.database.db.autocommit).script(
      `update device set location = '{"lat":31.158333,"lon":121.51,"crs":"wgs84"}' where id = 'd1'`,
    );
    const id = await opened();
    await t.tickets.attach(HANDLER, id, { content: jpeg(tiff()) });
    await t.decide(t.decision('d2'));
    const second = (await t.all()).find((one) => one.id !== id)?.id ?? '';
    t.clock.advance(1_000);
    const again = await t.tickets.attach(HANDLER, second, { content: jpeg(tiff()) });
    const { attachments, evidence } = await t.tickets.get(HANDLER, id);
    expect(attachments).toMatchObject([{ far: true, repeated: false }]);
    expect(attachments[0]?.distance).toBeGreaterThan(200);
    expect(evidence.at(-1)?.detail).toMatchObject({ far: true });
    expect(again.attachments).toMatchObject([{ distance: null, far: false, repeated: true }]);
    expect(again.evidence.at(-1)?.detail).toMatchObject({ repeated: true });
    t.settings = { ...t.settings, photoDistance: 10_000 };
    expect((await t.tickets.get(HANDLER, id)).attachments[0]?.far).toBe(false);
    await t.tickets.attachment(DISPATCHER, id, 1);
    const { rows } = await sql(t.database.db.autocommit).query(
      `select actor as who, after from audit where action = 'view' and resource_id = $1`,
      [id],
    );
    expect(rows).toEqual([{ who: 'user:zhao', after: { attachment: 1, sha256: attachments[0]?.sha256 } }]);
    await sql(t.database.db.autocommit).script("update device set location = null where id = 'd1'");
  });

  test('files no ticket names go after a day, also those of tickets that were removed', async () => {
    const [lost, kept, removed, recent] = ['lost', 'kept', 'removed', 'recent'].map((word) =>
      Buffer.concat([JPEG, Buffer.from(word)]),
    ) as [Buffer, Buffer, Buffer, Buffer];
    const id = await opened();
    await t.tickets.attach(HANDLER, id, { content: kept });
    const gone = await t.tickets.create(DISPATCHER, { title: '误建' }, 'zh-CN', [{ content: removed }]);
    await sql(t.database.db.autocommit).query('delete from ticket where id = $1', [gone.id]);
    const files = createAttachmentFiles(t.filesDir);
    const hashes = [];
    for (const content of [lost, kept, removed, recent]) hashes.push(await files.keep(content));
    const [lostHash = '', keptHash = '', removedHash = '', recentHash = ''] = hashes;
    const part = join(t.filesDir, lostHash.slice(0, 2), `${lostHash}.1.1.part`);
    writeFileSync(part, 'half');
    const long = new Date(t.clock.now() - 25 * 3_600_000);
    const paths = [lostHash, keptHash, removedHash].map((hash) => join(t.filesDir, hash.slice(0, 2), hash));
    for (const path of [...paths, part]) utimesSync(path, long, long);
    const soon = new Date(t.clock.now() - 3_600_000);
    utimesSync(join(t.filesDir, recentHash.slice(0, 2), recentHash), soon, soon);
    await t.tickets.sweepFiles();
    expect(await files.read(lostHash)).toBeNull();
    expect(await files.read(removedHash)).toBeNull();
    expect(existsSync(part)).toBe(false);
    expect(await files.read(keptHash)).not.toBeNull();
    expect(await files.read(recentHash)).not.toBeNull();
    expect(await t.tickets.sweepFiles()).toBe(0);
  });

  test('refused: what is no picture, what is too large, one too many, a void ticket, a ticket of others', async () => {
    const id = await opened();
    await expect(t.tickets.attach(HANDLER, id, { content: Buffer.from('<html>') })).rejects.toMatchObject({
      errors: [{ code: 'fileKind' }],
    });
    const large = new Uint8Array(ATTACHMENT_BYTES + 1);
    large.set(JPEG);
    await expect(t.tickets.attach(HANDLER, id, { content: large })).rejects.toMatchObject({
      code: 'PAYLOAD_TOO_LARGE',
    });
    await expect(t.tickets.attach(OTHER_UNIT, id, { content: JPEG })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await sql(t.database.db.autocommit).query(
      `insert into ticket_attachment (ticket_id, n, sha256, bytes, media_type, name, phase, by, at)
       select $1, n, repeat('a', 64), 1, 'image/jpeg', 'x', 'other', 'li', now() from generate_series(1, 50) n`,
      [id],
    );
    await expect(t.tickets.attach(HANDLER, id, { content: JPEG })).rejects.toMatchObject({
      errors: [{ code: 'tooManyFiles' }],
    });
    await expect(t.tickets.attachment(HANDLER, id, 1)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('a report from a phone: kind, place and picture, there whole or not at all', async () => {
    const committee = actor('he', 'committee', { kind: 'orgs', orgIds: ['hood'] });
    const input = { kind: 'manual', fault: 'illegalCharging', siteId: 's1', orgId: 'hood' } as const;
    await expect(t.tickets.create(committee, input, 'zh-CN', [])).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      errors: [{ path: '/photo' }],
    });
    await expect(t.tickets.create(committee, { fault: 'dataObjection' })).rejects.toMatchObject({
      errors: [{ path: '/deviceIds' }, { path: '/note' }],
    });
    await expect(t.tickets.create(committee, input, 'zh-CN', [{ content: Buffer.from('no') }])).rejects.toMatchObject({
      errors: [{ code: 'fileKind' }],
    });
    expect((await t.all()).length).toBe(0);
    const made = await t.tickets.create(committee, input, 'zh-CN', [{ content: jpeg(tiff()), phase: 'before' }]);
    expect(made).toMatchObject({
      title: '违规充电',
      module: 'charging',
      priority: 'urgent',
      openedBy: 'he',
      attachments: [{ n: 1 }],
    });
    expect((await t.tickets.list(committee, { mine: true }, {})).total).toBe(1);
    expect((await t.tickets.list(DISPATCHER, { mine: true }, {})).total).toBe(0);
    expect(await t.tickets.create(committee, { title: '其他', orgId: 'hood' }, 'en')).toMatchObject({ title: '其他' });
    await expect(t.tickets.create(committee, { orgId: 'hood' })).rejects.toMatchObject({
      errors: [{ path: '/title' }],
    });
  });
});
