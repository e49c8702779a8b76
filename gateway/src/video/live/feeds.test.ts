import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createManualClock } from '../../clock.ts';
import { type CameraMasks, NO_MASKS } from '../../domain/privacy-mask.ts';
import { createLogger } from '../../log.ts';
import { type CameraSource, SourceError } from '../source.ts';
import { type Job, ProcessFailure, type Supervisor } from '../supervisor/interface.ts';
import { createFeeds } from './feeds.ts';

const MASKED: CameraMasks = {
  areas: [{ shape: 'rectangle', x: 0, y: 0, width: 0.5, height: 0.5 }],
  revision: 3,
  updatedAt: 1,
  updatedBy: 'user:u',
};
const VIEWER = { wanted: 'main', h265: false } as const;
const CAMERA = { key: 7, id: 'cam' };

let dir: string;
let jobs: (Job & { argv: readonly string[] })[];
let full: Set<string>;
let masks: CameraMasks;
let codec: string | null;
let probes: number;
let refusal: SourceError | null;
let killers: (() => void)[];

/** Places that are full as told; processes that run until they are ended. */
const supervisor = {
  async run(job: Job) {
    probes += 1;
    if (typeof job.args === 'function') await job.args(new AbortController().signal);
    const stdout = Buffer.from('{"streams":[{"codec_type":"video","codec_name":"h264"}]}');
    return { stdout, stderr: '', cpuMs: null, wallMs: 1 };
  },
  async spawn(job: Job) {
    if (full.has(job.kind)) throw new ProcessFailure('busy', 'no place');
    const argv = typeof job.args === 'function' ? await job.args(new AbortController().signal) : job.args;
    jobs.push({ ...job, argv });
    let end: (value: { failure: ProcessFailure | null; cpuMs: null }) => void = () => undefined;
    const ended = new Promise<{ failure: ProcessFailure | null; cpuMs: null }>((resolve) => {
      end = resolve;
    });
    killers.push(() => end({ failure: new ProcessFailure('exit', 'died'), cpuMs: null }));
    return {
      pid: jobs.length,
      stdout: Readable.from([]),
      ended,
      stop: async () => end({ failure: null, cpuMs: null }),
    };
  },
} as unknown as Supervisor;

function makeFeeds() {
  const source = (): CameraSource => ({
    device: 7,
    deviceId: 'cam',
    name: '东门',
    streams: [
      {
        role: 'main',
        codec,
        width: null,
        height: null,
        async open() {
          if (refusal) throw refusal;
          return { url: 'rtsp://127.0.0.1:9/x', close: () => undefined, failure: () => null };
        },
      },
    ],
  });
  return createFeeds({
    sources: { find: async () => source() },
    supervisor,
    masksOf: async () => masks,
    dir,
    clock: createManualClock(),
    log: createLogger('silent'),
  });
}

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cgw-feeds-'));
  [jobs, full, masks, codec, refusal, killers, probes] = [[], new Set(), NO_MASKS, 'H264', null, [], 0];
});
afterEach(() => rm(dir, { recursive: true, force: true }));

describe('feeds of a camera', () => {
  it('are one process for all who watch in the same way', async () => {
    const feeds = makeFeeds();
    const [a, b] = await Promise.all([feeds.find(CAMERA, VIEWER), feeds.find(CAMERA, VIEWER)]);
    expect(a.feed).toBe(b.feed);
    expect(jobs).toHaveLength(1);
    await feeds.stop();
    expect(await readdir(dir)).toEqual([]);
  });

  it('of a camera whose codec nobody knows ask it once for all who come together', async () => {
    codec = null;
    const feeds = makeFeeds();
    await Promise.all([1, 2, 3].map(() => feeds.find(CAMERA, VIEWER)));
    expect([probes, jobs.length]).toEqual([1, 1]);
    feeds.invalidate(7);
    await feeds.find(CAMERA, VIEWER);
    expect(probes).toBe(2);
    await feeds.stop();
  });

  it('of a masked camera without a free place are masked pictures, never its own stream', async () => {
    masks = MASKED;
    full.add('transcode');
    const feeds = makeFeeds();
    const { feed } = await feeds.find(CAMERA, VIEWER);
    expect(feed.plan).toMatchObject({ mode: 'snapshots', why: 'maskedTranscodersBusy' });
    const [job] = jobs;
    expect(job?.argv.join(' ')).toMatch(/-skip_frame nokey[\s\S]*drawbox=/);
    expect(job?.argv).not.toContain('copy');
    full.add('live');
    masks = { ...MASKED, revision: 4 };
    await expect(feeds.find(CAMERA, VIEWER)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await feeds.stop();
  });

  it('that were opened while masks were drawn start over with them', async () => {
    const feeds = makeFeeds();
    let drawn = false;
    const slow = {
      ...supervisor,
      async spawn(job: Job) {
        const running = await supervisor.spawn(job);
        if (!drawn) {
          drawn = true;
          masks = MASKED;
          other.invalidate(7);
        }
        return running;
      },
    } as Supervisor;
    const other = createFeeds({
      sources: { find: async () => ({ device: 7, deviceId: 'cam', name: 'x', streams: [await stream()] }) },
      supervisor: slow,
      masksOf: async () => masks,
      dir,
      clock: createManualClock(),
      log: createLogger('silent'),
    });
    const found = await other.find(CAMERA, VIEWER);
    expect(found.feed.plan.mode).toBe('masked');
    expect(other.all()).toHaveLength(1);
    await other.stop();
    await feeds.stop();
  });

  it('tell the reason of the camera, and give up at once when trying again would lock its account', async () => {
    const feeds = makeFeeds();
    refusal = new SourceError('portClosed', 'refused');
    await expect(feeds.find(CAMERA, VIEWER)).rejects.toMatchObject({
      code: 'CAMERA_UNAVAILABLE',
      extra: { reason: 'portClosed' },
    });
    expect(feeds.all()).toEqual([]);
    refusal = null;
    const { feed } = await feeds.find(CAMERA, VIEWER);
    refusal = new SourceError('wrongPassword', 'refused');
    killers.at(-1)?.();
    await expect.poll(() => feed.ended).toBe(true);
    expect(feed.reason).toBe('wrongPassword');
    expect(jobs).toHaveLength(1);
    await feeds.stop();
  });

  it('that gave up are followed by one, however many ask for it at once', async () => {
    const feeds = makeFeeds();
    const { feed } = await feeds.find(CAMERA, VIEWER);
    refusal = new SourceError('wrongPassword', 'refused');
    killers.at(-1)?.();
    await expect.poll(() => feed.ended).toBe(true);
    refusal = null;
    const found = await Promise.all([1, 2, 3].map(() => feeds.find(CAMERA, VIEWER)));
    expect(new Set(found.map((one) => one.feed)).size).toBe(1);
    expect(feeds.all()).toEqual([found[0]?.feed]);
    expect(jobs).toHaveLength(2);
    await feeds.stop();
    expect(await readdir(dir)).toEqual([]);
  });

  it('start again after their process died and remove what it left', async () => {
    const feeds = makeFeeds();
    const { feed } = await feeds.find(CAMERA, VIEWER);
    const list = '#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-MAP:URI="r1-init.mp4"\n#EXTINF:1.0,\nr1-0.m4s\n';
    await writeFile(join(feed.folder, 'r1.m3u8'), list);
    expect(await feed.playlist(1_000)).toContain('r1-0.m4s');
    killers.at(-1)?.();
    await expect.poll(() => jobs.length).toBe(2);
    expect(jobs[1]?.argv.join(' ')).toContain('r2.m3u8');
    expect(existsSync(join(feed.folder, 'r1-0.m4s'))).toBe(false);
    await feeds.stop();
    expect(existsSync(feed.folder)).toBe(false);
  });
});

async function stream() {
  return {
    role: 'main' as const,
    codec,
    width: null,
    height: null,
    open: async () => ({ url: 'rtsp://127.0.0.1:9/x', close: () => undefined, failure: () => null }),
  };
}
