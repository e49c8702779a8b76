import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Clock, Logger } from '../../../../adapters/adapter.ts';
import type { Actor } from '../../domain/actor.ts';
import type { AuditPort } from '../../domain/audit.ts';
import type { DeviceKey } from '../../domain/device.ts';
import { parseInput } from '../../domain/input.ts';
import type { TimedPage, TimeRange } from '../../domain/page.ts';
import { requireRight } from '../../domain/permission.ts';
import type { CameraMasks } from '../../domain/privacy-mask.ts';
import type { Transactor } from '../../domain/tx.ts';
import { type Clip, ClipInput } from '../../domain/viewing.ts';
import { GatewayError } from '../../errors.ts';
import { bilingual } from '../../messages/index.ts';
import { repeat, type Task } from '../../schedule.ts';
import { runOnStream } from '../ffmpeg/stream-job.ts';
import { type CameraSource, type CameraSources, SourceError } from '../source.ts';
import { ProcessFailure, type Supervisor } from '../supervisor/interface.ts';
import { clipArguments } from './clip-recipe.ts';
import { mayBeSeen } from './may-be-seen.ts';
import { type MediaFile, openMedia } from './media-file.ts';
import type { CameraBook, CameraRecord, ClipStore } from './ports.ts';
import { pictureless } from './refusals.ts';
import type { ViewingLog } from './viewing-log.ts';
import { findFont } from './watermark.ts';

const KEEP_MS = 24 * 3_600_000;
/** All clips together; about 250 of a minute each. */
const MOST_BYTES = 5 * 1024 ** 3;
/** What reaching the camera and finishing the file may add to the length of a clip. */
const EXTRA_MS = 30_000;
const SWEEP_MS = 60_000;
/** A clip begun so long ago is recorded by nobody any more; waiting for a place is part of it. */
const ABANDONED_MS = 10 * 60_000;
const MOST_AT_ONCE = 16;

export interface Clips {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Begins a clip; it is `recording` until it is `ready` or `failed`. */
  create(actor: Actor, deviceId: string, input: ClipInput): Promise<Clip>;
  /** An administrator sees everybody's, others their own. */
  list(actor: Actor, deviceId: string, query: TimeRange): Promise<TimedPage<Clip>>;
  /** The file, for its owner and administrators. NOT_FOUND for others and after its time. */
  read(actor: Actor, deviceId: string, id: string): Promise<MediaFile & { readonly sha256: string }>;
}

export interface ClipsDeps {
  readonly db: Transactor;
  readonly store: ClipStore;
  readonly audit: AuditPort;
  readonly cameras: CameraBook;
  readonly sources: CameraSources;
  readonly supervisor: Supervisor;
  readonly masksOf: (device: DeviceKey) => Promise<CameraMasks>;
  readonly viewings: Pick<ViewingLog, 'begin' | 'touch' | 'end'>;
  /** Folder of our own. */
  readonly dir: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Whether the disk has room for more of them; absent = it has. */
  readonly room?: { allows(what: 'clips'): boolean };
  /** Milliseconds east of UTC at a time; for the burnt-in clock. */
  readonly zoneOffset: (at: number) => number;
}

interface Order {
  readonly id: string;
  readonly viewing: string;
  readonly seconds: number;
  readonly purpose: string;
  readonly masks: CameraMasks;
}

/** 离线采集: a short file of a camera, with masks, name, purpose and time burnt in. */
export function createClips(deps: ClipsDeps): Clips {
  const { db, store, clock, log } = deps;
  const ending = new AbortController();
  const recording = new Set<Promise<void>>();
  /** Clips asked for that are not recording yet. */
  let beginning = 0;
  let sweeper: Task | undefined;
  const fileOf = (id: string) => join(deps.dir, `${id}.mp4`);

  const sweep = async () => {
    const now = clock.now();
    await store.failAbandoned(db.autocommit, now - ABANDONED_MS);
    for (const id of await store.expire(db.autocommit, now)) await rm(fileOf(id), { force: true });
  };

  /** The work of a run that crashed, and files whose time is over whatever the database says. */
  const clear = async () => {
    await mkdir(deps.dir, { recursive: true, mode: 0o700 });
    for (const name of await readdir(deps.dir)) {
      const path = join(deps.dir, name);
      const old = clock.now() - (await stat(path)).mtimeMs > KEEP_MS;
      if (old || !name.endsWith('.mp4')) await rm(path, { recursive: true, force: true });
    }
  };

  const record = async (actor: Actor, camera: CameraRecord, source: CameraSource, order: Order): Promise<void> => {
    const work = join(deps.dir, `${order.id}.work`);
    try {
      const made = await produce(actor, camera, source, order, work);
      await store.finish(db.autocommit, order.id, { state: 'ready', ...made });
      await deps.viewings.end(order.viewing, { bytes: made.bytes, reason: 'done' });
    } catch (error) {
      const reason = failureOf(error);
      log.warn({ device: camera.id, clip: order.id, reason, error }, 'a clip was not recorded');
      await store.finish(db.autocommit, order.id, { state: 'failed', reason });
      await deps.viewings.end(order.viewing, { bytes: 0, reason: 'noPicture' });
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  };

  async function produce(actor: Actor, camera: CameraRecord, source: CameraSource, order: Order, work: string) {
    const font = findFont();
    if (font === undefined) throw new GatewayError('UNAVAILABLE', bilingual('live.noFont'));
    const stream = source.streams[0];
    if (!stream) throw new SourceError('noSuchStream', 'the camera names no stream');
    await mkdir(work, { mode: 0o700 });
    const target = join(work, 'clip.mp4');
    const startMs = clock.now();
    const compose = await clipArguments({
      work,
      target,
      font,
      seconds: order.seconds,
      words: [camera.nickname ?? camera.name, actor.name, order.purpose].join(' · '),
      clock: { startMs, offsetMs: deps.zoneOffset(startMs) },
      areas: order.masks.areas,
    });
    await runOnStream({
      supervisor: deps.supervisor,
      kind: 'clip',
      program: 'ffmpeg',
      stream,
      deadlineMs: order.seconds * 1_000 + EXTRA_MS,
      signal: ending.signal,
      label: `clip ${camera.id}`,
      compose,
    });
    // Areas that were made private while it ran are not masked in it.
    if ((await deps.masksOf(camera.key)).revision !== order.masks.revision) {
      throw new GatewayError('CONFLICT', bilingual('live.ended.masksChanged'));
    }
    const { size } = await stat(target);
    const hash = createHash('sha256');
    await pipeline(createReadStream(target), hash);
    await rename(target, fileOf(order.id));
    return { bytes: size, sha256: hash.digest('hex') };
  }

  async function begin(actor: Actor, camera: CameraRecord, input: ClipInput): Promise<Clip> {
    if (deps.room?.allows('clips') === false || (await store.bytes(db.autocommit)) >= MOST_BYTES) {
      throw new GatewayError('STORAGE_FULL', bilingual('live.clipsFull'));
    }
    const source = await deps.sources.find(camera.key).catch((error) => {
      throw error instanceof SourceError ? pictureless(error.reason, error) : error;
    });
    const masks = await deps.masksOf(camera.key);
    const now = clock.now();
    const id = randomUUID();
    const purpose = input.purpose.trim();
    const viewing = await deps.viewings.begin(actor, camera, { mode: 'clip', purpose });
    const clip = {
      id,
      userId: actor.id,
      userName: actor.name,
      purpose,
      seconds: input.seconds,
      masked: masks.areas.length > 0,
      createdAt: now,
      expiresAt: now + KEEP_MS,
    };
    await store.insert(db.autocommit, { ...clip, device: camera.key });
    const work = record(actor, camera, source, { id, viewing, seconds: input.seconds, purpose, masks })
      .catch((error) => log.error({ error, clip: id }, 'the end of a clip was not written; the sweep ends it'))
      .finally(() => recording.delete(work));
    recording.add(work);
    return { ...clip, deviceId: camera.id, state: 'recording', reason: null, bytes: null, sha256: null };
  }

  return {
    async start() {
      await clear();
      sweeper = repeat({ name: 'clips', everyMs: SWEEP_MS, firstAfterMs: 0, log }, sweep);
    },

    async stop() {
      ending.abort();
      await sweeper?.stop();
      await Promise.all(recording);
    },

    async create(actor, deviceId, raw) {
      requireRight(actor, 'cameras', 'operate');
      const input = parseInput(ClipInput, raw);
      const camera = await deps.cameras.get(actor, deviceId);
      if (!mayBeSeen(camera.lifecycle)) throw new GatewayError('CONFLICT', bilingual('live.notInUse'));
      // Counted before anything is awaited: many asked for at once are as many as one after the other.
      if (recording.size + beginning >= MOST_AT_ONCE) {
        throw new GatewayError('TOO_MANY_REQUESTS', bilingual('live.full'));
      }
      beginning += 1;
      try {
        return await begin(actor, camera, input);
      } finally {
        beginning -= 1;
      }
    },

    async list(actor, deviceId, query) {
      requireRight(actor, 'cameras', 'operate');
      const { key } = await deps.cameras.get(actor, deviceId);
      return store.list(db.autocommit, key, { ...query, userId: actor.role === 'admin' ? null : actor.id });
    },

    async read(actor, deviceId, id) {
      requireRight(actor, 'cameras', 'operate');
      const { key } = await deps.cameras.get(actor, deviceId);
      const clip = await store.get(db.autocommit, key, id);
      const mine = clip !== undefined && (clip.userId === actor.id || actor.role === 'admin');
      if (!mine || clip.state !== 'ready' || clip.expiresAt <= clock.now()) {
        throw new GatewayError('NOT_FOUND', mine ? bilingual('live.clipNotReady') : undefined);
      }
      const masks = await deps.masksOf(key);
      // What nobody may see now is not masked in a file of before.
      if (masks.areas.length > 0 && (masks.updatedAt ?? 0) >= clip.createdAt) {
        throw new GatewayError('NOT_FOUND', bilingual('live.clipBeforeMasks'));
      }
      const file = await openMedia(fileOf(id), 'video/mp4');
      if (!file) throw new GatewayError('NOT_FOUND', bilingual('live.clipNotReady'));
      await deps.audit.append(db.autocommit, [
        {
          at: clock.now(),
          actor,
          action: 'downloadClip',
          resource: 'cameras',
          resourceId: deviceId,
          reason: clip.purpose,
          after: { clip: id, sha256: clip.sha256 },
        },
      ]);
      return { ...file, sha256: clip.sha256 ?? '' };
    },
  };
}

/** A reason of the camera, or which of our processes failed how. */
function failureOf(error: unknown): string {
  if (error instanceof SourceError) return error.reason;
  if (error instanceof ProcessFailure) return error.kind === 'busy' ? 'busy' : 'interrupted';
  return error instanceof GatewayError && error.code === 'CONFLICT' ? 'masksChanged' : 'interrupted';
}
