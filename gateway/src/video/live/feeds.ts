import type { Clock, Logger } from '../../../../adapters/adapter.ts';
import type { StreamRole, VideoCodec } from '../../domain/camera.ts';
import type { DeviceKey } from '../../domain/device.ts';
import type { CameraMasks } from '../../domain/privacy-mask.ts';
import { GatewayError } from '../../errors.ts';
import { bilingual } from '../../messages/index.ts';
import { probeStream } from '../ffmpeg/probe-stream.ts';
import { type CameraSource, type CameraSources, type CameraStream, SourceError } from '../source.ts';
import { ProcessFailure, type Supervisor } from '../supervisor/interface.ts';
import { type Plan, waysToShow } from './decide.ts';
import { Feed, reasonOf } from './feed.ts';
import { pictureless } from './refusals.ts';

export interface FeedsDeps {
  readonly sources: CameraSources;
  readonly supervisor: Supervisor;
  readonly masksOf: (device: DeviceKey) => Promise<CameraMasks>;
  readonly dir: string;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface LiveFeeds {
  /** The feed that shows this camera so, shared or new; tries the next best way when no place is free. */
  find(
    camera: { readonly key: DeviceKey; readonly id: string },
    viewer: { readonly wanted: StreamRole; readonly h265: boolean },
  ): Promise<{ readonly feed: Feed; readonly masks: CameraMasks }>;
  /** What is being opened for this camera right now starts over with what holds then. */
  invalidate(device: DeviceKey): void;
  of(device: DeviceKey): Feed[];
  all(): Feed[];
  end(feed: Feed): Promise<void>;
  stop(): Promise<void>;
}

const CODEC_MS = 6_000;
const CODEC_KEPT_MS = 10 * 60_000;

export function createFeeds(deps: FeedsDeps): LiveFeeds {
  const feeds = new Map<string, { readonly feed: Feed; readonly ready: Promise<void> }>();
  /** Grows when masks or lifecycle of a camera turn, so that an opening that overlaps is noticed. */
  const epochs = new Map<DeviceKey, number>();
  const epochOf = (device: DeviceKey) => epochs.get(device) ?? 0;
  const codecs = new Map<string, { readonly codec: VideoCodec; readonly at: number }>();
  const asking = new Map<string, Promise<VideoCodec>>();
  let stopped = false;

  const end = async (feed: Feed) => {
    if (feeds.get(feed.key)?.feed === feed) feeds.delete(feed.key);
    await feed.stop();
  };

  const share = async (source: CameraSource, stream: CameraStream, plan: Plan, masks: CameraMasks): Promise<Feed> => {
    const key = `${source.device}/${plan.mode}/${plan.role}/${plan.codec}/${masks.revision}`;
    for (let known = feeds.get(key); known; known = feeds.get(key)) {
      if (!known.feed.ended) {
        await known.ready;
        return known.feed;
      }
      // While it ends, another viewer may have begun the next one.
      await end(known.feed);
    }
    if (stopped) throw new GatewayError('UNAVAILABLE');
    const feed = new Feed({
      ...deps,
      key,
      device: source.device,
      deviceId: source.deviceId,
      plan,
      stream,
      areas: masks.areas,
    });
    const ready = feed.start();
    feeds.set(key, { feed, ready });
    try {
      await ready;
      return feed;
    } catch (error) {
      if (feeds.get(key)?.feed === feed) feeds.delete(key);
      throw error;
    }
  };

  const find: LiveFeeds['find'] = async (camera, viewer) => {
    for (;;) {
      const epoch = epochOf(camera.key);
      const masks = await deps.masksOf(camera.key);
      const source = await deps.sources.find(camera.key).catch((error) => {
        throw error instanceof SourceError ? pictureless(error.reason, error) : error;
      });
      const streams = await Promise.all(
        source.streams.map(async (stream) => ({ role: stream.role, codec: await codecOf(source, stream) })),
      );
      const ways = waysToShow({ ...viewer, streams, masked: masks.areas.length > 0 });
      const feed = await firstFree(source, ways, masks);
      if (epochOf(camera.key) === epoch) return { feed, masks };
      await end(feed);
    }
  };

  async function firstFree(source: CameraSource, ways: readonly Plan[], masks: CameraMasks): Promise<Feed> {
    for (const plan of ways) {
      const stream = source.streams.find(({ role }) => role === plan.role) ?? source.streams[0];
      if (!stream) break;
      try {
        return await share(source, stream, plan, masks);
      } catch (error) {
        if (error instanceof ProcessFailure && error.kind === 'busy') continue;
        if (error instanceof GatewayError) throw error;
        throw pictureless(reasonOf(error), error);
      }
    }
    throw new GatewayError('UNAVAILABLE', bilingual('live.full'));
  }

  /** What a stream carries when nobody has written it down yet; asking costs the first viewer a second. */
  async function codecOf(source: CameraSource, stream: CameraStream): Promise<VideoCodec> {
    if (stream.codec !== null) return stream.codec;
    const key = `${source.device}/${stream.role}`;
    const known = codecs.get(key);
    if (known && deps.clock.monotonic() - known.at < CODEC_KEPT_MS) return known.codec;
    const running = asking.get(key);
    if (running) return running;
    // Cameras have few sessions: viewers who come together ask once.
    const asked: Promise<VideoCodec> = askCodec(stream)
      .then((codec) => {
        // Asked about another camera, when it was replaced meanwhile.
        if (asking.get(key) === asked) codecs.set(key, { codec, at: deps.clock.monotonic() });
        return codec;
      })
      .finally(() => {
        if (asking.get(key) === asked) asking.delete(key);
      });
    asking.set(key, asked);
    return asked;
  }

  async function askCodec(stream: CameraStream): Promise<VideoCodec> {
    const signal = AbortSignal.timeout(2 * CODEC_MS);
    try {
      const { codec } = await probeStream({
        ...deps,
        stream,
        kind: 'check',
        deadlineMs: CODEC_MS,
        signal,
        label: 'codec',
      });
      return codec;
    } catch (error) {
      throw pictureless(reasonOf(error), error);
    }
  }

  return {
    find,
    end,
    invalidate(device) {
      epochs.set(device, epochOf(device) + 1);
      for (const key of codecs.keys()) if (key.startsWith(`${device}/`)) codecs.delete(key);
      for (const key of asking.keys()) if (key.startsWith(`${device}/`)) asking.delete(key);
    },
    of: (device) => [...feeds.values()].map(({ feed }) => feed).filter((feed) => feed.device === device),
    all: () => [...feeds.values()].map(({ feed }) => feed),
    async stop() {
      stopped = true;
      await Promise.all([...feeds.values()].map(({ feed }) => end(feed)));
    },
  };
}
