import { composeFfmpeg } from '../ffmpeg/compose.ts';
import type { ClockBands } from './features.ts';
import { FINE } from './numbers.ts';

export interface CommandOptions {
  readonly bands: ClockBands;
  /** Milliseconds of stream between the two key pictures, at least. */
  readonly apartMs: number;
  /** Milliseconds of stream after which one key picture must do. */
  readonly lookMs: number;
  /** How long the camera may be silent, in milliseconds; shorter than the deadline, so that ffmpeg can still say so. */
  readonly silenceMs: number;
  /** Where a file may be read; tests and benchmarks only. */
  readonly ownDirectory?: string;
}

/**
 * One ffmpeg for one check: decodes key pictures only, measures them without the clock's bands, and writes a small grey
 * and a JPEG copy of each as AVI to its pipe; the filters' readings stand in its log.
 */
export function checkArguments(url: string, options: CommandOptions): string[] {
  const { bands, apartMs, lookMs, silenceMs, ownDirectory } = options;
  const height = (1 - bands.top - bands.bottom).toFixed(3);
  return composeFfmpeg({
    logLevel: 'info',
    inputs: [
      {
        url,
        silenceMs,
        keyFramesOnly: true,
        durationMs: lookMs,
        ...(ownDirectory === undefined ? {} : { ownDirectory }),
      },
    ],
    complexFilter: [
      // Two key pictures far enough apart that somebody moves, never the same one twice.
      `[0:v:0]select=isnan(prev_selected_t)+gte(t-prev_selected_t\\,${apartMs / 1_000}),split=2[small][whole]`,
      '[small]scale=640:-2:out_range=tv,format=yuv420p,split=2[measured][grey]',
      `[measured]crop=iw:ih*${height}:0:ih*${bands.top},signalstats=stat=tout,blurdetect,metadata=print,nullsink`,
      `[grey]scale=${FINE.width}:${FINE.height}:flags=area,format=yuv420p,extractplanes=y,${EVEN}[g]`,
      `[whole]scale=min(1280\\,iw):-2:out_range=pc,format=yuvj420p,${EVEN}[j]`,
    ],
    outputs: [
      {
        target: 'pipe:1',
        format: 'avi',
        video: 'mjpeg',
        frames: 2,
        options: ['-map', '[g]', '-map', '[j]', '-c:v:0', 'rawvideo', '-q:v:1', '4', ...ONE_A_SECOND],
      },
    ],
  });
}

// AVI has no time stamps and fills gaps with empty chunks: on RTSP's 90 kHz clock that would be megabytes of them. So the
// two pictures are told to be a second apart in a film of one picture a second.
const EVEN = 'setpts=N/TB';
const ONE_A_SECOND = ['-r', '1', '-fps_mode', 'passthrough'];

/**
 * Every frame of a short while, for a camera in which nothing moved between two key pictures: a coder repeats a frozen
 * picture without a trace between its key pictures, which themselves differ by chance.
 */
export function pulseArguments(url: string, options: Omit<CommandOptions, 'apartMs'>): string[] {
  const { bands, lookMs, silenceMs, ownDirectory } = options;
  const height = (1 - bands.top - bands.bottom).toFixed(3);
  return composeFfmpeg({
    logLevel: 'info',
    inputs: [{ url, silenceMs, durationMs: lookMs, ...(ownDirectory === undefined ? {} : { ownDirectory }) }],
    outputs: [
      {
        target: 'null',
        format: 'null',
        video: 'rawvideo',
        filters: [
          `crop=iw:ih*${height}:0:ih*${bands.top}`,
          'scale=320:-2:flags=fast_bilinear,format=yuv420p,signalstats',
          // Only the one number: the log is cut to its last 16 KiB.
          'metadata=print:key=lavfi.signalstats.YDIF',
        ],
      },
    ],
  });
}
