import type { Clock } from '../../../../adapters/adapter.ts';
import { GatewayError } from '../../errors.ts';
import { composeFfmpeg } from '../ffmpeg/compose.ts';
import { runOnStream } from '../ffmpeg/stream-job.ts';
import type { CameraSource } from '../source.ts';
import type { Supervisor } from '../supervisor/interface.ts';
import type { ClockBands } from './features.ts';
import { streamToWatch } from './look.ts';

const WATCH_MS = 10_000;
const DEADLINE_MS = 30_000;

/** Ten seconds of a camera, every frame. */
export interface ClipResult {
  /** Milliseconds of stream in which the picture stood still, and was black, the clock's bands left out. */
  readonly frozenMs: number;
  readonly blackMs: number;
  /** Milliseconds of stream that were watched. */
  readonly watchedMs: number;
  /** Processor time in milliseconds; null = not known. */
  readonly cpuMs: number | null;
}

/** Decodes ten seconds of the stream that checks watch. Throws SourceError when the camera does not show them. */
export async function watchClip(
  deps: { readonly supervisor: Supervisor; readonly clock: Clock },
  source: CameraSource,
  bands: ClockBands,
  signal: AbortSignal,
): Promise<ClipResult> {
  const stream = streamToWatch(source);
  if (!stream)
    throw new GatewayError(
      'UNPROCESSABLE',
      '尚不知道该摄像机的码流，请先填写连接信息 / no stream of this camera is known; enter its connection',
    );
  const height = (1 - bands.top - bands.bottom).toFixed(3);
  const { stderr, cpuMs } = await runOnStream({
    supervisor: deps.supervisor,
    stream,
    kind: 'check',
    program: 'ffmpeg',
    label: source.deviceId,
    deadlineMs: DEADLINE_MS,
    signal,
    compose: (url) =>
      composeFfmpeg({
        logLevel: 'info',
        inputs: [{ url, durationMs: WATCH_MS, silenceMs: 6_000 }],
        outputs: [
          {
            target: 'null',
            format: 'null',
            video: 'rawvideo',
            filters: [
              `scale=640:-2,crop=iw:ih*${height}:0:ih*${bands.top}`,
              'blackdetect=d=0.5:pix_th=0.1',
              // Below the shortest usual distance of key pictures: each of them pulses and would end the freeze.
              'freezedetect=n=-60dB:d=0.8',
            ],
          },
        ],
      }),
  });
  return { ...readClip(stderr), cpuMs };
}

/** What blackdetect and freezedetect wrote. A freeze that lasts to the end has no end line. */
export function readClip(log: string): Pick<ClipResult, 'frozenMs' | 'blackMs' | 'watchedMs'> {
  const sum = (pattern: RegExp) => [...log.matchAll(pattern)].reduce((total, found) => total + Number(found[1]), 0);
  const end = /time=(\d+):(\d+):([\d.]+)[^\n]*$/m.exec(log.slice(log.lastIndexOf('time=')));
  const watched = end ? Number(end[1]) * 3_600 + Number(end[2]) * 60 + Number(end[3]) : 0;
  const starts = [...log.matchAll(/freeze_start: ([\d.]+)/g)];
  const ends = [...log.matchAll(/freeze_end: ([\d.]+)/g)].length;
  const open = starts.length > ends ? Math.max(0, watched - Number(starts.at(-1)?.[1])) : 0;
  const seconds = { frozen: sum(/freeze_duration: ([\d.]+)/g) + open, black: sum(/black_duration:([\d.]+)/g) };
  return {
    frozenMs: Math.round(seconds.frozen * 1_000),
    blackMs: Math.round(seconds.black * 1_000),
    watchedMs: Math.round(watched * 1_000),
  };
}
