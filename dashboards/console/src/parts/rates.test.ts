import { expect, it } from 'vitest';
import { pointsText, rateText } from './rates.ts';

it('reads as 100 % only what is 100 %', () => {
  expect([1, 0.999999, 0.5, 0, null].map(rateText)).toEqual(['100%', '99.99%', '50.00%', '0.00%', '—']);
});

it('tells a change with its direction, and nothing where there is nothing to compare with', () => {
  expect([pointsText(0.97, 0.95), pointsText(0.95, 0.97), pointsText(0.9, 0.9), pointsText(0.9, null)]).toEqual([
    '▲ +2.00',
    '▼ −2.00',
    '±0.00',
    '—',
  ]);
});
