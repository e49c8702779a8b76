/** Province prefixes of GB/T 2260. */
const PROVINCES = new Set(
  '11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82'.split(' '),
);

export type NationalCodeFault = 'length' | 'province' | 'type' | 'serial';

/**
 * Structure of a 20-digit GB/T 28181 code (rule A): 1–8 where, 9–10 industry, 11–13 type, 14 network, 15–20 serial.
 * Industry and network are not checked: cities use reserved values.
 */
export function nationalCodeFault(code: string): NationalCodeFault | undefined {
  if (!/^\d{20}$/.test(code)) return 'length';
  if (!PROVINCES.has(code.slice(0, 2))) return 'province';
  if (Number(code.slice(10, 13)) < 111) return 'type';
  if (Number(code.slice(14)) === 0) return 'serial';
  return undefined;
}
