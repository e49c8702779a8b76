import { createRandom } from '../random.ts';

/** An RGBA picture. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

type Colour = readonly [red: number, green: number, blue: number];
type Paint = (x: number, y: number) => Colour | undefined;

/** Changes when the painting below changes, so that films made with the older one are not taken from the cache. */
export const PAINTER_VERSION = 2;

/**
 * A street seen from a pole: sky, houses with windows, trees, pavement, road with marks. Texture and edges everywhere,
 * as a real scene has, so that a blurred, covered or shifted picture differs from it in the ways a real one does.
 */
export function paintStreet(width: number, height: number, seed: number): Raster {
  const random = createRandom(seed);
  const grain = createGrain(seed);
  const raster = blank(width, height);
  const ground = Math.round(height * random.between(0.5, 0.58));
  const texture = (colour: Colour, x: number, y: number, strength: number): Colour => {
    const k = 1 + (grain(x / 3, y / 3) - 0.5) * strength + (grain(x / 17, y / 17) - 0.5) * strength;
    return [colour[0] * k, colour[1] * k, colour[2] * k];
  };

  fill(raster, 0, 0, width, ground, (x, y) => {
    const cloud = grain(x / 60, y / 25) * 45;
    const depth = y / ground;
    return [128 + cloud + 35 * depth, 152 + cloud * 0.8 + 20 * depth, 186 + cloud * 0.4];
  });
  for (let x = -10; x < width; ) {
    const wide = Math.round(width * random.between(0.1, 0.2));
    const top = Math.round(ground * random.between(0.12, 0.55));
    const tone = random.between(85, 175);
    const wall: Colour = [tone * random.between(0.95, 1.15), tone, tone * random.between(0.8, 1)];
    const storey = Math.max(8, Math.round(height * random.between(0.05, 0.075)));
    const bay = Math.max(7, Math.round(width * random.between(0.02, 0.032)));
    const left = x;
    fill(raster, left, top, wide, ground - top, (px, py) => {
      const row = (py - top) % storey;
      const column = (px - left + bay) % bay;
      if (row < 2) return texture([wall[0] * 0.8, wall[1] * 0.8, wall[2] * 0.8], px, py, 0.3);
      const glass = row > storey * 0.35 && row < storey * 0.85 && column > bay * 0.3 && column < bay * 0.8;
      if (!glass) return texture(wall, px, py, 0.22);
      const lit = grain(Math.floor((px - left) / bay) * 9.7 + seed, Math.floor((py - top) / storey) * 7.3) > 0.6;
      return lit ? [196, 184, 138] : [44, 54, 66];
    });
    x += wide + Math.round(random.between(0, width * 0.02));
  }

  const kerb = Math.round(ground + (height - ground) * 0.24);
  fill(raster, 0, ground, width, kerb - ground, (x, y) => {
    const slab = (x + (y - ground) * 2) % 18 < 1 || (y - ground) % 7 === 0;
    return texture(slab ? [96, 92, 88] : [142, 136, 128], x, y, 0.25);
  });
  fill(raster, 0, kerb, width, 3, () => [188, 186, 180]);
  fill(raster, 0, kerb + 3, width, height - kerb - 3, (x, y) => {
    const down = (y - kerb) / (height - kerb);
    const mark = Math.abs(down - 0.5) < 0.035 && (x + 31) % 54 < 26;
    const edge = Math.abs(down - 0.93) < 0.02;
    return mark || edge ? texture([205, 203, 196], x, y, 0.25) : texture([82, 83, 86], x, y, 0.4);
  });

  for (let tree = 0; tree < 5; tree++) {
    const x = Math.round(random.between(0, width));
    const size = height * random.between(0.1, 0.17);
    const crown = ground - size * 0.9;
    fill(raster, x - 2, Math.round(crown), 4, Math.round(ground + 6 - crown), (px, py) =>
      texture([74, 58, 44], px, py, 0.6),
    );
    disc(raster, x, crown, size, (px, py) => {
      const leaf = grain(px / 2.5, py / 2.5);
      return leaf < 0.3 ? undefined : [30 + leaf * 50, 62 + leaf * 76, 28 + leaf * 34];
    });
  }
  const pole = Math.round(width * random.between(0.3, 0.7));
  fill(raster, pole, Math.round(height * 0.1), Math.max(2, Math.round(width / 160)), kerb, () => [58, 60, 62]);
  return raster;
}

/** A car from the side, see-through where it is not. */
export function paintCar(width: number, colour: Colour): Raster {
  const height = Math.round(width * 0.42);
  const raster = blank(width, height);
  const wheel = height * 0.2;
  fill(raster, 0, Math.round(height * 0.42), width, Math.round(height * 0.4), (_x, y) => {
    const shade = y < height * 0.5 ? 1.15 : 0.9;
    return [colour[0] * shade, colour[1] * shade, colour[2] * shade];
  });
  fill(
    raster,
    Math.round(width * 0.18),
    Math.round(height * 0.08),
    Math.round(width * 0.58),
    Math.round(height * 0.36),
    () => colour,
  );
  for (const left of [0.23, 0.5]) {
    fill(
      raster,
      Math.round(width * left),
      Math.round(height * 0.14),
      Math.round(width * 0.21),
      Math.round(height * 0.25),
      () => [40, 50, 62],
    );
  }
  for (const at of [0.22, 0.78]) disc(raster, width * at, height - wheel - 1, wheel, () => [24, 24, 26]);
  return raster;
}

/** Somebody who walks. */
export function paintWalker(height: number, coat: Colour): Raster {
  const width = Math.max(4, Math.round(height * 0.4));
  const raster = blank(width, height);
  disc(raster, width / 2, height * 0.12, height * 0.11, () => [172, 132, 108]);
  fill(raster, 0, Math.round(height * 0.24), width, Math.round(height * 0.4), () => coat);
  fill(
    raster,
    Math.round(width * 0.15),
    Math.round(height * 0.64),
    Math.round(width * 0.3),
    Math.round(height * 0.36),
    () => [38, 40, 56],
  );
  fill(
    raster,
    Math.round(width * 0.55),
    Math.round(height * 0.64),
    Math.round(width * 0.3),
    Math.round(height * 0.36),
    () => [38, 40, 56],
  );
  return raster;
}

/** Leaves right before the lens: soft, textured, over all but one corner of the picture. */
export function paintLeaves(width: number, height: number, seed: number): Raster {
  const grain = createGrain(seed + 7);
  const raster = blank(width, height);
  fill(raster, 0, 0, width, height, (x, y) => {
    const corner = Math.hypot(1 - x / width, y / height) + (grain(x / 30, y / 30) - 0.5) * 0.3;
    if (corner < 0.3) return undefined;
    const vein = grain(x / 46 + y / 90, y / 22);
    return [26 + vein * 46, 48 + vein * 72, 20 + vein * 30];
  });
  return raster;
}

/** Portable arbitrary map: the one form with transparency that needs no encoder. */
export function toPam({ width, height, pixels }: Raster): Buffer {
  const header = `P7\nWIDTH ${width}\nHEIGHT ${height}\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\n`;
  return Buffer.concat([Buffer.from(header), pixels]);
}

function blank(width: number, height: number): Raster {
  return { width, height, pixels: new Uint8Array(width * height * 4) };
}

function fill(raster: Raster, left: number, top: number, width: number, height: number, paint: Paint): void {
  const right = Math.min(raster.width, left + width);
  const bottom = Math.min(raster.height, top + height);
  for (let y = Math.max(0, top); y < bottom; y++) {
    for (let x = Math.max(0, left); x < right; x++) {
      const colour = paint(x, y);
      if (!colour) continue;
      const at = (y * raster.width + x) * 4;
      for (let part = 0; part < 3; part++) raster.pixels[at + part] = Math.min(255, Math.max(0, colour[part] ?? 0));
      raster.pixels[at + 3] = 255;
    }
  }
}

function disc(raster: Raster, cx: number, cy: number, radius: number, paint: Paint): void {
  const left = Math.floor(cx - radius);
  const top = Math.floor(cy - radius);
  const size = Math.ceil(radius * 2) + 1;
  fill(raster, left, top, size, size, (x, y) => (Math.hypot(x - cx, y - cy) <= radius ? paint(x, y) : undefined));
}

/** Smooth noise of 0 … 1 over the plane, the same for the same seed. */
function createGrain(seed: number): (x: number, y: number) => number {
  const random = createRandom(seed + 1);
  const table = Float32Array.from({ length: 4_096 }, () => random.next());
  const at = (x: number, y: number) => table[(x * 73 + y * 179) & 4_095] ?? 0;
  return (x, y) => {
    const left = Math.floor(x);
    const top = Math.floor(y);
    const across = x - left;
    const down = y - top;
    const upper = at(left, top) + (at(left + 1, top) - at(left, top)) * across;
    const lower = at(left, top + 1) + (at(left + 1, top + 1) - at(left, top + 1)) * across;
    return upper + (lower - upper) * down;
  };
}
