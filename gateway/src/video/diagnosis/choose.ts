import type { PictureNumbers } from './numbers.ts';
import type { Reference } from './reference.ts';

/** The reference made of the newest good looks at any hour: what a new camera is compared with in its first days. */
export const ANY_HOUR = -1;
/** Mean luma further from the reference than this is another light, in which colours and focus are not comparable. */
const SAME_LIGHT = 40;
/** Below this mean saturation a picture is grey: infrared light at night. */
const GREY = 3;

export const hoursToRead = (hour: number): number[] => [hour, (hour + 23) % 24, (hour + 1) % 24, ANY_HOUR];

export interface Chosen {
  readonly reference: Reference;
  /** It stands for another hour: only what is plain counts. */
  readonly loose: boolean;
  /** Taken in about the same light; otherwise only the place of edges can be compared. */
  readonly sameLight: boolean;
}

/** The reference for a look: of its hour, else of a neighbour, else of the newest looks; null when there is none. */
export function chooseReference(
  known: readonly Reference[],
  numbers: PictureNumbers,
  hour: number,
  leastSamples: number,
): Chosen | null {
  const fit = hoursToRead(hour).flatMap(
    (wanted) => known.find((reference) => reference.hour === wanted && reference.samples >= leastSamples) ?? [],
  );
  const [best] = fit;
  if (!best) return null;
  const reference = fit.find((each) => isSameLight(each, numbers)) ?? best;
  return { reference, loose: reference.hour !== hour, sameLight: isSameLight(reference, numbers) };
}

/** Day and night, colour and infrared are two pictures of one scene; a turn between them is no fault. */
function isSameLight({ usual }: Reference, numbers: PictureNumbers): boolean {
  const saturation = usual.saturation?.mean ?? numbers.saturation;
  // Only from colour to grey: a cast over a grey night must still be seen.
  if (saturation >= GREY * 2 && numbers.saturation < GREY) return false;
  return Math.abs((usual.luma?.mean ?? numbers.luma) - numbers.luma) <= SAME_LIGHT;
}
