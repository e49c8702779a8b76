import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PICTURE_THRESHOLDS } from '../../gateway/src/domain/picture-thresholds.ts';
import { checkArguments, pulseArguments } from '../../gateway/src/video/diagnosis/command.ts';
import { changeBetween } from '../../gateway/src/video/diagnosis/features.ts';
import { readLook, readPulse } from '../../gateway/src/video/diagnosis/measure.ts';
import type { PictureNumbers } from '../../gateway/src/video/diagnosis/numbers.ts';
import { BANDS } from './tally.ts';
import type { Variant } from './variants.ts';

const run = promisify(execFile);
export const SIZE = { width: 704, height: 396 } as const;
/** The scene is this much larger than what the camera sees of it. */
const ROOM = 1.35;
const FPS = 8;
const SECONDS = 2.4;

/** What to film. `day` moves cars and noise elsewhere. */
export interface Shooting {
  readonly scene: string;
  /** Another scene, for a camera that was turned away. */
  readonly elsewhere: string;
  readonly leaves: string;
  readonly variant: Variant;
  readonly day: number;
  readonly folder: string;
}

/** Numbers of one look at a camera that shows a variant, through the very commands of the gateway. */
export async function lookAt(shooting: Shooting): Promise<PictureNumbers> {
  const url = await film(shooting);
  const common = { bands: BANDS, silenceMs: 5_000, ownDirectory: shooting.folder };
  const asKeys = { ...common, apartMs: 1_500, lookMs: 8_000 };
  const seen = await output(checkArguments(url, asKeys));
  const look = readLook(seen, Date.now(), BANDS);
  if (!look) throw new Error(`no picture of ${shooting.variant.name}: ${seen.stderr.slice(-300)}`);
  const { numbers } = look;
  if (numbers.moved === null || numbers.moved >= PICTURE_THRESHOLDS.stillBlock) return numbers;
  const { stderr } = await output(pulseArguments(url, { ...common, lookMs: 2_000 }));
  const pulse = readPulse(stderr);
  if (pulse === null || pulse >= PICTURE_THRESHOLDS.frozenPulse) return { ...numbers, pulse };
  // Frozen is what stays the same over minutes; what a later look finds moved is alive.
  const later = shooting.variant.still ? shooting.day : shooting.day + 0.4;
  const again = readLook(
    await output(checkArguments(await film({ ...shooting, day: later }), asKeys)),
    Date.now(),
    BANDS,
  );
  const moved = again ? changeBetween(numbers.fine, again.numbers.fine, BANDS).moved : 0;
  return { ...numbers, pulse: moved < PICTURE_THRESHOLDS.frozenAcross ? pulse : null };
}

async function output(args: readonly string[]): Promise<{ stdout: Buffer; stderr: string }> {
  const options = { encoding: 'buffer', maxBuffer: 64 * 1024 * 1024, timeout: 60_000, killSignal: 'SIGKILL' } as const;
  const { stdout, stderr } = await run('ffmpeg', [...args], options);
  return { stdout, stderr: stderr.toString('utf8') };
}

/** Films one look into an H.264 file with a key picture a second. */
async function film({ scene, elsewhere, leaves, variant, day, folder }: Shooting): Promise<string> {
  const file = join(folder, 'look.mp4');
  const { width, height } = SIZE;
  const [wide, high] = [Math.round((width * ROOM) / 2) * 2, Math.round((height * ROOM) / 2) * 2];
  const { x, y } = variant.window ?? { x: 0.5, y: 0.5 };
  const time = variant.still ? '3' : 't';
  const clock =
    variant.still === 'all'
      ? '2026-11-23 08\\:00\\:00'
      : `%{pts\\:gmtime\\:${1_778_000_000 + Math.round(day * 86_400)}}`;
  const where = (speed: number, phase: number) => `mod(${time}*w*${speed}+w*${phase}\\,w+40)-40`;
  const noise = `noise=all_seed=${Math.round(day * 10) + 1}:alls=3${variant.still ? '' : ':allf=t'}`;
  const cars = [0.13, 0.29].map(
    (speed, at) =>
      `[s${at}][car${at}]overlay=x='${where(speed, (day * 0.37 + at * 0.4) % 1)}':y=h*${0.62 + at * 0.12}:eval=frame[s${at + 1}]`,
  );
  const filters =
    variant.filter === 'LEAVES' ? 'null[seen];[1:v]null[leaves];[seen][leaves]overlay=0:0' : (variant.filter ?? 'null');
  const graph = [
    `[0:v]scale=${wide}:${high}:force_original_aspect_ratio=increase,crop=${wide}:${high},crop=${width}:${height}:${Math.round((wide - width) * x)}:${Math.round((high - height) * y)},format=yuv420p[s0]`,
    `color=c=0xa02820:s=44x20:r=${FPS}[car0];color=c=0xd8d8dc:s=64x28:r=${FPS}[car1]`,
    ...cars,
    `[s2]format=yuv420p,${filters},format=yuv420p,${noise},drawtext=text='${clock}':fontsize=20:fontcolor=white:borderw=1:x=8:y=8[out]`,
  ].join(';');
  await run(
    'ffmpeg',
    [
      ...[
        '-hide_banner',
        '-loglevel',
        'error',
        '-nostdin',
        '-y',
        '-loop',
        '1',
        '-framerate',
        String(FPS),
        '-t',
        String(SECONDS),
      ],
      ...[
        '-i',
        variant.elsewhere ? elsewhere : scene,
        '-loop',
        '1',
        '-framerate',
        String(FPS),
        '-t',
        String(SECONDS),
        '-i',
        leaves,
      ],
      ...[
        '-filter_complex',
        graph,
        '-map',
        '[out]',
        '-t',
        String(SECONDS),
        '-c:v',
        'libx264',
        '-preset',
        'veryfast',
        '-crf',
        '26',
      ],
      ...['-x264-params', `keyint=${FPS}:min-keyint=${FPS}:scenecut=0:bframes=0`, '-color_range', 'tv', file],
    ],
    { timeout: 60_000, killSignal: 'SIGKILL' },
  );
  return file;
}
