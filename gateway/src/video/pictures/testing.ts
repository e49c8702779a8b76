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

/** A decoded picture that can be asked for the mean colour of any part of it (parts of width and height). */
export interface Decoded {
  mean(part: { x: number; y: number; width: number; height: number }): Colour;
}

export function decode(jpeg: Uint8Array): Decoded {
  const { width, height } = readJpeg(jpeg);
  const raw = ffmpeg(
    ['-f', 'mjpeg', '-i', 'pipe:0', '-frames:v', '1', '-pix_fmt', 'rgb24', '-f', 'rawvideo', 'pipe:1'],
    jpeg,
  );
  return {
    mean(part) {
      const sum = [0, 0, 0];
      let count = 0;
      for (let y = Math.floor(part.y * height); y < Math.ceil((part.y + part.height) * height); y++) {
        for (let x = Math.floor(part.x * width); x < Math.ceil((part.x + part.width) * width); x++) {
          for (const plane of [0, 1, 2]) sum[plane] = (sum[plane] ?? 0) + (raw[(y * width + x) * 3 + plane] ?? 0);
          count += 1;
        }
      }
      const [r = 0, g = 0, b = 0] = sum.map((value) => value / Math.max(1, count));
      return { r, g, b };
    },
  };
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
