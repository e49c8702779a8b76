import type { Clock } from '../../../adapters/adapter.ts';
import type { BlindInterval, Nows } from '../domain/health-rows.ts';
import { createObservedClock, type Instant, type ObservedClock, type ObservedMark } from '../domain/observed-clock.ts';

interface Path {
  readonly name: string;
  readonly clock: ObservedClock;
  /** Why the path cannot hear; it runs while there is no reason. */
  readonly obstacles: Set<string>;
  /** Obstacles that are none of its connection, each with the interval of its own. */
  readonly holds: Map<string, BlindInterval>;
  blindSince: BlindInterval | null;
  /** How often its time stood still or jumped. */
  breaks: number;
}

/** The observed clocks of all ingest paths and the intervals in which they stood still. */
export interface Clocks {
  /** Takes the marks of the last run; every path starts blind. */
  restore(marks: ReadonlyMap<string, ObservedMark>): void;
  tick(): void;
  of(path: string): ObservedClock;
  obstruct(path: string, reason: string): void;
  /** Stops the path until {@link relieve}: its connection's coming back changes nothing. `since` = goes on from an earlier run. */
  hold(path: string, reason: string, since: number): void;
  /** Takes away every obstacle of the path's connection; an outage of the database stays one. */
  clear(path: string): void;
  /** Takes away what {@link hold} set. */
  relieve(path: string, reason: string): void;
  /** Why each path that stands still does so, and since when (epoch ms). */
  blind(): readonly { readonly path: string; readonly reasons: readonly string[]; readonly since: number }[];
  /** Something that blinds all paths, such as the database. */
  obstructAll(reason: string): void;
  clearAll(reason: string): void;
  /** Observed time in which may be judged: never past the oldest record that waits in the spool. */
  nows(): Nows;
  now(path: string): number;
  /** Grows whenever the path's time stands still: what was measured across it is not a device's rhythm. */
  breaks(path: string): number;
  marks(): ReadonlyMap<string, ObservedMark>;
  /** Intervals begun or ended since they were last saved. */
  unsaved(): readonly BlindInterval[];
  saved(intervals: readonly BlindInterval[]): void;
}

export function createClocks(options: {
  clock: Clock;
  oldestUndrainedAt: (path: string) => number | null;
  stallMs: number | null;
}): Clocks {
  const paths = new Map<string, Path>();
  const changed = new Set<BlindInterval>();
  const everywhere = new Set<string>();
  let last = instant();

  function instant(): Instant {
    return { wall: options.clock.now(), mono: options.clock.monotonic() };
  }

  function path(name: string): Path {
    const known = paths.get(name);
    if (known) return known;
    return add(name, null);
  }

  function add(name: string, mark: ObservedMark | null): Path {
    const at = instant();
    const made: Path = {
      name,
      clock: createObservedClock(mark, at),
      obstacles: new Set([...everywhere, 'notConnected']),
      holds: new Map(),
      blindSince: null,
      breaks: 0,
    };
    paths.set(name, made);
    if (mark) begin(made, Math.min(mark.wall, at.wall), 'downtime');
    return made;
  }

  function begin(on: Path, from: number, reason: string): void {
    on.blindSince = { path: on.name, from, to: null, reason };
    changed.add(on.blindSince);
  }

  function end(on: Path, to: number): void {
    const open = on.blindSince;
    if (!open) return;
    changed.delete(open);
    changed.add({ ...open, to: Math.max(open.from, to) });
    on.blindSince = null;
  }

  function block(on: Path, reason: string): void {
    const at = instant();
    on.clock.halt(at);
    on.breaks += 1;
    on.obstacles.add(reason);
    if (!on.blindSince) begin(on, at.wall, reason);
  }

  function release(on: Path): void {
    if (on.obstacles.size > on.holds.size) return;
    const at = instant();
    if (on.obstacles.size === 0) on.clock.run(at);
    end(on, at.wall);
  }

  /** A stopped process hears nothing while its monotonic clock runs on; what lies in the sockets is read after. */
  function standStill(at: Instant, gap: number): void {
    for (const on of paths.values()) {
      if (!on.clock.running) continue;
      const from = { wall: last.wall, mono: last.mono };
      on.clock.halt(from);
      on.clock.tick(at);
      on.clock.run(at);
      on.breaks += 1;
      changed.add({ path: on.name, from: last.wall, to: Math.max(last.wall, at.wall), reason: 'stalled' });
    }
    last = { wall: at.wall, mono: last.mono + gap };
  }

  return {
    restore(marks) {
      for (const [name, mark] of marks) add(name, mark);
    },
    tick() {
      const at = instant();
      const gap = at.mono - last.mono;
      if (options.stallMs !== null && gap > options.stallMs) standStill(at, gap);
      for (const on of paths.values()) {
        const step = on.clock.tick(at);
        if (step !== 0) on.breaks += 1;
        if (step !== 0 && !on.blindSince && on.holds.size === 0) {
          const before = at.wall - step;
          changed.add({
            path: on.name,
            from: Math.min(before, at.wall),
            to: Math.max(before, at.wall),
            reason: 'clockStep',
          });
        }
      }
      last = at;
    },
    of: (name) => path(name).clock,
    obstruct(name, reason) {
      const on = path(name);
      on.obstacles.delete('notConnected');
      block(on, reason);
    },
    hold(name, reason, since) {
      const on = path(name);
      on.clock.halt(instant());
      on.breaks += 1;
      on.obstacles.add(reason);
      const interval = { path: name, from: since, to: null, reason };
      on.holds.set(reason, interval);
      changed.add(interval);
    },
    clear(name) {
      const on = path(name);
      for (const obstacle of [...on.obstacles]) {
        if (!everywhere.has(obstacle) && !on.holds.has(obstacle)) on.obstacles.delete(obstacle);
      }
      release(on);
    },
    relieve(name, reason) {
      const on = path(name);
      const held = on.holds.get(reason);
      if (!held) return;
      on.holds.delete(reason);
      on.obstacles.delete(reason);
      changed.delete(held);
      changed.add({ ...held, to: Math.max(held.from, instant().wall) });
      release(on);
    },
    blind: () =>
      [...paths.values()].flatMap(({ name, obstacles, blindSince, holds }) => {
        const [held] = holds.values();
        const since = blindSince?.from ?? held?.from ?? options.clock.now();
        return obstacles.size === 0 ? [] : [{ path: name, reasons: [...obstacles], since }];
      }),
    obstructAll(reason) {
      if (everywhere.has(reason)) return;
      everywhere.add(reason);
      for (const on of paths.values()) block(on, reason);
    },
    clearAll(reason) {
      if (!everywhere.delete(reason)) return;
      for (const on of paths.values()) {
        on.obstacles.delete(reason);
        release(on);
      }
    },
    nows() {
      return new Map([...paths.keys()].map((name) => [name, this.now(name)]));
    },
    now(name) {
      const { clock } = path(name);
      const undrained = options.oldestUndrainedAt(name);
      return undrained === null ? clock.now() : Math.min(clock.now(), clock.at(undrained));
    },
    breaks: (name) => path(name).breaks,
    marks: () => new Map([...paths].map(([name, on]) => [name, on.clock.mark()])),
    unsaved: () => [...changed],
    saved(intervals) {
      for (const interval of intervals) changed.delete(interval);
    },
  };
}
