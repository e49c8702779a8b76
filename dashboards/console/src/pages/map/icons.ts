import type { Map as LibraryMap } from 'maplibre-gl';
import { LIGHT } from '../../look/tokens.ts';
import { PATHS } from '../../parts/mark.tsx';
import { signOf } from '../../parts/marks.tsx';
import { RANK } from './points.ts';

const DOT = 16;
const RING = 44;
/** Twice as many pixels as are shown: sharp on office screens and phones alike. */
const RATIO = 2;

/** Signs of one device and rings of many, by rank; shapes are those of the lists, so colour is never alone. */
export function addIcons(map: LibraryMap): void {
  RANK.forEach((state, rank) => {
    for (const suspect of [false, true])
      add(map, `dot-${rank}${suspect ? '-suspect' : ''}`, dot(state, suspect), DOT + 6);
    add(map, `ring-${rank}`, ring(state), RING);
  });
}

function add(
  map: LibraryMap,
  name: string,
  draw: (pen: OffscreenCanvasRenderingContext2D) => void,
  size: number,
): void {
  if (map.hasImage(name)) return;
  const canvas = new OffscreenCanvas(size * RATIO, size * RATIO);
  const pen = canvas.getContext('2d');
  if (!pen) return;
  pen.scale(RATIO, RATIO);
  draw(pen);
  map.addImage(name, pen.getImageData(0, 0, size * RATIO, size * RATIO), { pixelRatio: RATIO });
}

const dot = (state: string, suspect: boolean) => (pen: OffscreenCanvasRenderingContext2D) => {
  const [tone, shape] = signOf('health', state);
  pen.translate(3, 3);
  const path = new Path2D(PATHS[shape]);
  pen.lineJoin = 'round';
  pen.lineWidth = 4;
  pen.strokeStyle = suspect ? LIGHT.warning : LIGHT.surface;
  pen.stroke(path);
  if (suspect) {
    pen.lineWidth = 2;
    pen.strokeStyle = LIGHT.surface;
    pen.stroke(path);
  }
  pen.fillStyle = LIGHT[tone];
  pen.fill(path, 'evenodd');
};

/** A white disc in the colour of the worst, its shape on the rim; the number is written into it by the map. */
const ring = (state: string) => (pen: OffscreenCanvasRenderingContext2D) => {
  const [tone, shape] = signOf('health', state);
  const middle = RING / 2;
  pen.beginPath();
  pen.arc(middle, middle + 2, 17.5, 0, 2 * Math.PI);
  pen.fillStyle = LIGHT.surface;
  pen.fill();
  pen.lineWidth = state === 'offline' ? 4 : 2.5;
  pen.strokeStyle = LIGHT[tone];
  pen.stroke();
  pen.translate(middle - 7, 0);
  pen.scale(14 / 16, 14 / 16);
  const path = new Path2D(PATHS[shape]);
  pen.lineWidth = 4;
  pen.strokeStyle = LIGHT.surface;
  pen.stroke(path);
  pen.fillStyle = LIGHT[tone];
  pen.fill(path, 'evenodd');
};
