import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MaskArea } from '../../domain/privacy-mask.ts';
import { composeFfmpeg } from '../ffmpeg/compose.ts';
import { printable } from '../snapshots/text-width.ts';
import { ENCODER_OPTIONS, pictureFilters, quickInput } from './recipes.ts';
import { timeExpression, watermarkFilters } from './watermark.ts';

/** More than a minute at the encoder's highest rate. */
const MOST_BYTES = 64 * 1024 ** 2;

/** Lays the words out as files of the work folder; answers what ffmpeg is called with for a camera's address. */
export async function clipArguments(options: {
  /** Folder of this clip alone. */
  readonly work: string;
  readonly target: string;
  readonly font: string;
  readonly seconds: number;
  /** Who took it of what and why; burnt in. */
  readonly words: string;
  readonly clock: { readonly startMs: number; readonly offsetMs: number };
  readonly areas: readonly MaskArea[];
}): Promise<(url: string) => string[]> {
  const { work, target, font, seconds, words, clock, areas } = options;
  const textFile = join(work, 'words.txt');
  const timeFile = join(work, 'time.txt');
  await writeFile(textFile, printable(words));
  await writeFile(timeFile, timeExpression(clock.startMs, clock.offsetMs));
  return (url) =>
    composeFfmpeg({
      inputs: [quickInput(url)],
      outputs: [
        {
          target,
          ownDirectory: work,
          format: 'mp4',
          video: 'libx264',
          filters: pictureFilters(areas, 'setpts=PTS-STARTPTS', ...watermarkFilters({ font, textFile, timeFile })),
          durationMs: seconds * 1_000,
          options: [...ENCODER_OPTIONS, '-movflags', '+faststart', '-fs', String(MOST_BYTES)],
        },
      ],
      threads: 2,
      logLevel: 'warning',
    });
}
