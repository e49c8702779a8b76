/**
 * The rules of link, probe, data and flapping once more, as slow and plain as they can be: every second is looked at,
 * whole histories are kept, nothing is re-armed, coalesced or stored. Only tests use it, to hold the real ones against.
 * Seconds of observed time; what we could not hear is not told to it at all.
 */
export interface ReferencePolicy {
  readonly offlineAfter: number;
  readonly suspectAfter: number;
  readonly hold: number;
  readonly probeHold: number;
  readonly recoverAfter: number;
  readonly freshWithin: number;
  readonly tau: number;
  /** So long a death must go on to be believed of a device that flaps. */
  readonly patience: number;
}

export type ReferenceEvidence =
  | { readonly kind: 'message'; readonly value: boolean }
  | { readonly kind: 'up' }
  | { readonly kind: 'down'; readonly clean: boolean }
  | { readonly kind: 'probe'; readonly ok: boolean };

export interface ReferenceState {
  /** Link or probe is confirmed dead. */
  readonly dead: boolean;
  readonly linkDead: boolean;
  readonly flapping: boolean;
  /** It flaps, and nothing new is begun on account of it. */
  readonly holds: boolean;
  /** The metric was not updated in time although the device is alive. */
  readonly stale: boolean;
  /** For how many seconds in a row the value has been too old while the link was beyond doubt. */
  readonly oldFor: number;
}

interface DataState {
  readonly state: 'none' | 'good' | 'bad' | 'parked' | 'awaited';
  readonly from: number | null;
}

/**
 * Flapping of anything that is dead or alive: every turn there ever was is weighed anew every second, and so is every
 * stretch of being dead.
 */
export function createFlapReference({
  start,
  stop,
  tau,
  patience,
}: Record<'start' | 'stop' | 'tau' | 'patience', number>) {
  const flips: number[] = [];
  const stretches: { length: number; end: number }[] = [];
  let was = false;
  let active = false;
  return {
    second(now: number, dead: boolean): { flapping: boolean; holds: boolean } {
      const last = flips.at(-1) ?? now;
      if (dead !== was) {
        if (was) stretches.push({ length: now - last, end: now });
        flips.push(now);
      }
      was = dead;
      const score = flips.reduce((sum, at) => sum + Math.exp(-(now - at) / tau), 0);
      active = active ? score > stop : score >= start;
      if (flips.length === 0) return { flapping: false, holds: false };
      const turnedAt = flips.at(-1) ?? now;
      const usual = Math.max(
        0,
        ...stretches.map(({ length, end }) => length * Math.exp(-(turnedAt - end) / (2 * tau))),
      );
      const believed = dead && now - turnedAt >= Math.max(patience, 2 * usual);
      return { flapping: active, holds: active && !believed };
    },
  };
}

export function createReference(policy: ReferencePolicy) {
  const life: number[] = [];
  const values: number[] = [];
  const probes: { at: number; ok: boolean }[] = [];
  const flap = createFlapReference({ ...policy, start: 4, stop: 1.5 });
  let session: { state: 'none' | 'up' | 'lost' | 'goodbye'; at: number } = { state: 'none', at: 0 };
  let link = { dead: false, signs: [] as number[] };
  let probe = { dead: false, signs: [] as number[] };
  let data: { state: 'none' | 'good' | 'bad' | 'parked' | 'awaited'; from: number | null } = {
    state: 'none',
    from: null,
  };
  let oldFor = 0;

  function sign(at: number): void {
    life.push(at);
    if (link.dead && link.signs.at(-1) !== at) link.signs.push(at);
  }

  function hear(at: number, evidence: ReferenceEvidence): void {
    if (evidence.kind === 'message') {
      sign(at);
      if (evidence.value) values.push(at);
    } else if (evidence.kind === 'up') {
      session = { state: 'up', at };
      sign(at);
    } else if (evidence.kind === 'down') {
      if (session.state === 'up') session = { state: evidence.clean ? 'goodbye' : 'lost', at };
    } else hearProbe(at, evidence.ok);
  }

  function hearProbe(at: number, ok: boolean): void {
    probes.push({ at, ok });
    if (!ok) probe.signs = [];
    else if (probe.dead && probe.signs.at(-1) !== at) probe.signs.push(at);
    if (ok && life.length > 0) sign(at);
  }

  /** How long it has been silent, as far as that matters; 0 while its session is up. */
  function silence(now: number): { lostFor: number | null; silent: number } {
    const seen = life.at(-1) ?? null;
    if (session.state === 'lost' && (seen === null || seen <= session.at)) {
      return { lostFor: now - session.at, silent: now - (seen ?? 0) };
    }
    if (session.state === 'up') return { lostFor: null, silent: 0 };
    const alive = Math.max(seen ?? 0, session.state === 'goodbye' ? session.at : 0);
    return { lostFor: null, silent: now - alive };
  }

  function returned(now: number, signs: readonly number[]): boolean {
    return signs.length >= 2 || (signs.length === 1 && now >= (signs[0] ?? 0) + policy.recoverAfter);
  }

  function judgeLink(now: number): { troubled: boolean; back: number | null } {
    if (life.length === 0 && session.state === 'none') return { troubled: false, back: null };
    const { lostFor, silent } = silence(now);
    if (link.dead) {
      const gone = lostFor !== null || silent >= policy.offlineAfter;
      if (gone) link.signs = [];
      if (!returned(now, link.signs)) return { troubled: true, back: null };
      const back = link.signs[0] ?? now;
      link = { dead: false, signs: [] };
      return { troubled: false, back };
    }
    link.dead = lostFor !== null ? lostFor >= policy.hold : silent >= policy.offlineAfter;
    return { troubled: lostFor !== null || silent >= policy.suspectAfter, back: null };
  }

  function judgeProbe(now: number): void {
    if (probes.length === 0) return;
    if (probe.dead) {
      if (probes.at(-1)?.ok && returned(now, probe.signs)) probe = { dead: false, signs: [] };
      return;
    }
    const run = probes.slice(probes.findLastIndex(({ ok }) => ok) + 1);
    const long = (run.at(-1)?.at ?? 0) - (run[0]?.at ?? 0) >= policy.probeHold;
    probe.dead = run.length >= 3 && long;
  }

  function judgeData(now: number, troubled: boolean, back: number | null): void {
    const value = values.at(-1);
    if (value === undefined) return;
    const fresh = now - value < policy.freshWithin;
    oldFor = fresh || troubled || link.dead || back !== null ? 0 : oldFor + 1;
    if (link.dead) {
      data = { state: data.state === 'bad' ? 'bad' : 'parked', from: null };
      oldFor = 0;
    } else if (data.state === 'bad') data = stillBad(now, value, fresh);
    else if (data.state === 'parked' || data.state === 'awaited') data = awaited(now, value, data.from ?? back ?? now);
    else data = { state: fresh || troubled ? 'good' : 'bad', from: null };
    if (data.state === 'awaited') oldFor = 0;
  }

  /** Old data are good again by a second value, or by one that lasts. */
  function stillBad(now: number, value: number, fresh: boolean): DataState {
    const first = data.from ?? value;
    if (!fresh) return { state: 'bad', from: null };
    const good = value > first || now >= first + policy.recoverAfter;
    return good ? { state: 'good', from: null } : { state: 'bad', from: first };
  }

  /** After an outage a value gets its whole window anew. */
  function awaited(now: number, value: number, from: number): DataState {
    if (value >= from) return { state: 'good', from: null };
    return now - from >= policy.freshWithin ? { state: 'bad', from: null } : { state: 'awaited', from };
  }

  return {
    hear,
    /** The end of the second `now`, after everything that was heard in it. */
    second(now: number): ReferenceState {
      const { troubled, back } = judgeLink(now);
      judgeProbe(now);
      const dead = link.dead || probe.dead;
      const { flapping, holds } = flap.second(now, dead);
      judgeData(now, troubled, back);
      return { dead, linkDead: link.dead, flapping, holds, stale: data.state === 'bad' && !dead, oldFor };
    },
  };
}
