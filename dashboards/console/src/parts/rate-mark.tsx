import { Mark } from './mark.tsx';
import { rateText, toneOfRate } from './rates.ts';

const SHAPE = { good: 'disc', warning: 'triangle', bad: 'square', none: 'ring' } as const;

/** 在线率 or 完好率 against the goals, by colour, shape and number. */
export function RateMark({ rate }: { rate: number | null | undefined }) {
  const tone = toneOfRate(rate);
  return <Mark tone={tone} shape={SHAPE[tone]} label={rateText(rate)} />;
}
