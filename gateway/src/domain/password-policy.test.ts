import { expect, it } from 'vitest';
import { passwordFaults } from './password-policy.ts';

it.each([
  ['Passw0rd!', []],
  ['城运中心abc1!', []],
  ['密码密码密码1！', []],
  ['aaaaaa1_', []],
  ['a1!', ['tooShort']],
  ['Passw0r!', []],
  ['Passw0!', ['tooShort']],
  ['😀😀😀😀a1', ['tooShort']],
  ['password!', ['noDigit']],
  ['12345678!', ['noLetter']],
  ['Passw0rd1', ['noSymbol']],
  ['Passw0rd 1', ['noSymbol']],
  ['        ', ['noLetter', 'noDigit', 'noSymbol']],
  ['', ['tooShort', 'noLetter', 'noDigit', 'noSymbol']],
  [`a1!${'x'.repeat(125)}`, []],
  [`a1!${'x'.repeat(126)}`, ['tooLong']],
  ['my-LI.LEI-2026', ['containsUsername']],
])('the password %j has the faults %j', (password, faults) => {
  expect(passwordFaults(password, 'li.lei')).toEqual(faults);
});
