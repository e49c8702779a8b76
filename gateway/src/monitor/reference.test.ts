import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHARGER } from '../../test/support/monitor.ts';
import type { DeviceBrief, DeviceKey } from '../domain/device.ts';
import { FAULT_TERMS, flapTau, PATIENCE_DEADLINES } from '../domain/flapping.ts';
import { effectivePolicy } from '../domain/health-policy.ts';
import type { FactRow, HealthRow } from '../domain/health-rows.ts';
import {
  createFlapReference,
  createReference,
  type ReferenceEvidence,
  type ReferenceState,
} from '../domain/health-rules.reference.ts';
import { createLogger } from '../log.ts';
import { createClocks } from './clocks.ts';
import type { SettleContext } from './context.ts';
import { createEventQueue } from './events.ts';
import { createListener } from './evidence.ts';
import { judgeDevice } from './judge.ts';
import { createMemory, type DeviceMemory } from './memory.ts';
import { remember } from './settle.ts';
import { sortDue } from './sweep.ts';

const SECOND = 1_000;
const BRIEF: DeviceBrief = {
  key: 1,
  id: 'd1',
  type: CHARGER.id,
  lifecycle: 'active',
  vendorId: null,
  serial: null,
  externalId: null,
  siteId: null,
  orgId: null,
  module: null,
  parentKey: null,
  healthPolicy: { freshWithin: { power: 200_000 } },
};
const POLICY = effectivePolicy(CHARGER.health, null);
const seconds = (ms: number) => ms / SECOND;

/** The monitor's own hearing, judging and re-arming, with a table in memory instead of the database. */
function createReal() {
  const at = { wall: 1_800_000_000_000, mono: 0 };
  const clocks = createClocks({
    clock: { now: () => at.wall, monotonic: () => at.mono },
    oldestUndrainedAt: () => null,
    stallMs: null,
  });
  const memory = createMemory();
  const dirty = new Set<DeviceKey>();
  const directory = { get: () => BRIEF };
  const types = { get: () => CHARGER };
  const listener = createListener({
    memory,
    clocks,
    directory,
    types,
    dirty,
    touched: new Set<DeviceMemory>(),
    events: createEventQueue(),
    lifeSafety: createEventQueue(),
    alarms: { heard: () => undefined },
    learner: { heard: () => undefined },
    urgent: () => undefined,
  });
  clocks.clear('mqtt');
  const facts = new Map<string, FactRow>();
  let health: HealthRow = { device: 1, state: 'unknown', reason: 'neverSeen', since: 0, suspect: false, flags: [] };
  let stale = false;
  let holds = false;
  let data = { flapping: false, holds: false };
  const now = (path: string) => clocks.now(path);
  const context = { memory, directory, types, now, log: createLogger('silent') } as unknown as SettleContext;

  function judge(): void {
    const device = memory.get(1);
    if (!device) return;
    const whole = device.linkBad;
    const loaded = [...facts.values()].filter(
      ({ name, state, deadline }) =>
        whole ||
        name === 'link' ||
        name === 'probe' ||
        state !== 'good' ||
        (deadline !== null && deadline <= now('mqtt')),
    );
    const made = judgeDevice({
      memory: device,
      brief: BRIEF,
      type: CHARGER,
      health,
      facts: loaded,
      alarms: [],
      alarmsBefore: [],
      now,
      wall: at.wall,
    });
    for (const write of made.facts) {
      const before = facts.get(write.name);
      facts.set(write.name, { ...write, evidence: write.evidence ?? before?.evidence ?? {} });
    }
    health = made.health ?? health;
    stale = made.staleMetrics.length > 0;
    holds = made.flap.holds;
    const power = made.unsteady.get('data:power');
    data = { flapping: power?.reason === 'flapping', holds: power?.holds ?? false };
    remember(device, made);
  }

  function sweep(): void {
    for (;;) {
      const due = [...facts.values()].filter(({ deadline }) => deadline !== null && deadline <= now('mqtt'));
      const { rearm, judge: wanted } = sortDue(context, due);
      for (const { name, deadline, state, reason } of rearm) {
        const row = facts.get(name);
        if (row) facts.set(name, { ...row, deadline, state, reason });
      }
      if (dirty.size === 0 && wanted.size === 0) return;
      dirty.clear();
      judge();
      if (rearm.length === 0) return;
    }
  }

  let session = 0;
  return {
    pass(ms: number) {
      at.wall += ms;
      at.mono += ms;
      clocks.tick();
    },
    blind: () => clocks.obstruct('mqtt', 'brokerDown'),
    hearing: () => clocks.clear('mqtt'),
    hear(evidence: ReferenceEvidence) {
      const common = { device: 1, path: 'mqtt' };
      if (evidence.kind === 'message') {
        const values = evidence.value ? { power: 1 } : { note: 1 };
        listener.message({ ...common, receivedAt: at.wall, late: false, values, events: [] });
      } else if (evidence.kind === 'probe') {
        listener.probe({ ...common, at: at.wall, ok: evidence.ok, reason: evidence.ok ? 'ok' : 'timeout', detail: '' });
      } else {
        const up = evidence.kind === 'up';
        if (up) session += 1;
        const reason = up ? 'connected' : evidence.clean ? 'disconnect' : 'closed';
        listener.link({ ...common, state: up ? 'up' : 'down', reason, at: at.wall, session: `s${session}` });
      }
    },
    sweep,
    look: () => ({
      state: health.state,
      stale,
      holds,
      link: facts.get('link')?.state,
      old: facts.get('data:power')?.state === 'bad',
      data,
    }),
  };
}

/** What happens in a stretch of time: evidence, then so many seconds. */
interface Step {
  readonly evidence: readonly ReferenceEvidence[];
  readonly seconds: number;
  readonly blind: number;
}

const anyEvidence: fc.Arbitrary<ReferenceEvidence> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('message' as const), value: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'up' as const }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('down' as const), clean: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('probe' as const), ok: fc.boolean() }) },
);
const anyGap = fc.oneof(
  fc.integer({ min: 1, max: 40 }),
  fc.integer({ min: 40, max: 130 }),
  fc.constantFrom(59, 60, 61, 89, 90, 91, 199, 200, 201, 900),
);
const oneStep: fc.Arbitrary<Step[]> = fc
  .record({
    evidence: fc.array(anyEvidence, { maxLength: 3 }),
    seconds: anyGap,
    blind: fc.oneof(
      { weight: 8, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.integer({ min: 1, max: 500 }) },
    ),
  })
  .map((step) => [step]);
/** Comes and goes so often that it flaps, or nearly. */
const turns: fc.Arbitrary<Step[]> = fc
  .record({ times: fc.integer({ min: 1, max: 5 }), away: fc.integer({ min: 88, max: 300 }) })
  .map(({ times, away }) =>
    Array.from({ length: times }, (): Step[] => {
      const evidence: ReferenceEvidence[] = [{ kind: 'message', value: true }];
      return [
        { evidence, seconds: 2, blind: 0 },
        { evidence, seconds: away, blind: 0 },
      ];
    }).flat(),
  );
const regular: fc.Arbitrary<Step[]> = fc
  .record({ times: fc.integer({ min: 1, max: 60 }), gap: fc.integer({ min: 20, max: 59 }), value: fc.boolean() })
  .map(({ times, gap, value }) =>
    Array.from({ length: times }, (): Step => ({ evidence: [{ kind: 'message', value }], seconds: gap, blind: 0 })),
  );
const anyStream = fc
  .array(
    fc.oneof({ weight: 5, arbitrary: oneStep }, { weight: 2, arbitrary: turns }, { weight: 1, arbitrary: regular }),
    {
      minLength: 1,
      maxLength: 40,
    },
  )
  .map((parts) => parts.flat());

/** A doubt about the link puts off the judgement of its data by no more than this. */
const TOLERANCE = seconds(POLICY.offlineAfter - POLICY.suspectAfter) + 2;

const REFERENCE = {
  offlineAfter: seconds(POLICY.offlineAfter),
  suspectAfter: seconds(POLICY.suspectAfter),
  hold: seconds(POLICY.hold),
  probeHold: seconds(POLICY.probeHold),
  recoverAfter: seconds(POLICY.recoverAfter),
  freshWithin: 200,
  tau: seconds(flapTau(POLICY.interval)),
  patience: seconds(PATIENCE_DEADLINES * POLICY.offlineAfter),
};
type DataFlapping = ReturnType<typeof createFlapReference>;

/** One second of both, and what they agree on; throws where they do not. */
function agree(
  real: ReturnType<typeof createReal>,
  wanted: ReferenceState,
  flaps: DataFlapping,
  now: number,
  where: string,
): string {
  const { state, stale, link, holds, old, data } = real.look();
  const wantedData = flaps.second(now, old);
  const same = (is: unknown, should: unknown, what: string) => {
    if (is !== should) expect({ where, [what]: is }).toEqual({ where, [what]: should });
  };
  same(state === 'offline', wanted.dead, 'dead');
  same(link === 'bad', wanted.linkDead, 'link');
  same(holds, wanted.holds, 'holds');
  // When data are found too old has some play; what follows from it has none.
  same(data.flapping, wantedData.flapping, 'data flapping');
  same(data.holds, wantedData.holds, 'data hold');
  // Never stale without reason, and never for long without saying so.
  if (stale) same(wanted.stale, true, 'stale');
  if (wanted.dead) return wanted.flapping ? (holds ? 'dead, flapping' : 'dead, flapping, believed') : 'dead';
  same(state === 'flapping', wanted.flapping, 'flapping');
  if (wanted.oldFor > TOLERANCE) same(stale, true, 'stale');
  if (wanted.flapping) return 'flapping';
  if (data.flapping && stale) return data.holds ? 'stale, coming and going' : 'stale, coming and going, believed';
  return stale ? 'stale' : 'alive';
}

function goBlind(real: ReturnType<typeof createReal>, length: number): void {
  real.blind();
  for (let i = 0; i < length; i += 50) {
    real.pass(50 * SECOND);
    real.sweep();
  }
  real.hearing();
}

/** A broker ends only what it began. */
function possible(steps: readonly Step[]): readonly Step[] {
  let up = false;
  const fits = (one: ReferenceEvidence) => {
    if (one.kind === 'down' && !up) return false;
    if (one.kind === 'up' || one.kind === 'down') up = one.kind === 'up';
    return true;
  };
  return steps.map((step) => ({ ...step, evidence: step.evidence.filter(fits) }));
}

function compare(steps: readonly Step[], seen: Set<string>): void {
  const real = createReal();
  const reference = createReference(REFERENCE);
  const flaps = createFlapReference({ ...REFERENCE, ...FAULT_TERMS });
  let now = 1_000;
  for (const [index, { evidence, seconds: length, blind }] of possible(steps).entries()) {
    for (const one of evidence) {
      real.hear(one);
      reference.hear(now, one);
    }
    for (let passed = 0; passed < length; passed++) {
      real.sweep();
      seen.add(agree(real, reference.second(now), flaps, now, `step ${index}, second ${passed}`));
      real.pass(SECOND);
      now += 1;
    }
    if (blind === 0) continue;
    // What was silence until now is judged, blind or not.
    reference.second(now);
    goBlind(real, blind);
  }
}

const say = (value: boolean, length: number, times = 1): Step[] =>
  Array.from({ length: times }, () => ({ evidence: [{ kind: 'message', value }], seconds: length, blind: 0 }));
/** Reaches every state: well, its value too old, dead, flapping, dead while it flaps, and well again. */
const EVERYTHING: Step[] = [
  ...say(true, 30, 3),
  ...say(false, 30, 12),
  ...Array.from({ length: 4 }, () => [...say(true, 2), ...say(true, 150)]).flat(),
  ...say(true, 2),
  ...say(true, 700),
  ...say(true, 50, 60),
  // Fresh for a moment, then too old again for a while, and once for long.
  ...Array.from({ length: 4 }, () => [...say(true, 30, 2), ...say(false, 30, 9)]).flat(),
  ...say(false, 30, 40),
];

describe('the monitor against the plain reading of its rules', () => {
  it('agrees on every second of any stream of evidence', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(anyStream, (steps) => compare(steps, seen)),
      { numRuns: 50, examples: [[EVERYTHING]] },
    );
    // A stream that reaches nothing proves nothing.
    expect([...seen].sort()).toEqual([
      ...['alive', 'dead', 'dead, flapping', 'dead, flapping, believed', 'flapping', 'stale'],
      ...['stale, coming and going', 'stale, coming and going, believed'],
    ]);
  });
});
