import { join } from 'node:path';
import type { MaskArea } from '../../domain/privacy-mask.ts';
import { composeFfmpeg, type MediaInput } from '../ffmpeg/compose.ts';
import type { Plan } from './decide.ts';
import { maskFilter } from './mask-filter.ts';

/** Re-encoded pictures are at most this wide: one place costs about one core at 1080p. */
const WIDEST = 1_280;
/** Seconds. The camera's key frames cut the pieces; half of the usual second, so that a jittering one is not missed. */
const PIECE_S = 0.5;
/** Seconds between key frames of our own encoder. */
const KEY_FRAME_S = 1;
/** A viewer waits while ffmpeg looks at the stream: so little is enough where the description names the codec. */
const QUICK = { analyzeMs: 500, probeBytes: 65_536, silenceMs: 10_000 } as const;

/** A camera as ffmpeg reads it for somebody who waits. */
export const quickInput = (url: string): MediaInput => ({ url, ...QUICK });

/** Filters of a re-encoded picture: masks first, in the camera's own size. */
export function pictureFilters(areas: readonly MaskArea[], ...more: readonly string[]): string[] {
  const mask = maskFilter(areas);
  return [...(mask === null ? [] : [mask]), `scale='min(${WIDEST},iw)':-2`, ...more];
}

export const ENCODER_OPTIONS = [
  ...['-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p'],
  ...['-crf', '26', '-maxrate', '2500k', '-bufsize', '2500k'],
];

/** What one run writes: `r<run>.m3u8` with its pieces, or `r<run>-picture.jpg` again and again. */
export function feedArguments(options: {
  readonly plan: Plan;
  readonly url: string;
  readonly dir: string;
  readonly run: number;
  readonly areas: readonly MaskArea[];
}): string[] {
  const { plan, url, dir, run, areas } = options;
  if (plan.mode === 'snapshots') return pictures(url, dir, run, areas);
  const own = plan.codec === 'H265' ? ['-tag:v', 'hvc1'] : [];
  return composeFfmpeg({
    inputs: [quickInput(url)],
    outputs: [
      {
        target: join(dir, listName(run)),
        ownDirectory: dir,
        format: 'hls',
        video: plan.transcodes ? 'libx264' : 'copy',
        ...(plan.transcodes && { filters: pictureFilters(areas) }),
        options: [
          ...(plan.transcodes ? [...ENCODER_OPTIONS, '-force_key_frames', `expr:gte(t,n_forced*${KEY_FRAME_S})`] : own),
          ...['-hls_time', String(PIECE_S), '-hls_list_size', '6', '-hls_delete_threshold', '4'],
          ...['-hls_flags', 'delete_segments+independent_segments+omit_endlist+temp_file'],
          ...['-hls_segment_type', 'fmp4', '-hls_fmp4_init_filename', `r${run}-init.mp4`],
          ...['-hls_segment_filename', join(dir, `r${run}-%d.m4s`)],
        ],
      },
    ],
    ...(plan.transcodes && { threads: 2 }),
    logLevel: 'warning',
  });
}

/** Only key frames are decoded, so pictures cost a twentieth of a core where re-encoding costs one. */
function pictures(url: string, dir: string, run: number, areas: readonly MaskArea[]): string[] {
  return composeFfmpeg({
    inputs: [{ ...quickInput(url), keyFramesOnly: true }],
    outputs: [
      {
        target: join(dir, pictureName(run)),
        ownDirectory: dir,
        format: 'image2',
        video: 'mjpeg',
        filters: pictureFilters(areas, "select='isnan(prev_selected_t)+gte(t-prev_selected_t,0.9)'"),
        options: ['-vsync', 'vfr', '-q:v', '5', '-pix_fmt', 'yuvj420p', '-update', '1', '-atomic_writing', '1'],
      },
    ],
    logLevel: 'warning',
  });
}

export const listName = (run: number) => `r${run}.m3u8`;
export const pictureName = (run: number) => `r${run}-picture.jpg`;
