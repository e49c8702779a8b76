/** A reading of both hands of the gateway's clock, taken at the same moment. */
export interface Instant {
  /** Epoch milliseconds. */
  readonly wall: number;
  /** Milliseconds from an arbitrary origin, never going back. */
  readonly mono: number;
}

/** Where a clock stood when it was last written down. */
export interface ObservedMark {
  readonly observed: number;
  readonly wall: number;
}

/**
 * Counts the milliseconds during which an ingest path could hear. Silence measured in it never contains our own
 * downtime, an outage of the path, or a step of the host's clock. No I/O and no timer: the caller says what time it is.
 */
export interface ObservedClock {
  /** Moves on to `instant` and returns the step of the wall clock against the monotonic one (0 = none). */
  tick(instant: Instant): number;
  /** Observed milliseconds at the last tick. */
  now(): number;
  /** Observed milliseconds at which something received at wall time `wall` was heard; never after `now()`. */
  at(wall: number): number;
  readonly running: boolean;
  run(instant: Instant): void;
  halt(instant: Instant): void;
  mark(): ObservedMark;
}

interface Segment {
  readonly wallFrom: number;
  /** Wall time at which the next segment took over; differs from its `wallFrom` by a step of the wall clock. */
  wallTo: number;
  readonly observedFrom: number;
  observedTo: number;
}

/** Smaller differences between the two hands are rounding and slewing. */
const STEP_MS = 500;
/** How far before the last mark a receive time may lie and still be told apart. */
const BEFORE_MARK_MS = 86_400_000;
const MAX_SEGMENTS = 256;

/** Starts halted. Without a mark the path is new and its observed time begins at the wall time. */
export function createObservedClock(mark: ObservedMark | null, start: Instant): ObservedClock {
  const segments: Segment[] = [];
  let { wall, mono } = start;
  let observed = mark?.observed ?? wall;
  let running = false;

  if (mark) {
    segments.push({
      wallFrom: mark.wall - BEFORE_MARK_MS,
      wallTo: mark.wall,
      observedFrom: observed - BEFORE_MARK_MS,
      observedTo: observed,
    });
  }
  // The host's clock may have been set back while we were away.
  let current = open(mark ? Math.min(mark.wall, wall) : wall);

  function open(wallFrom: number): Segment {
    const segment = { wallFrom, wallTo: wall, observedFrom: observed, observedTo: observed };
    segments.push(segment);
    if (segments.length > MAX_SEGMENTS) segments.shift();
    return segment;
  }

  function tick(instant: Instant): number {
    const elapsed = Math.max(0, instant.mono - mono);
    const step = instant.wall - (wall + elapsed);
    mono = Math.max(mono, instant.mono);
    if (running) observed += elapsed;
    current.wallTo = wall + elapsed;
    current.observedTo = observed;
    if (Math.abs(step) <= STEP_MS) {
      wall += elapsed;
      return 0;
    }
    wall = instant.wall;
    current = open(wall);
    return step;
  }

  return {
    tick,
    now: () => Math.floor(observed),
    at(when) {
      // What is rounding or slewing to a tick is none here either.
      if (when > wall + STEP_MS) {
        // A receive time ahead of the clock was written before the clock was set back: look where it was true.
        for (let i = segments.length - 1; i >= 0; i--) {
          const past = segments[i];
          if (past && past.wallFrom <= when && when <= past.wallTo) return inside(past, when);
        }
        return Math.floor(observed);
      }
      for (let i = segments.length - 1; i >= 0; i--) {
        const segment = segments[i];
        if (segment && segment.wallFrom <= when) return inside(segment, when);
      }
      return Math.floor(segments[0]?.observedFrom ?? observed);
    },
    get running() {
      return running;
    },
    run(instant) {
      tick(instant);
      if (running) return;
      running = true;
      current = open(wall);
    },
    halt(instant) {
      tick(instant);
      if (!running) return;
      running = false;
      current = open(wall);
    },
    mark: () => ({ observed: Math.floor(observed), wall: Math.round(wall) }),
  };
}

/** In a halted segment both ends are equal, so every receive time in it maps to the moment it was halted. */
function inside(segment: Segment, when: number): number {
  if (segment.observedTo === segment.observedFrom) return Math.floor(segment.observedFrom);
  return Math.floor(Math.min(segment.observedTo, segment.observedFrom + (when - segment.wallFrom)));
}
