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
  /** The longest stretch of being dead, forgotten half as fast as the turns; as it stood at `at`. */
  readonly longest: number;
}

/** Flapping begins at the one score and ends at the other; between them it stays what it is. */
export interface FlapTerms {
  readonly start: number;
  readonly stop: number;
}

/** What turns is a device, dead or alive, or one fault of it (data too old, an alarm): dead is then that it is there. */
export interface FlapInput {
  readonly terms: FlapTerms;
  readonly now: number;
  /** What is known; null = it never flipped. */
  readonly was: Flapping | null;
  /** It has just turned from alive to dead or back. */
  readonly flipped: boolean;
  /** Whether it is dead now. */
  readonly dead: boolean;
  readonly tau: number;
  /** Dead without a return for so long (and twice as long as of late) it is believed, flapping or not. */
  readonly patience: number;
}

export interface FlapVerdict {
  /** Null = nothing of it is worth keeping. */
  readonly flapping: Flapping | null;
  /** It has lasted for so long that somebody must look at it, whatever its state is (设备不稳定). */
  readonly unstable: boolean;
  /** What would begin is held back: it flaps, and may be alive again in a moment. */
  readonly holds: boolean;
  /** When this changes without another flip; null = not by itself. */
  readonly deadline: number | null;
}

/** Of a device that turns between dead and alive. */
export const LINK_TERMS: FlapTerms = { start: 4, stop: 1.5 };
/** Of one fault of a device that is there: it flaps as soon as it comes a second time within some ten minutes. */
export const FAULT_TERMS: FlapTerms = { start: 2.2, stop: 1.2 };
/** Dead for so many deadlines without a return, flapping or not, is dead. */
export const PATIENCE_DEADLINES = 3;
/** For so long flapping may keep a ticket back. */
export const FLAP_CAP_MS = 86_400_000;
const LEAST_TAU_MS = 1_800_000;
const INTERVALS_OF_TAU = 10;
/** A stretch that is so many times as long as the longest of late is no turn like the others. */
const OUT_OF_THE_ORDINARY = 2;
const NEGLIGIBLE = 0.05;

/** How fast a flip is forgotten: what is heard of seldom must be watched for longer. */
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
  longest: 0,
};

export function judgeFlapping(input: FlapInput): FlapVerdict {
  const { terms, now, was, flipped, dead, tau } = input;
  const known = was ?? NEVER;
  const next = flipped ? turned(known, input) : known;
  const score = flapScore(next, now, tau);
  if (known.active) return score <= terms.stop ? ended(next, now) : going(next, input);
  if (score >= terms.start) {
    const again = known.first !== null && known.endedAt !== null && now - known.endedAt < FLAP_CAP_MS;
    const first = again ? known.first : now;
    // The flip that began it turned what was known before.
    const before = dead ? 'alive' : 'dead';
    return going({ ...next, active: true, since: now, first, endedAt: null, before }, input);
  }
  const remembered = known.endedAt !== null && now - known.endedAt < FLAP_CAP_MS;
  const kept = score >= NEGLIGIBLE || remembered ? next : null;
  return { flapping: kept, unstable: false, holds: false, deadline: null };
}

function turned(known: Flapping, { now, dead, tau }: FlapInput): Flapping {
  const wasDeadFor = dead || known.flips === 0 ? 0 : now - known.at;
  const longest = Math.max(wasDeadFor, known.longest * Math.exp(-(now - known.at) / (2 * tau)));
  return { ...known, score: flapScore(known, now, tau) + 1, at: now, flips: known.flips + 1, longest };
}

function going(flapping: Flapping, { terms, now, dead, tau, patience }: FlapInput): FlapVerdict {
  const ends = Math.ceil(flapping.at + tau * Math.log(flapping.score / terms.stop));
  const cap = (flapping.first ?? now) + FLAP_CAP_MS;
  const believed = Math.ceil(flapping.at + Math.max(patience, OUT_OF_THE_ORDINARY * flapping.longest));
  const unstable = now >= cap;
  const holds = !dead || now < believed;
  const next = [ends, ...(unstable ? [] : [cap]), ...(dead && holds ? [believed] : [])];
  return { flapping, unstable, holds, deadline: Math.max(now + 1, Math.min(...next)) };
}

function ended(flapping: Flapping, now: number): FlapVerdict {
  return { flapping: { ...flapping, active: false, endedAt: now }, unstable: false, holds: false, deadline: null };
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
    longest: number('longest') ?? 0,
  };
}
