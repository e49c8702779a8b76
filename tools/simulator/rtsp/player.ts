import { randomInt } from 'node:crypto';
import type { Socket } from 'node:net';
import { type Clip, createRtpStream } from './clip.ts';

/** Above this a viewer counts as slow: pictures are skipped until it has caught up. Bounds the memory of one viewer. */
export const MAX_BACKLOG_BYTES = 256 * 1024;
const GIVE_UP_MS = 30_000;

/** Plays the clip in a loop to one viewer over interleaved TCP. */
export interface Player {
  /** For the RTP-Info header of the PLAY answer. */
  readonly firstSequence: number;
  start(): void;
  stop(): void;
}

export function createPlayer(socket: Socket, clip: Clip, channel: number): Player {
  const firstSequence = randomInt(0xffff);
  const stream = createRtpStream(clip.fps, randomInt(2 ** 32 - 1), firstSequence);
  let timer: NodeJS.Timeout | undefined;
  let startedAt = 0;
  let index = 0;
  let slowSince: number | undefined;

  const show = (number: number, now: number) => {
    const picture = clip.pictures[number % clip.pictures.length];
    if (!picture) return;
    if (socket.writableLength > MAX_BACKLOG_BYTES) slowSince ??= now;
    // After a gap the decoder needs a key picture; anything else would show as smear.
    else if (slowSince !== undefined && picture.key && socket.writableLength === 0) slowSince = undefined;
    if (slowSince !== undefined) {
      if (now - slowSince > GIVE_UP_MS) socket.destroy();
      return;
    }
    const frames = stream.packets(picture, number).flatMap((packet) => {
      const prefix = Buffer.from([0x24, channel, 0, 0]);
      prefix.writeUInt16BE(packet.length, 2);
      return [prefix, packet];
    });
    socket.write(Buffer.concat(frames));
  };

  const tick = () => {
    const now = performance.now();
    const due = Math.floor(((now - startedAt) * clip.fps) / 1000) + 1;
    // After a stall of this process the missed pictures are not sent in one burst.
    if (due - index > clip.fps) index = due - (due % clip.pictures.length);
    for (; index < due && !socket.destroyed; index += 1) show(index, now);
  };

  return {
    firstSequence,
    start() {
      if (timer) return;
      startedAt = performance.now();
      timer = setInterval(tick, 1000 / clip.fps);
      tick();
    },
    stop() {
      clearInterval(timer);
      timer = undefined;
    },
  };
}
