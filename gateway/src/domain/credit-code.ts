/** GB 32100-2015, table 4: no I, O, S, V, Z. */
const ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY';

/** 统一社会信用代码 (GB 32100-2015): 18 characters, the last one a check digit. */
export function isCreditCode(code: string): boolean {
  if (!/^[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}$/.test(code)) return false;
  let sum = 0;
  for (let index = 0, weight = 1; index < 17; index++, weight = (weight * 3) % 31) {
    sum += ALPHABET.indexOf(code.charAt(index)) * weight;
  }
  return ALPHABET.charAt((31 - (sum % 31)) % 31) === code.charAt(17);
}
