import { expect, test } from 'vitest';
import { placed } from './daily-text.ts';

test('a device whose name begins with its site is not told by the site twice', () => {
  expect(placed('三林路二村', '三林路二村充电柜1号')).toBe('三林路二村充电柜1号');
  expect(placed('凌兆新村车库', '充电柜1号')).toBe('凌兆新村车库 充电柜1号');
  expect(placed(undefined, '充电柜1号')).toBe('充电柜1号');
});
