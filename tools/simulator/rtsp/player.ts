import { randomInt } from 'node:crypto';
import { type Clip, keyPictureAt } from './clip.ts';
import { createRtpStream } from './rtp.ts';
import type { PacketSink } from './sink.ts';

/** Above this a viewer counts as slow: pictures are skipped until it has caught up. Bounds the memory of one viewer. */
export const MAX_BACKLOG_BYTES = 256 * 1024;
const GIVE_UP_MS = 30_000;

/** What a player asks of a camera at each picture. */
export interface Screen {
  /** Another clip begins at the next key picture. */
  clip(): Clip;
  /** False: the session runs and nothing comes. */
  sending(): boolean;
}

/** Plays a camera's clip in a loop to one viewer. */
export interface Player {
  /** For the RTP-Info header of the PLAY answer. */
  readonly firstSequence: number;
  /** `afterMs`: the first picture comes that late. */
  start(afterMs?: number): void;
  stop(): void;
}

export function createPlayer(sink: PacketSink, screen: Screen): Player {
  const firstSequence = randomInt(0xffff);
  const stream = createRtpStream(randomInt(2 ** 32 - 1), firstSequence);
  let timer: NodeJS.Timeout | undefined;
  let clip = screen.clip();
  let index = 0;
  let startedAt = 0;
  let dueAt = 0;
  let slowSince: number | undefined;

  const seekKey = () => {
    clip = screen.clip();
    index = keyPictureAt(clip, Date.now());
  };
  const show = (now: number) => {
    const picture = clip.pictures[index];
    if (!picture || !screen.sending()) return;
    if (sink.backlog() > MAX_BACKLOG_BYTES) slowSince ??= now;
    // After a gap the decoder needs a key picture; anything else would show as smear.
    else if (slowSince !== undefined && picture.key && sink.backlog() === 0) slowSince = undefined;
    if (slowSince === undefined) sink.send(stream.packets(picture, clip.codec, dueAt - startedAt));
    else if (now - slowSince > GIVE_UP_MS) sink.giveUp();
  };
  const tick = () => {
    const now = performance.now();
    // After a stall of this process the missed pictures are not sent in one burst.
    if (now - dueAt > 1_000) {
      dueAt = now;
      seekKey();
    }
    while (dueAt <= now && timer) {
      if (clip.pictures[index]?.key && clip !== screen.clip()) seekKey();
      show(now);
      dueAt += 1_000 / clip.fps;
      index = (index + 1) % clip.pictures.length;
    }
  };

  return {
    firstSequence,
    start(afterMs = 0) {
      if (timer) return;
      seekKey();
      startedAt = performance.now() + afterMs;
      dueAt = startedAt;
      timer = setInterval(tick, 1_000 / clip.fps);
      tick();
    },
    stop() {
      clearInterval(timer);
      timer = undefined;
    },
  };
}
