import { Agent, createServer, get, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createManualClock } from '../../clock.ts';
import type { PictureRecord } from '../../domain/picture.ts';
import { GatewayError } from '../../errors.ts';
import { createLogger } from '../../log.ts';
import { solidJpegs } from '../pictures/testing.ts';
import { SourceError } from '../source.ts';
import { createSnapshots, type SnapshotDeps, type TakenSnapshot } from './snapshots.ts';
import { createDice, createTestCameras, later, sha256, type TestCamera } from './testing.ts';

const log = createLogger('silent');
const COUNT = 50;
/** Far enough apart in colour that each is a different file. */
const [RED = Buffer.alloc(0), GREEN = Buffer.alloc(0), ...SOLID] = solidJpegs(
  Array.from({ length: COUNT + 2 }, (_, i) => ({ r: (i * 37) % 256, g: (i * 91) % 256, b: (i * 5) % 256 })),
);

function setUp(cameras: readonly (readonly [number, TestCamera])[], over: Partial<SnapshotDeps> = {}) {
  const clock = createManualClock();
  const fakes = createTestCameras(new Map(cameras));
  const outcomes: string[] = [];
  const snapshots = createSnapshots({
    ...fakes,
    clock,
    log,
    pictures: { latest: async () => null, read: async () => Promise.reject(new GatewayError('NOT_FOUND')) },
    onTaken: (origin, outcome) => outcomes.push(`${origin} ${outcome}`),
    ...over,
  });
  return { ...fakes, clock, snapshots, outcomes };
}

const gives = (bytes: Uint8Array) => async () => bytes;
const offline = async (): Promise<Uint8Array> => {
  throw new SourceError('hostUnreachable', 'EHOSTUNREACH');
};
const reasonOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'a picture',
    (error: GatewayError) => `${error.code} ${error.extra.reason ?? ''}`.trim(),
  );

describe('one picture of one camera', () => {
  it('is its HTTP snapshot, with time, size and hash; what stands behind its end is cut', async () => {
    const { snapshots, clock, outcomes } = setUp([[1, { http: gives(Buffer.concat([RED, Buffer.from('\r\n--x')])) }]]);
    const taken = await snapshots.take(1);
    expect(taken).toMatchObject({ device: 1, origin: 'snapshot', width: 16, height: 16, ageMs: 0, stale: false });
    expect([taken.sha256, Buffer.from(taken.jpeg).equals(RED)]).toEqual([sha256(RED), true]);
    expect(taken.takenAt).toBe(clock.now());
    expect(outcomes).toEqual(['snapshot ok']);
  });

  it.each([
    ['has none', undefined],
    ['fails', offline],
    ['is an error page', gives(Buffer.from('<html>busy</html>'))],
    ['is cut off', gives(RED.subarray(0, RED.length - 7))],
  ])('is a key frame when the HTTP snapshot %s', async (_name, http) => {
    const { snapshots } = setUp([[1, { ...(http && { http }), stream: gives(GREEN) }]]);
    expect(await snapshots.take(1)).toMatchObject({ origin: 'keyFrame', sha256: sha256(GREEN) });
  });

  it('is a key frame when HTTP repeats the same bits for more than ten seconds, and an error when there is none', async () => {
    const camera: TestCamera = { http: gives(RED), stream: gives(GREEN) };
    const { snapshots, clock, asked, outcomes } = setUp([[1, camera]]);
    const next = async (ms: number) => {
      clock.advance(ms);
      return reasonOf(snapshots.take(1).then(({ origin }) => Promise.reject({ code: origin, extra: {} })));
    };
    expect(await next(0)).toBe('snapshot');
    expect(await next(9_000)).toBe('snapshot');
    expect(await next(3_000)).toBe('keyFrame');
    expect(outcomes).toContain('snapshot old');
    const before = asked.http;
    expect(await next(60_000)).toBe('keyFrame');
    expect(asked.http).toBe(before);
    delete camera.stream;
    expect(await next(600_000)).toBe('CAMERA_UNAVAILABLE oldPicture');
    camera.http = gives(GREEN);
    expect(await next(600_000)).toBe('snapshot');
  });
});

describe('an offline camera', () => {
  it('gives the reason, never the picture of before', async () => {
    const camera: TestCamera = { http: gives(RED) };
    const { snapshots, clock } = setUp([[1, camera]]);
    await snapshots.take(1);
    camera.http = offline;
    expect((await snapshots.take(1)).ageMs).toBe(0);
    clock.advance(1_900);
    expect(await snapshots.take(1)).toMatchObject({ ageMs: 1_900, stale: false });
    clock.advance(200);
    expect(await reasonOf(snapshots.take(1))).toBe('CAMERA_UNAVAILABLE hostUnreachable');
    camera.stream = async () => Promise.reject(new SourceError('wrongPassword', '401'));
    expect(await reasonOf(snapshots.take(1))).toBe('CAMERA_UNAVAILABLE wrongPassword');
    expect(await reasonOf(snapshots.take(2))).toBe('NOT_FOUND');
  });

  it('that never answers costs the asker only its own deadline', async () => {
    const hangs = (signal: AbortSignal) => later(60_000, RED, signal);
    const { snapshots, asked } = setUp([[1, { http: hangs, stream: hangs }]]);
    const gone = new AbortController();
    const asker = reasonOf(snapshots.take(1, { signal: gone.signal }));
    expect(await reasonOf(snapshots.take(1, { deadline: 50 }))).toBe('CAMERA_UNAVAILABLE timeout');
    gone.abort();
    expect(await asker).toBe('CAMERA_UNAVAILABLE aborted');
    expect(asked.http).toBe(1);
  });
});

describe('a stored picture', () => {
  const record = (device: number, takenAt: number): PictureRecord => {
    const facts = { sha256: sha256(GREEN), bytes: GREEN.length, width: 16, height: 16, pinned: false };
    return { id: 'a'.repeat(32), device, takenAt, origin: 'keyFrame', purpose: 'check', keptUntil: 0, ...facts };
  };
  const withStored = (ageMs: number, owner = 1, damaged = false) => {
    const start = createManualClock().now();
    const stored = record(owner, start - ageMs);
    return setUp([[1, { http: gives(RED) }]], {
      pictures: {
        latest: async () => stored,
        async read() {
          if (damaged) throw new GatewayError('PICTURE_DAMAGED');
          return { ...stored, jpeg: GREEN };
        },
      },
    });
  };
  const origin = async (test: ReturnType<typeof withStored>, options: Parameters<typeof test.snapshots.take>[1]) => {
    const { origin: from, ageMs, stale, pictureId } = await test.snapshots.take(1, options);
    return [from, ageMs, stale, pictureId !== null];
  };

  it('serves only whom it is allowed to serve, marked as stale with its age', async () => {
    expect(await origin(withStored(20_000), { maxAgeMs: 30_000 })).toEqual(['keyFrame', 20_000, true, true]);
    expect(await origin(withStored(1_000), { maxAgeMs: 30_000 })).toEqual(['keyFrame', 1_000, false, true]);
    const live = ['snapshot', 0, false, false];
    expect(await origin(withStored(20_000), {})).toEqual(live);
    expect(await origin(withStored(30_001), { maxAgeMs: 30_000 })).toEqual(live);
  });

  it('is left out when it is damaged, from the future, of another camera or from before a change of the camera', async () => {
    const live = ['snapshot', 0, false, false];
    expect(await origin(withStored(20_000, 1, true), { maxAgeMs: 30_000 })).toEqual(live);
    expect(await origin(withStored(-5_000), { maxAgeMs: 30_000 })).toEqual(live);
    expect(await origin(withStored(20_000, 2), { maxAgeMs: 30_000 })).toEqual(live);
    const now = createManualClock().now();
    expect(await origin(withStored(20_000), { maxAgeMs: 30_000, notBefore: now - 10_000 })).toEqual(live);
  });
});

describe('many askers', () => {
  it('of one camera share one question', async () => {
    const { snapshots, asked } = setUp([[1, { http: () => later(20, RED) }]]);
    const all = await Promise.all(Array.from({ length: 30 }, () => snapshots.take(1)));
    expect(new Set(all.map((taken) => taken.sha256)).size).toBe(1);
    expect(asked.http).toBe(1);
  });

  it('board a new flight once the camera may be another one', async () => {
    const camera: TestCamera = { http: () => later(30, RED) };
    const { snapshots } = setUp([[1, camera]]);
    const before = snapshots.take(1);
    await later(5, null);
    camera.http = () => later(5, GREEN);
    snapshots.forget([1]);
    expect((await snapshots.take(1)).sha256).toBe(sha256(GREEN));
    expect((await before).sha256).toBe(sha256(RED));
    expect((await snapshots.take(1)).sha256).toBe(sha256(GREEN));
  });

  it('wait in a bounded crowd', async () => {
    let at = 0;
    let most = 0;
    const camera = (): TestCamera => ({
      async http() {
        at += 1;
        most = Math.max(most, at);
        await later(5, null);
        at -= 1;
        return RED;
      },
    });
    const { snapshots } = setUp(
      Array.from({ length: 20 }, (_, i) => [i, camera()] as const),
      { atOnce: 3 },
    );
    await Promise.all(Array.from({ length: 20 }, (_, i) => snapshots.take(i)));
    expect(most).toBe(3);
  });
});

describe('fifty cameras at once', () => {
  let server: Server;
  const agent = new Agent({ keepAlive: true });
  const dice = createDice(7);

  beforeAll(async () => {
    // One server on one address with shared connections: the worst case for whoever confuses answers.
    server = createServer(async (request, response) => {
      const picture = SOLID[Number(request.url?.slice(1))] ?? Buffer.alloc(0);
      await later(Math.floor(dice() * 40), null);
      const fate = dice();
      if (fate < 0.15) return void request.socket.destroy();
      if (fate < 0.25) return void response.writeHead(500).end('busy');
      response.writeHead(200, { 'content-type': 'image/jpeg', 'content-length': picture.length });
      response.write(picture.subarray(0, 200));
      await later(Math.floor(dice() * 20), null);
      if (fate < 0.35) return void request.socket.destroy();
      response.end(picture.subarray(200));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => {
    agent.destroy();
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });

  const download = (device: number, signal: AbortSignal) =>
    new Promise<Uint8Array>((resolve, reject) => {
      const { port } = server.address() as AddressInfo;
      get({ port, host: '127.0.0.1', path: `/${device}`, agent, signal }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => resolve(Buffer.concat(chunks)));
      }).on('error', reject);
    }).catch((error) => {
      throw new SourceError('connectionLost', 'reset', error);
    });

  it('each shows itself, whatever fails and however late it comes', async () => {
    const cameras = SOLID.map((picture, device): readonly [number, TestCamera] => [
      device,
      {
        http: (signal) => download(device, signal),
        async stream(signal) {
          await later(Math.floor(dice() * 60), null, signal);
          if (dice() < 0.3) throw new SourceError('sessionLimit', '453');
          return picture;
        },
      },
    ]);
    const { snapshots, clock } = setUp(cameras);
    let pictures = 0;
    for (let round = 0; round < 3; round++) {
      // Far enough that nothing is shared between rounds, near enough that repeated bits are no reason yet.
      clock.advance(3_000);
      const askers = SOLID.flatMap((_, device) => [device, device]).sort(() => dice() - 0.5);
      const answers = await Promise.allSettled(
        askers.map(async (device): Promise<[number, TakenSnapshot]> => [device, await snapshots.take(device)]),
      );
      for (const answer of answers) {
        if (answer.status === 'rejected') {
          expect(answer.reason).toMatchObject({ code: 'CAMERA_UNAVAILABLE' });
          continue;
        }
        const [device, taken] = answer.value;
        expect([device, taken.sha256]).toEqual([device, sha256(SOLID[device] ?? Buffer.alloc(0))]);
        expect(sha256(taken.jpeg)).toBe(taken.sha256);
        pictures += 1;
      }
    }
    expect(pictures).toBeGreaterThan(200);
  });
});
