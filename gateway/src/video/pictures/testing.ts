import { spawnSync } from 'node:child_process';
import { readJpeg } from './jpeg.ts';

/** Tests only: pictures made and looked at by ffmpeg. */
export interface Colour {
  readonly r: number;
  readonly g: number;
  readonly b: number;
}

/** A picture of one colour (`#rrggbb`). */
export function solidJpeg(colour: string, width = 64, height = 48): Buffer {
  const source = `color=0x${colour.slice(1)}:s=${width}x${height}`;
  return ffmpeg(['-f', 'lavfi', '-i', source, '-frames:v', '1', '-q:v', '2', '-f', 'mjpeg', 'pipe:1']);
}

/** Mean colour of a part of the picture; parts of width and height, default the whole. */
export function meanColour(jpeg: Uint8Array, part = { x: 0, y: 0, width: 1, height: 1 }): Colour {
  const crop = `crop=iw*${part.width}:ih*${part.height}:iw*${part.x}:ih*${part.y}`;
  const filter = `${crop},scale=1:1:flags=area,format=rgb24`;
  const args = [
    '-noautorotate',
    '-f',
    'mjpeg',
    '-i',
    'pipe:0',
    '-vf',
    filter,
    '-frames:v',
    '1',
    '-f',
    'rawvideo',
    'pipe:1',
  ];
  const [r = -1, g = -1, b = -1] = ffmpeg(args, jpeg);
  return { r, g, b };
}

export function ffmpeg(args: readonly string[], input?: Uint8Array): Buffer {
  const { status, stdout, stderr } = spawnSync('ffmpeg', ['-v', 'error', ...args], {
    timeout: 20_000,
    maxBuffer: 256 * 1024 * 1024,
    input: input ?? '',
  });
  if (status !== 0) throw new Error(`ffmpeg: ${stderr}`);
  return stdout;
}

/** Many small pictures, each of one colour, by one ffmpeg. */
export function solidJpegs(colours: readonly Colour[]): Buffer[] {
  const side = 16;
  const raw = Buffer.concat(
    colours.map(({ r, g, b }) => Buffer.concat(Array.from({ length: side * side }, () => Buffer.from([r, g, b])))),
  );
  const source = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${side}x${side}`, '-r', '1', '-i', 'pipe:0'];
  let rest = ffmpeg([...source, '-c:v', 'mjpeg', '-q:v', '2', '-f', 'image2pipe', 'pipe:1'], raw);
  return colours.map(() => {
    const { length } = readJpeg(rest);
    const picture = Buffer.from(rest.subarray(0, length));
    rest = rest.subarray(length);
    return picture;
  });
}
