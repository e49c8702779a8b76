import type { DeviceKey } from './device.ts';

/** What devices may share that can fail them together, most particular first. */
export const GROUP_KINDS = ['parent', 'vendorLink', 'powerFeed', 'uplink', 'site', 'vendor', 'org'] as const;
export type GroupKind = (typeof GROUP_KINDS)[number];

/** Labels of a device that name what it hangs on. A feed is one of its site; an uplink may serve many sites. */
export const FEED_LABEL = 'powerFeed';
export const UPLINK_LABEL = 'uplink';

/** One thing that devices share. */
export interface GroupKey {
  readonly kind: GroupKind;
  /** Of a power feed `<site>/<feed>`; of a parent its device id. */
  readonly id: string;
}

export const keyText = ({ kind, id }: GroupKey) => `${kind}:${id}`;

/** A key with its figures: of `expected` devices those in `silent` fell silent within one window. */
export interface GroupCandidate extends GroupKey {
  readonly expected: number;
  readonly silent: readonly DeviceKey[];
  /** The key's own usual chance that one device falls silent within such a window. */
  readonly chance: number;
}

export interface GroupRules {
  /** Devices that must be silent … */
  readonly least: number;
  /** … and the share of those expected. */
  readonly share: number;
  /** How unlikely chance must be. */
  readonly significance: number;
  /** Share of the silent that a smaller key must explain to be preferred. */
  readonly explains: number;
  /** A key that never failed is not taken for one that cannot. */
  readonly floor: number;
}

export const GROUP_RULES: GroupRules = { least: 3, share: 0.5, significance: 1e-6, explains: 0.8, floor: 0.001 };

export interface ChosenGroup extends GroupCandidate {
  /** Probability that chance alone silences so many. */
  readonly p: number;
}

/** P(X ≥ k) for X binomial over n trials with chance q. */
export function binomialTail(n: number, k: number, q: number): number {
  if (k <= 0) return 1;
  if (k > n || q <= 0) return 0;
  if (q >= 1) return 1;
  // Below the mean the other tail is the short one.
  if (k <= n * q) return Math.max(0, 1 - sumFrom(n, n - k + 1, 1 - q));
  return Math.min(1, sumFrom(n, k, q));
}

/** Terms from k upwards; beyond the mean they shrink geometrically, so few of them count. */
function sumFrom(n: number, k: number, q: number): number {
  if (k > n) return 0;
  let term = Math.exp(lnChoose(n, k) + k * Math.log(q) + (n - k) * Math.log1p(-q));
  let sum = term;
  const odds = q / (1 - q);
  for (let i = k; i < n; i++) {
    term *= ((n - i) / (i + 1)) * odds;
    sum += term;
    if (term < sum * 1e-12 && i > n * q) break;
  }
  return sum;
}

function lnChoose(n: number, k: number): number {
  return lnFactorial(n) - lnFactorial(k) - lnFactorial(n - k);
}

const SMALL = 32;
const small = [0];
for (let n = 1; n <= SMALL; n++) small.push((small[n - 1] ?? 0) + Math.log(n));

/** Exact sums for small n, Stirling's series beyond (error below 1e-12). */
function lnFactorial(n: number): number {
  const known = small[n];
  if (known !== undefined) return known;
  return n * Math.log(n) - n + 0.5 * Math.log(2 * Math.PI * n) + 1 / (12 * n) - 1 / (360 * n ** 3);
}

/** The chance that a key loses so many at once, or null when it is not a cause. */
export function significance(expected: number, silent: number, chance: number, rules = GROUP_RULES): number | null {
  if (silent < rules.least || silent < expected * rules.share) return null;
  const p = binomialTail(expected, silent, Math.max(rules.floor, chance));
  return p < rules.significance ? p : null;
}

interface Live {
  readonly candidate: GroupCandidate;
  readonly left: Set<DeviceKey>;
  expected: number;
  /** Null = not a cause. */
  p: number | null;
}

/**
 * Finds the causes behind a set of silent devices. The key that lost most is looked at first; the smallest key that
 * explains most of what it lost is the cause. What a cause explains is taken out of every other key, and so on until no
 * key stands out. Devices left over fell silent on their own account.
 */
export function chooseGroups(candidates: readonly GroupCandidate[], rules: GroupRules = GROUP_RULES): ChosenGroup[] {
  const all: Live[] = candidates.map((candidate) => {
    const left = new Set(candidate.silent);
    const { expected } = candidate;
    return { candidate, left, expected, p: significance(expected, left.size, candidate.chance, rules) };
  });
  const of = keysOfDevices(all);
  const chosen: ChosenGroup[] = [];
  for (let widest = widestOf(all); widest; widest = widestOf(all)) {
    const { candidate, expected, left, p } = smallestFor(widest, of, rules);
    const silent = [...left];
    chosen.push({ kind: candidate.kind, id: candidate.id, expected, silent, chance: candidate.chance, p: p ?? 0 });
    takeOut(silent, of, rules);
  }
  return chosen;
}

function keysOfDevices(all: readonly Live[]): Map<DeviceKey, Live[]> {
  const of = new Map<DeviceKey, Live[]>();
  for (const one of all) {
    for (const device of one.left) {
      const list = of.get(device);
      if (list) list.push(one);
      else of.set(device, [one]);
    }
  }
  return of;
}

function widestOf(all: readonly Live[]): Live | undefined {
  let widest: Live | undefined;
  for (const one of all) if (one.p !== null && (!widest || wider(one, widest))) widest = one;
  return widest;
}

function takeOut(silent: readonly DeviceKey[], of: ReadonlyMap<DeviceKey, readonly Live[]>, rules: GroupRules): void {
  const touched = new Set<Live>();
  for (const device of silent) {
    for (const one of of.get(device) ?? []) {
      if (one.left.delete(device)) one.expected -= 1;
      touched.add(one);
    }
  }
  for (const one of touched) one.p = significance(one.expected, one.left.size, one.candidate.chance, rules);
}

function smallestFor(widest: Live, of: ReadonlyMap<DeviceKey, readonly Live[]>, rules: GroupRules): Live {
  const explained = new Map<Live, number>();
  for (const device of widest.left) {
    for (const one of of.get(device) ?? []) if (one.p !== null) explained.set(one, (explained.get(one) ?? 0) + 1);
  }
  let best = widest;
  for (const [one, count] of explained) {
    if (count >= widest.left.size * rules.explains && smaller(one, best)) best = one;
  }
  return best;
}

/** Ties go to the smaller key, then to the more particular kind: the answer never depends on the order of the input. */
function wider(a: Live, b: Live): boolean {
  return a.left.size !== b.left.size ? a.left.size > b.left.size : smaller(a, b);
}

function smaller(a: Live, b: Live): boolean {
  if (a.expected !== b.expected) return a.expected < b.expected;
  const rank = GROUP_KINDS.indexOf(a.candidate.kind) - GROUP_KINDS.indexOf(b.candidate.kind);
  return rank !== 0 ? rank < 0 : a.candidate.id < b.candidate.id;
}

/** Median of the chances of 30 days; days nobody counted failed nobody. */
export function usualChance(perDay: readonly number[], days: number): number {
  const padded = [...perDay, ...new Array<number>(Math.max(0, days - perDay.length)).fill(0)].sort((a, b) => a - b);
  const middle = padded.length >> 1;
  if (padded.length === 0) return 0;
  const high = padded[middle] ?? 0;
  return padded.length % 2 === 1 ? high : (high + (padded[middle - 1] ?? 0)) / 2;
}

/** Whether so many of so many are too many to believe at once: over `share` of at least `least`. */
export function isMass(silent: number, judged: number, share: number, least = 20): boolean {
  return judged >= least && silent > judged * share;
}
