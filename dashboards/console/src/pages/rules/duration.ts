export const UNITS = ['ms', 's', 'm', 'h', 'd'] as const;
export type Unit = (typeof UNITS)[number];
const MS: Record<Unit, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

export interface Length {
  readonly n: number;
  readonly unit: Unit;
}

/** `90s` as the gateway writes lengths of time; null = it is none. */
export function lengthFrom(text: string | null | undefined): Length | null {
  const found = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text ?? '');
  const unit = UNITS.find((one) => one === found?.[2]);
  return found && unit ? { n: Number(found[1]), unit } : null;
}

export const lengthText = ({ n, unit }: Length): string => `${n}${unit}`;

/** Milliseconds; 0 where it is no length. */
export function lengthMs(text: string | null | undefined): number {
  const length = lengthFrom(text);
  return length ? length.n * MS[length.unit] : 0;
}
