import { PICTURE_THRESHOLDS } from '../../gateway/src/domain/picture-thresholds.ts';
import { chooseReference } from '../../gateway/src/video/diagnosis/choose.ts';
import { judgePicture } from '../../gateway/src/video/diagnosis/judge.ts';
import type { PictureNumbers } from '../../gateway/src/video/diagnosis/numbers.ts';
import { learn, type Reference } from '../../gateway/src/video/diagnosis/reference.ts';
import type { Variant } from './variants.ts';

export const BANDS = { top: 0.12, bottom: 0.12 } as const;
const HOUR = 8;

interface Counts {
  right: number;
  missed: number;
  wrong: number;
  readonly details: string[];
}

/** Judges looks with and without a reference and counts what is right. */
export function tally() {
  const counts = new Map<string, Counts>();
  const note = (kind: string, name: string, wanted: string | null, found: readonly string[], where: string) => {
    const key = `${kind} ${name}`;
    const row = counts.get(key) ?? { right: 0, missed: 0, wrong: 0, details: [] };
    counts.set(key, row);
    const others = found.filter((code) => code !== wanted);
    if (others.length > 0) row.wrong += 1;
    else if (wanted === null || found.includes(wanted)) row.right += 1;
    else row.missed += 1;
    if (others.length > 0) row.details.push(`${where}: ${found.join('+')}`);
    else if (wanted && !found.includes(wanted)) row.details.push(`${where}: -`);
  };
  return {
    add(where: string, variant: Variant, usual: readonly PictureNumbers[], look: PictureNumbers): void {
      let reference: Reference | null = null;
      for (const day of usual) reference = learn(reference, day, HOUR, null, BANDS);
      const codes = (known: readonly Reference[]) =>
        judgePicture(look, chooseReference(known, look, HOUR, 3), PICTURE_THRESHOLDS, BANDS).findings.map(
          ({ code }) => code,
        );
      note('with', variant.name, variant.fault, codes(reference ? [reference] : []), where);
      // Without a reference a fault may be missed, never mistaken.
      note('alone', variant.name, variant.fault, codes([]), where);
    },
    print(): void {
      for (const [key, { right, missed, wrong, details }] of counts) {
        const [reference = '', ...name] = key.split(' ');
        console.log(
          JSON.stringify({
            bench: 'diagnosis',
            metric: name.join(' '),
            value: right,
            unit: 'pictures',
            baseline: right + missed + wrong,
            ratio: Number((right / (right + missed + wrong)).toFixed(3)),
            reference: reference === 'with',
            missed,
            mistaken: wrong,
            ...(details.length > 0 ? { details: details.slice(0, 4) } : {}),
          }),
        );
      }
    },
    counts,
  };
}
