import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MaskArea } from '../../domain/privacy-mask.ts';
import { GatewayError } from '../../errors.ts';
import { bilingual } from '../../messages/index.ts';
import { composeFfmpeg } from '../ffmpeg/compose.ts';
import { maskFilter } from '../live/mask-filter.ts';
import { readJpeg, withoutMetadata } from '../pictures/jpeg.ts';
import { ProcessFailure, type Supervisor } from '../supervisor/interface.ts';
import { wrapLines } from './text-width.ts';

/** What is done to a picture before it leaves. */
export interface DrawRequest {
  readonly jpeg: Uint8Array;
  readonly areas: readonly MaskArea[];
  /** Pixels; larger pictures are made smaller, smaller ones stay. */
  readonly width?: number | undefined;
  /** In a red band at the top. */
  readonly warning?: string | undefined;
  /** In a dark band at the bottom, one paragraph each. */
  readonly lines?: readonly string[];
  /** For logs. */
  readonly label: string;
  readonly signal?: AbortSignal | undefined;
}

export interface Drawing {
  /** Empties the folder: a crash may have left pictures there that no mask was drawn on yet. */
  start(): Promise<void>;
  /** The picture with all of it burnt in. UNAVAILABLE when that cannot be done: then nothing may leave. */
  draw(request: DrawRequest): Promise<Buffer>;
}

const DEADLINE_MS = 10_000;
const SMALLEST_FONT = 10;
const LARGEST_FONT = 48;
/** Letters are readable when 24 lines would fill the picture. */
const LINES_A_PICTURE = 24;
const LINE = 1.4;

export interface DrawingDeps {
  readonly supervisor: Supervisor;
  /** Folder of its own for pictures being drawn. */
  readonly dir: string;
  /** A font file with Chinese letters; undefined = nothing can be written on pictures. */
  readonly font: string | undefined;
}

export function createDrawing({ supervisor, dir, font }: DrawingDeps): Drawing {
  return {
    async start() {
      await rm(dir, { recursive: true, force: true });
    },

    async draw(request) {
      const { jpeg, areas, warning, lines = [], label, signal } = request;
      const writes = warning !== undefined || lines.length > 0;
      if (writes && font === undefined) throw new GatewayError('UNAVAILABLE', bilingual('snapshot.noFont'));
      await mkdir(dir, { recursive: true, mode: 0o700 });
      const folder = await mkdtemp(join(dir, 'draw-'));
      try {
        const size = sizeAfter(readJpeg(jpeg), request.width);
        const mask = maskFilter(areas);
        const texts = writes && font ? await bands(folder, font, size, warning, lines) : [];
        // A thumbnail in the metadata shows what the mask hides, and its rotation would turn the areas away.
        await writeFile(join(folder, 'in.jpg'), withoutMetadata(jpeg), { mode: 0o600 });
        const filters = [...(mask === null ? [] : [mask]), `scale=${size.width}:${size.height}`, ...texts];
        const { stdout } = await supervisor.run({
          kind: 'snapshot',
          program: 'ffmpeg',
          args: drawArgs(folder, filters),
          workDir: folder,
          deadlineMs: DEADLINE_MS,
          label,
          ...(signal ? { signal } : {}),
        });
        const { length } = readJpeg(stdout);
        return stdout.subarray(0, length);
      } catch (error) {
        const cause = error instanceof ProcessFailure ? new Error(`${error.message}: ${error.stderr}`) : error;
        throw new GatewayError('UNAVAILABLE', bilingual('snapshot.notDrawn'), { cause });
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

function drawArgs(folder: string, filters: readonly string[]): string[] {
  return composeFfmpeg({
    inputs: [{ url: join(folder, 'in.jpg'), ownDirectory: folder, probeBytes: 5_000_000 }],
    outputs: [
      {
        target: 'pipe:1',
        format: 'image2pipe',
        video: 'mjpeg',
        filters,
        frames: 1,
        options: ['-q:v', '3', '-pix_fmt', 'yuvj420p'],
      },
    ],
  });
}

interface Size {
  readonly width: number;
  readonly height: number;
}

function sizeAfter({ width, height }: Size, wanted: number | undefined): Size {
  if (wanted === undefined || wanted >= width) return { width, height };
  return { width: wanted, height: Math.max(1, Math.round((height * wanted) / width)) };
}

/** Texts go through files, so that no letter of a name is read as a filter; their names are relative to the folder. */
async function bands(
  folder: string,
  font: string,
  size: Size,
  warning: string | undefined,
  lines: readonly string[],
): Promise<string[]> {
  const fontSize = Math.max(SMALLEST_FONT, Math.min(LARGEST_FONT, Math.round(size.height / LINES_A_PICTURE)));
  const lineHeight = Math.round(fontSize * LINE);
  const room = size.width - fontSize;
  const filters: string[] = [];
  const write = async (texts: readonly string[], top: number, prefix: string) => {
    for (const [index, text] of texts.entries()) {
      const file = `${prefix}${index}.txt`;
      await writeFile(join(folder, file), text, { mode: 0o600 });
      const y = top + index * lineHeight + Math.round((lineHeight - fontSize) / 2);
      const place = `x=${Math.round(fontSize / 2)}:y=${y}`;
      filters.push(
        `drawtext=${face(font)}:textfile=${file}:expansion=none:fontcolor=white:fontsize=${fontSize}:${place}`,
      );
    }
  };
  if (warning !== undefined) {
    const texts = wrapLines([warning], room, fontSize);
    filters.push(box(0, texts.length * lineHeight, 'red@0.85'));
    await write(texts, 0, 'warning');
  }
  if (lines.length > 0) {
    const texts = wrapLines(lines, room, fontSize);
    const height = texts.length * lineHeight;
    filters.push(box(size.height - height, height, 'black@0.65'));
    await write(texts, size.height - height, 'line');
  }
  return filters;
}

const box = (y: number, height: number, colour: string) =>
  `drawbox=x=0:y=${Math.max(0, y)}:w=iw:h=${height}:color=${colour}:t=fill`;

/** The first face of Noto's collection has Japanese shapes of shared letters; by its name the Chinese one is had. */
function face(font: string): string {
  return font.endsWith('/NotoSansCJK-Regular.ttc') ? 'font=Noto Sans CJK SC' : `fontfile=${font}`;
}
