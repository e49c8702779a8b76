import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TicketLimit } from './duty-settings.ts';
import { createStageLimits } from './stage-limits.ts';
import type { TicketPriority, TicketStage } from './ticket.ts';
import { deadline } from './ticket-clock.ts';
import { DEFAULT_WORKING_HOURS, type WorkingHours } from './working-time.ts';

const MIN = 60_000;
const HOUR = 60 * MIN;
const at = (text: string) => Date.parse(`2026-${text.replace(' ', 'T')}:00+08:00`);
/** 10-01 to 10-07 are holidays, the Saturday 10-10 works. */
const hours: WorkingHours = {
  ...DEFAULT_WORKING_HOURS,
  holidays: ['2026-10-01', '2026-10-02', '2026-10-05', '2026-10-06', '2026-10-07'],
  extraDays: ['2026-10-10'],
};

describe('limits by module, priority and stage', () => {
  const rows: TicketLimit[] = [
    { stage: 'handling', limit: '4h' },
    { stage: 'handling', priority: 'urgent', limit: '3h' },
    { stage: 'handling', module: 'garbage', limit: '2h' },
    { stage: 'handling', module: 'garbage', priority: 'urgent', limit: '1h' },
    { stage: 'verifying', module: 'garbage', limit: '5d', counts: 'workingDays' },
  ];
  const limits = createStageLimits(rows, hours);
  test.each<[string, TicketPriority, 'dispatched' | 'handling' | 'verifying', number]>([
    ['garbage', 'urgent', 'handling', 1],
    ['garbage', 'normal', 'handling', 2],
    ['video', 'urgent', 'handling', 3],
    ['video', 'normal', 'handling', 4],
    ['video', 'normal', 'verifying', 24],
    ['garbage', 'normal', 'dispatched', 2],
    ['video', 'critical', 'handling', 4],
  ])('%s %s %s: %d h', (module, priority, stage, expected) => {
    expect(limits.of(module, priority, stage).limit / HOUR).toBe(expected);
  });
  test('five working days end at the same minute five working days later, over a holiday and a make-up day', () => {
    const log = [{ from: 'handling' as const, to: 'verifying' as const, at: at('09-30 16:00') }];
    const due = (module: string) => deadline(log, { module, priority: 'normal' }, at('09-30 17:00'), limits).dueAt;
    // 30, then 8, 9, 10 (make-up), 12 and 13 October.
    expect(due('garbage')).toBe(at('10-13 16:00'));
  });
  test('calendar days count every minute', () => {
    const always = createStageLimits([{ stage: 'verifying', limit: '3d', counts: 'always' }], hours);
    const log = [{ from: 'handling' as const, to: 'verifying' as const, at: at('10-01 16:00') }];
    expect(deadline(log, { module: null, priority: 'normal' }, at('10-01 17:00'), always).dueAt).toBe(
      at('10-04 16:00'),
    );
  });
});

describe('a change of priority', () => {
  const limits = createStageLimits([], hours);
  test('keeps what was counted and paused before', () => {
    const log = [
      { from: 'dispatched', to: 'handling', at: at('09-25 16:30') },
      { from: 'handling', to: 'suspended', at: at('09-25 17:00') },
      { from: 'suspended', to: 'handling', at: at('09-28 08:30') },
      { from: 'handling', to: 'handling', at: at('09-28 09:00'), kind: 'priority', values: { before: 'normal' } },
    ] as const;
    const read = (now: string) => deadline(log, { module: null, priority: 'critical' }, at(now), limits);
    // 30 minutes before the pause and 30 after it are used of two hours.
    expect(read('09-28 09:10')).toEqual({ dueAt: at('09-28 10:00'), overdueSeconds: 0 });
    expect(read('09-28 20:00').overdueSeconds).toBe(36_000);
  });
  test('without the line in the log the night would count', () => {
    const log = [{ from: 'dispatched', to: 'handling', at: at('09-28 16:30') }] as const;
    const raised = {
      from: 'handling',
      to: 'handling',
      at: at('09-29 08:30'),
      kind: 'priority',
      values: { before: 'normal' },
    } as const;
    const read = (lines: Parameters<typeof deadline>[0]) =>
      deadline(lines, { module: null, priority: 'critical' }, at('09-29 08:40'), limits).dueAt;
    expect(read([...log, raised])).toBe(at('09-29 09:30'));
    expect(read(log)).toBe(at('09-28 18:30'));
  });
});

/** Minute by minute, as one would count by hand. */
function slowly(
  log: readonly Line[],
  now: number,
  limitOf: (stage: TicketStage, priority: TicketPriority) => { limit: number; counts: (minute: number) => boolean },
  last: TicketPriority,
): { dueAt: number | null; overdue: number } {
  const stageAt = (t: number) => log.findLast((line) => line.kind === 'move' && line.at <= t)?.to;
  const priorityAt = (t: number) => log.find((line) => line.kind === 'priority' && line.at > t)?.before ?? last;
  const moves = log.filter((line) => line.kind === 'move');
  const current = moves.at(-1);
  if (!current) return { dueAt: null, overdue: 0 };
  const suspended = current.to === 'suspended';
  const stage = suspended ? current.from : current.to;
  if (stage !== 'dispatched' && stage !== 'handling' && stage !== 'verifying') return { dueAt: null, overdue: 0 };
  const starts = moves.filter(
    (line) =>
      line.from !== 'suspended' && (line.to === 'dispatched' || (stage === 'verifying' && line.to === 'verifying')),
  );
  const since = starts.at(-1)?.at ?? 0;
  const counts = (t: number) => limitOf(stage, priorityAt(t)).counts(t);
  const extension = log.findLast((line) => line.kind === 'extension' && line.to === stage && line.at >= since);
  let { limit } = limitOf(stage, last);
  let begin = since;
  if (extension?.until !== undefined) {
    begin = extension.at;
    limit = 0;
    for (let t = begin; t < extension.until; t += MIN) if (counts(t)) limit += MIN;
  }
  let used = 0;
  let overdue = 0;
  for (let t = begin; t < now; t += MIN) {
    if (stageAt(t) !== stage || !counts(t)) continue;
    used += MIN;
    if (used > limit) overdue += MIN;
  }
  return { dueAt: null, overdue: overdue / 1_000 };
}

interface Line {
  readonly kind: 'move' | 'priority' | 'extension';
  readonly from: TicketStage | null;
  readonly to: TicketStage;
  readonly at: number;
  readonly before?: TicketPriority;
  readonly until?: number;
}

const NEXT: Readonly<Partial<Record<TicketStage, readonly TicketStage[]>>> = {
  dispatched: ['handling', 'returned', 'suspended', 'verifying'],
  handling: ['verifying', 'returned', 'suspended'],
  verifying: ['closed', 'handling'],
  returned: ['dispatched'],
  closed: ['dispatched'],
};

describe('random logs against counting minute by minute', () => {
  const limits = createStageLimits([{ stage: 'verifying', limit: '2d', counts: 'workingDays' }], hours);
  const start = at('09-28 00:00');
  const local = (t: number) => new Date(t + 8 * HOUR);
  const works = (t: number) => {
    const date = local(t).toISOString().slice(0, 10);
    const weekday = local(t).getUTCDay();
    return !hours.holidays.includes(date) && ((weekday >= 1 && weekday <= 5) || hours.extraDays.includes(date));
  };
  const inHours = (t: number) => {
    const minute = local(t).getUTCHours() * 60 + local(t).getUTCMinutes();
    return works(t) && minute >= 510 && minute < 1050;
  };
  const limitOf = (stage: TicketStage, priority: TicketPriority) => {
    if (stage === 'verifying') return { limit: 48 * HOUR, counts: works };
    const hoursOf = { critical: [1 / 6, 2], urgent: [0.5, 8], normal: [2, 24] }[priority];
    const limit = (hoursOf[stage === 'dispatched' ? 0 : 1] ?? 0) * HOUR;
    return { limit, counts: priority === 'critical' ? () => true : inHours };
  };

  interface Step {
    readonly gap: number;
    readonly pick: number;
    readonly what: number;
    readonly until: number;
  }

  /** A log as the steps tell it, when it ends, and the priority then. */
  function played(steps: readonly Step[]) {
    let t = start;
    let stage: TicketStage = 'dispatched';
    let resume: TicketStage = 'dispatched';
    let priority: TicketPriority = 'normal';
    const log: Line[] = [{ kind: 'move', from: 'filed', to: stage, at: t }];
    for (const { gap, pick, what, until } of steps) {
      t += (gap + 1) * MIN;
      if (what === 0) {
        const after = (['normal', 'urgent', 'critical'] as const)[pick % 3] ?? 'normal';
        log.push({ kind: 'priority', from: stage, to: stage, at: t, before: priority });
        priority = after;
      } else if (what === 1 && stage !== 'suspended') {
        log.push({ kind: 'extension', from: stage, to: stage, at: t, until: t + until * MIN });
      } else {
        const choices: readonly TicketStage[] = stage === 'suspended' ? [resume] : (NEXT[stage] ?? []);
        const to: TicketStage = choices[pick % choices.length] ?? stage;
        if (to === 'suspended') resume = stage;
        log.push({ kind: 'move', from: stage, to, at: t });
        stage = to;
      }
    }
    return { log, t, priority };
  }

  test('overdue time is the same, and begins at the deadline', () => {
    const step: fc.Arbitrary<Step> = fc.record({
      gap: fc.integer({ min: 0, max: 2_000 }),
      pick: fc.nat(3),
      what: fc.nat(9),
      until: fc.integer({ min: 1, max: 4_000 }),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 9 }), fc.integer({ min: 0, max: 4_000 }), (steps, wait) => {
        const { log, t, priority } = played(steps);
        const now = t + wait * MIN;
        const lines = log.map(({ kind, from, to, at: when, before, until }) => ({
          kind: kind === 'move' ? 'transition' : kind,
          from,
          to,
          at: when,
          values: { ...(before ? { before } : {}), ...(until === undefined ? {} : { until }) },
        }));
        const read = deadline(lines, { module: null, priority }, now, limits);
        expect(read.overdueSeconds).toBe(slowly(log, now, limitOf, priority).overdue);
        if (read.dueAt === null) return;
        // Late begins exactly there, as long as nothing else happens.
        if (read.dueAt >= now) {
          expect(slowly(log, read.dueAt, limitOf, priority).overdue).toBe(0);
          expect(deadline(lines, { module: null, priority }, read.dueAt, limits).dueAt).toBe(read.dueAt);
        } else expect(read.overdueSeconds).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 60, seed: 20_261_123 },
    );
  });
});
