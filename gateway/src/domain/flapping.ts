/** All times here are observed milliseconds of one path unless a name says otherwise. */
export interface Flapping {
  /** Sum of the flips, each fading with tau; as it stood at `at`. */
  readonly score: number;
  readonly at: number;
  readonly active: boolean;
  /** Begin of the flapping there is or was last; null = never yet. */
  readonly since: number | null;
  /** Begin of the episode: flapping that comes back within a day goes on with it. */
  readonly first: number | null;
  readonly endedAt: number | null;
  /** All flips of the episode. */
  readonly flips: number;
  /** What was known when the flapping began (S0). */
  readonly before: 'alive' | 'dead';
}

export interface FlapInput {
  readonly now: number;
  /** What is known; null = it never flipped. */
  readonly was: Flapping | null;
  /** The device has just turned from alive to dead or back. */
  readonly flipped: boolean;
  /** Whether it is dead now. */
  readonly dead: boolean;
  readonly tau: number;
}

export interface FlapVerdict {
  /** Null = nothing of it is worth keeping. */
  readonly flapping: Flapping | null;
  /** It has lasted for so long that somebody must look at it, whatever its state is (设备不稳定). */
  readonly unstable: boolean;
  /** When this changes without another flip; null = not by itself. */
  readonly deadline: number | null;
}

/** Flapping begins at this score and ends at the other; between them it stays what it is. */
export const FLAP_START = 4;
export const FLAP_STOP = 1.5;
/** For so long flapping may keep a ticket back. */
export const FLAP_CAP_MS = 86_400_000;
const LEAST_TAU_MS = 1_800_000;
const INTERVALS_OF_TAU = 10;
const NEGLIGIBLE = 0.05;

/** How fast a flip is forgotten: a device that speaks seldom must be watched for longer. */
export function flapTau(interval: number): number {
  return Math.max(LEAST_TAU_MS, INTERVALS_OF_TAU * interval);
}

/** The score as it has faded until `now`. Every flip fades alike, so the sum may be faded as a whole. */
export function flapScore({ score, at }: Pick<Flapping, 'score' | 'at'>, now: number, tau: number): number {
  return score * Math.exp(-Math.max(0, now - at) / tau);
}

const NEVER: Flapping = {
  score: 0,
  at: 0,
  active: false,
  since: null,
  first: null,
  endedAt: null,
  flips: 0,
  before: 'alive',
};

export function judgeFlapping({ now, was, flipped, dead, tau }: FlapInput): FlapVerdict {
  const known = was ?? NEVER;
  const faded = flapScore(known, now, tau);
  const score = faded + (flipped ? 1 : 0);
  const flips = known.flips + (flipped ? 1 : 0);
  const next: Flapping = flipped ? { ...known, score, at: now, flips } : known;
  if (known.active) return score <= FLAP_STOP ? ended(next, now) : going(next, now, tau);
  if (score >= FLAP_START) {
    const again = known.first !== null && known.endedAt !== null && now - known.endedAt < FLAP_CAP_MS;
    const first = again ? known.first : now;
    // The flip that began it turned what was known before.
    const before = dead ? 'alive' : 'dead';
    return going({ ...next, active: true, since: now, first, endedAt: null, before }, now, tau);
  }
  const remembered = known.endedAt !== null && now - known.endedAt < FLAP_CAP_MS;
  if (score >= NEGLIGIBLE || remembered) return { flapping: next, unstable: false, deadline: null };
  return { flapping: null, unstable: false, deadline: null };
}

function going(flapping: Flapping, now: number, tau: number): FlapVerdict {
  const ends = Math.ceil(flapping.at + tau * Math.log(flapping.score / FLAP_STOP));
  const cap = (flapping.first ?? now) + FLAP_CAP_MS;
  const unstable = now >= cap;
  return { flapping, unstable, deadline: Math.max(now + 1, unstable ? ends : Math.min(ends, cap)) };
}

function ended(flapping: Flapping, now: number): FlapVerdict {
  return { flapping: { ...flapping, active: false, endedAt: now }, unstable: false, deadline: null };
}

/** As it stands in the evidence of a fact; null = not there or not understood. */
export function readFlapping(evidence: Readonly<Record<string, unknown>>): Flapping | null {
  const number = (name: string) => (typeof evidence[name] === 'number' ? evidence[name] : null);
  const score = number('score');
  const at = number('at');
  if (score === null || at === null) return null;
  return {
    score,
    at,
    active: evidence.active === true,
    since: number('since'),
    first: number('first'),
    endedAt: number('endedAt'),
    flips: number('flips') ?? 0,
    before: evidence.before === 'dead' ? 'dead' : 'alive',
  };
}
