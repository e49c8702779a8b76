import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { MaskArea } from '../../domain/privacy-mask.ts';
import { maskFilter } from './mask-filter.ts';

/** Large enough that a strip is higher than the margin. */
const [W, H] = [960, 640];

/** A white picture through the filter, as grey values. */
async function draw(areas: readonly MaskArea[]): Promise<Buffer> {
  const filter = [maskFilter(areas), 'format=gray'].filter((part) => part !== null).join(',');
  const source = ['-f', 'lavfi', '-i', `color=white:size=${W}x${H},format=yuv420p`];
  const { stdout } = await promisify(execFile)(
    'ffmpeg',
    ['-v', 'error', ...source, '-frames:v', '1', '-vf', filter, '-f', 'rawvideo', '-'],
    { encoding: 'buffer', timeout: 20_000 },
  );
  return stdout;
}

/** Even-odd rule at the middle of each pixel. */
function inside(points: readonly (readonly [number, number])[], x: number, y: number): boolean {
  let within = false;
  points.forEach(([x1, y1], i) => {
    const [x2, y2] = points[(i + 1) % points.length] ?? [x1, y1];
    if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) within = !within;
  });
  return within;
}

describe('the mask of a picture', () => {
  it('is nothing without areas', () => {
    expect(maskFilter([])).toBeNull();
  });

  it.each([
    [
      'a triangle',
      [
        [0.2, 0.1],
        [0.9, 0.4],
        [0.3, 0.95],
      ],
    ],
    [
      'a star that bends inward',
      [
        [0.5, 0.1],
        [0.6, 0.5],
        [0.95, 0.5],
        [0.6, 0.6],
        [0.8, 0.9],
        [0.4, 0.65],
        [0.1, 0.9],
        [0.35, 0.5],
      ],
    ],
    [
      'a corner to corner sliver',
      [
        [0, 0],
        [1, 0.96],
        [1, 1],
      ],
    ],
  ] as [string, [number, number][]][])('covers every point of %s', async (_name, points) => {
    const grey = await draw([{ shape: 'polygon', points }]);
    let [covered, leaks] = [0, 0];
    for (let y = 0; y < H; y++) {
      for (let x = 0; x < W; x++) {
        if (!inside(points, (x + 0.5) / W, (y + 0.5) / H)) continue;
        covered += 1;
        if ((grey[y * W + x] ?? 255) > 32) leaks += 1;
      }
    }
    expect(leaks).toBe(0);
    expect(covered).toBeGreaterThan(5_000);
    expect(grey.filter((value) => value > 200).length).toBeGreaterThan(50_000);
  });

  it('covers a rectangle up to the border and leaves the rest', async () => {
    const grey = await draw([{ shape: 'rectangle', x: 0.5, y: 0.5, width: 0.5, height: 0.5 }]);
    expect([grey[(H - 1) * W + W - 1], grey[(H / 2) * W + W / 2]].every((value) => (value ?? 255) < 32)).toBe(true);
    expect(grey[0]).toBeGreaterThan(200);
  });
});
