import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Logger } from '../../../../adapters/adapter.ts';
import type { Actor } from '../../domain/actor.ts';
import type { VideoCodec } from '../../domain/camera.ts';
import type { DeviceKey, Lifecycle } from '../../domain/device.ts';
import { parseInput } from '../../domain/input.ts';
import { requireRight } from '../../domain/permission.ts';
import type { CameraMasks } from '../../domain/privacy-mask.ts';
import { LiveInput, type ViewingMode } from '../../domain/viewing.ts';
import { GatewayError, isGatewayError } from '../../errors.ts';
import { bilingual, text } from '../../messages/index.ts';
import { repeat, type Task } from '../../schedule.ts';
import type { CameraSources } from '../source.ts';
import type { Supervisor } from '../supervisor/interface.ts';
import type { Delivery, Plan, Why } from './decide.ts';
import type { Feed } from './feed.ts';
import { createFeeds, type LiveFeeds } from './feeds.ts';
import { mayBeSeen } from './may-be-seen.ts';
import { type MediaFile, openMedia } from './media-file.ts';
import { isMediaName } from './playlist.ts';
import type { CameraBook, CameraRecord } from './ports.ts';
import { pictureless } from './refusals.ts';
import type { ViewingLog } from './viewing-log.ts';
import { createViews, type EndReason, type View } from './views.ts';

export const LIVE_BASE = '/api/v1/live';
export const PLAYLIST = 'index.m3u8';
export const PICTURE = 'picture.jpg';

/** How long a first request waits for the first piece. */
const FIRST_PIECE_MS = 8_000;
/** A picture older than this is not shown as now. */
const PICTURE_AGE_MS = 15_000;
/** A view is renewed for at most this long; then its purpose is asked again. */
const LONGEST_MS = 4 * 3_600_000;
const LOG_EVERY_MS = 10_000;
const MOST_VIEWS_A_USER = 36;

export interface LiveAnswer {
  readonly url: string;
  readonly token: string;
  /** Epoch milliseconds; renew before. */
  readonly expiresAt: number;
  readonly view: string;
  /** `hls` = a playlist, `pictures` = one JPEG to be asked for every second. */
  readonly kind: 'hls' | 'pictures';
  readonly codec: VideoCodec;
  readonly mode: Delivery;
  /** Whether areas are masked; never undone for anyone. */
  readonly masked: boolean;
  readonly why: { readonly code: Why; readonly zh: string; readonly en: string };
  /** To be shown over the picture together with the time. */
  readonly watermark: string;
}

export interface Live {
  start(): Promise<void>;
  stop(): Promise<void>;
  open(actor: Actor, deviceId: string, input: LiveInput): Promise<LiveAnswer>;
  renew(actor: Actor, view: string, token: string): Promise<{ expiresAt: number; viewers: number }>;
  close(actor: Actor, view: string, token: string): Promise<void>;
  /** A file of a view by a name of ours. */
  read(actor: Actor, view: string, token: string, name: string): Promise<MediaFile>;
  /** A device's lifecycle turned: what may not be seen any more ends. */
  deviceChanged(device: DeviceKey, lifecycle: Lifecycle): void;
  /** It is reached at another address or by another login: what runs may show another camera. */
  connectionChanged(device: DeviceKey): void;
  masksChanged(device: DeviceKey): void;
  stats(): { readonly views: number; readonly feeds: number };
}

export interface LiveDeps {
  readonly sources: CameraSources;
  readonly supervisor: Supervisor;
  readonly cameras: CameraBook;
  readonly masksOf: (device: DeviceKey) => Promise<CameraMasks>;
  readonly viewings: Pick<ViewingLog, 'begin' | 'touch' | 'end' | 'sweep'>;
  /** Id of this process, 12 hexadecimal digits: others find the view by it. Absent = there are no others. */
  readonly node?: string;
  /** Folder of our own; emptied at start and at the end. */
  readonly dir: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** `idleMs` after the last request a feed ends; a token is good for `tokenMs`. */
  readonly settings: () => { readonly idleMs: number; readonly tokenMs: number };
}

/** Live view: opened on demand, one ffmpeg a camera for all its viewers, every look in the log. */
export function createLive(deps: LiveDeps): Live {
  const { clock, log, viewings } = deps;
  const views = createViews(clock.monotonic, deps.node);
  const feeds: LiveFeeds = createFeeds(deps);
  /** Views of each user that are being opened. */
  const opening = new Map<string, number>();
  let ticker: Task | undefined;
  let sweeper: Task | undefined;

  const endView = (view: View, reason: EndReason): Promise<void> => {
    if (view.ended !== null) return Promise.resolve();
    view.ended = reason;
    view.endedAt = clock.monotonic();
    return viewings
      .end(view.viewing, { bytes: view.bytes, reason })
      .catch((error) => log.error({ error, view: view.id }, 'the end of a viewing was not written; the sweep ends it'));
  };
  const endFeed = async (feed: Feed, reason: EndReason): Promise<void> => {
    const mine = views.live().filter((view) => view.feed === feed);
    // Ended before the process is: nothing of it is handed out from here on.
    const written = mine.map((view) => endView(view, reason));
    await feeds.end(feed);
    await Promise.all(written);
  };
  const endOf = (device: DeviceKey, reason: EndReason): void => {
    feeds.invalidate(device);
    for (const feed of feeds.of(device)) {
      void endFeed(feed, reason).catch((error) => log.error({ error }, 'a live feed did not end cleanly'));
    }
  };

  const tick = async () => {
    const now = clock.monotonic();
    const { idleMs } = deps.settings();
    for (const view of views.live()) {
      if (now >= view.expiresAt) await endView(view, 'expired');
      else if (now - view.usedAt > Math.max(idleMs, 20_000)) await endView(view, 'idle');
    }
    for (const feed of feeds.all()) {
      if (now - feed.usedAt > idleMs) await endFeed(feed, 'idle');
      else await feed.check();
    }
    const due = views.live().filter((view) => view.usedAt > view.loggedAt && now - view.loggedAt >= LOG_EVERY_MS);
    if (due.length > 0) {
      const at = clock.now();
      await viewings.touch(due.map((view) => ({ id: view.viewing, at, bytes: view.bytes })));
      for (const view of due) view.loggedAt = now;
    }
    views.forget();
  };

  return {
    async start() {
      // What a crash left behind: pictures of people, which nobody may find later.
      await rm(deps.dir, { recursive: true, force: true });
      await mkdir(deps.dir, { recursive: true, mode: 0o700 });
      await viewings.sweep();
      ticker = repeat({ name: 'live views', everyMs: 500, log }, tick);
      sweeper = repeat({ name: 'abandoned viewings', everyMs: 60_000, log }, viewings.sweep);
    },

    async stop() {
      await ticker?.stop();
      await sweeper?.stop();
      await Promise.all(views.live().map((view) => endView(view, 'shutdown')));
      await feeds.stop();
      await rm(deps.dir, { recursive: true, force: true });
    },

    async open(actor, deviceId, raw) {
      requireRight(actor, 'cameras', 'operate');
      const input = parseInput(LiveInput, raw);
      const camera = await deps.cameras.get(actor, deviceId);
      if (!mayBeSeen(camera.lifecycle)) throw new GatewayError('CONFLICT', bilingual('live.notInUse'));
      return admit(actor.id, () => openFor(actor, camera, input));
    },

    async renew(actor, id, token) {
      const view = views.find(actor, id, token);
      const now = clock.monotonic();
      const lost = await reasonToEnd(actor, view, now);
      if (lost !== null) {
        await endView(view, lost);
        views.find(actor, id, token);
      }
      const { tokenMs } = deps.settings();
      view.expiresAt = now + tokenMs;
      used(view);
      return { expiresAt: clock.now() + tokenMs, viewers: views.live().filter((v) => v.feed === view.feed).length };
    },

    async close(actor, id, token) {
      await endView(views.find(actor, id, token), 'closed');
    },

    async read(actor, id, token, name) {
      const view = views.find(actor, id, token);
      used(view);
      const file = await media(view.feed, name);
      // Waiting may have taken seconds in which the view ended.
      if (view.ended !== null) {
        if (!Buffer.isBuffer(file.body)) file.body.destroy();
        views.find(actor, id, token);
      }
      view.bytes += file.length;
      used(view);
      return file;
    },

    deviceChanged(device, lifecycle) {
      if (!mayBeSeen(lifecycle)) endOf(device, 'deviceChanged');
    },
    connectionChanged: (device) => endOf(device, 'connectionChanged'),
    masksChanged: (device) => endOf(device, 'masksChanged'),
    stats: () => ({ views: views.live().length, feeds: feeds.all().length }),
  };

  /** Counts a view from the moment it is asked for: opening takes seconds in which a user could ask for any number. */
  async function admit<T>(userId: string, work: () => Promise<T>): Promise<T> {
    const waiting = opening.get(userId) ?? 0;
    if (waiting + views.live().filter((view) => view.userId === userId).length >= MOST_VIEWS_A_USER) {
      throw new GatewayError('TOO_MANY_REQUESTS', bilingual('live.tooMany', { limit: MOST_VIEWS_A_USER }));
    }
    opening.set(userId, waiting + 1);
    try {
      return await work();
    } finally {
      const left = (opening.get(userId) ?? 1) - 1;
      if (left > 0) opening.set(userId, left);
      else opening.delete(userId);
    }
  }

  async function openFor(actor: Actor, camera: CameraRecord, input: LiveInput): Promise<LiveAnswer> {
    const { feed, masks } = await feeds.find(camera, {
      wanted: input.stream ?? 'main',
      h265: input.accepts?.h265 ?? false,
    });
    const masked = masks.areas.length > 0;
    const viewing = await viewings.begin(actor, camera, {
      mode: accessMode(feed.plan, masked),
      purpose: input.purpose,
    });
    if (feed.ended) {
      await viewings.end(viewing, { bytes: 0, reason: 'noPicture' });
      throw pictureless(feed.reason ?? 'noFrames');
    }
    const { tokenMs } = deps.settings();
    const { view, token } = views.add(
      actor,
      { deviceId: camera.id, feed, viewing, masksRevision: masks.revision },
      tokenMs,
    );
    feed.touch();
    const pictures = feed.plan.mode === 'snapshots';
    const { why } = feed.plan;
    return {
      url: `${LIVE_BASE}/${view.id}/${token}/${pictures ? PICTURE : PLAYLIST}`,
      token,
      expiresAt: clock.now() + tokenMs,
      view: view.id,
      kind: pictures ? 'pictures' : 'hls',
      codec: feed.plan.codec,
      mode: feed.plan.mode,
      masked,
      why: { code: why, zh: text('zh-CN', `live.why.${why}`), en: text('en', `live.why.${why}`) },
      watermark: actor.name,
    };
  }

  function used(view: View): void {
    view.usedAt = clock.monotonic();
    view.feed.touch();
  }

  /** What another process or a colleague changed meanwhile. */
  async function reasonToEnd(actor: Actor, view: View, now: number): Promise<EndReason | null> {
    if (now - view.begunAt > LONGEST_MS) return 'tooLong';
    try {
      requireRight(actor, 'cameras', 'operate');
      const camera = await deps.cameras.get(actor, view.deviceId);
      if (!mayBeSeen(camera.lifecycle)) return 'deviceChanged';
      return (await deps.masksOf(camera.key)).revision === view.masksRevision ? null : 'masksChanged';
    } catch (error) {
      if (isGatewayError(error, 'NOT_FOUND') || isGatewayError(error, 'FORBIDDEN')) return 'rightLost';
      throw error;
    }
  }
}

function accessMode(plan: Plan, masked: boolean): ViewingMode {
  if (masked) return 'masked';
  return plan.mode === 'snapshots' ? 'onDemand' : 'live';
}

async function media(feed: Feed, name: string): Promise<MediaFile> {
  if (name === PLAYLIST && feed.plan.mode !== 'snapshots') {
    const list = await feed.playlist(FIRST_PIECE_MS);
    if (list === undefined || feed.ended) throw pictureless(feed.reason ?? 'noFrames');
    const body = Buffer.from(list);
    return { type: 'application/vnd.apple.mpegurl', length: body.length, body };
  }
  if (name === PICTURE && feed.plan.mode === 'snapshots') {
    const picture = await feed.picture(FIRST_PIECE_MS, PICTURE_AGE_MS);
    if (!picture) throw pictureless(feed.reason ?? 'noFrames');
    return { type: 'image/jpeg', length: picture.data.length, body: picture.data, takenAt: picture.at };
  }
  if (!isMediaName(name) || !feed.has(name)) throw new GatewayError('NOT_FOUND');
  const file = await openMedia(join(feed.folder, name), 'video/mp4');
  if (!file) throw new GatewayError('NOT_FOUND');
  return file;
}
