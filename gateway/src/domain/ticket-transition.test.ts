import { describe, expect, test } from 'vitest';
import { TICKET_STAGES, type TicketEvidence, type TicketKind, type TicketStage, type TicketState } from './ticket.ts';
import {
  allowedStages,
  type Duty,
  SYSTEM,
  stageAfterRelapse,
  type TicketActor,
  type TransitionRequest,
  transition,
} from './ticket-transition.ts';

const NOW = Date.UTC(2026, 10, 23, 2);
const HOUR = 3_600_000;
const proof = (kind: TicketEvidence['kind'], more: Partial<TicketEvidence> = {}): TicketEvidence => ({
  kind,
  at: NOW,
  by: 'system',
  ...more,
});

const ticket = (stage: TicketStage, more: Partial<TicketState> = {}): TicketState => ({
  kind: 'deviceFault',
  fault: 'offline',
  module: 'video',
  priority: 'urgent',
  stage,
  stageSince: NOW - HOUR,
  handlerOrgId: 'unit-1',
  assigneeId: 'li',
  cause: null,
  faultType: null,
  evidence: [],
  acceptedAt: null,
  handledBy: null,
  resumeStage: null,
  suspendedUntil: null,
  roundSince: NOW - HOUR,
  firing: false,
  recoveredAt: null,
  ...more,
});
const person = (id: string, ...duties: Duty[]): TicketActor => ({ id, duties });
const ALL: TicketActor = person('wang', 'dispatcher', 'handler', 'verifier', 'approver');

/** Everything any transition may ask for. */
const complete = (to: TicketStage, by: TicketActor): TransitionRequest => ({
  to,
  by,
  note: '已处理',
  cause: 'power',
  assigneeId: 'li',
  handlerOrgId: 'unit-1',
  evidence: [proof('photo')],
  until: NOW + HOUR,
  recheck: [proof('recheck', { ok: true })],
});

const go = (state: TicketState, request: TransitionRequest) => transition(state, request, NOW);
const rule = (state: TicketState, request: TransitionRequest) => {
  const result = go(state, request);
  return result.ok ? 'ok' : `${result.refusal.code} ${result.refusal.rule}`;
};

/** The whole table, rows and columns; what only the system does stands behind it. */
const PEOPLE: Record<TicketStage, Partial<Record<TicketStage, readonly Duty[]>>> = {
  discovered: { filed: ['dispatcher'], falseAlarm: ['dispatcher'], cancelled: ['dispatcher'] },
  filed: { dispatched: ['dispatcher'], falseAlarm: ['dispatcher'], cancelled: ['dispatcher'] },
  dispatched: { handling: ['handler'], returned: ['handler'], suspended: ['approver'] },
  handling: { verifying: ['handler'], returned: ['handler'], suspended: ['approver'] },
  verifying: { closed: ['verifier'], handling: ['verifier'] },
  closed: { dispatched: ['dispatcher'] },
  returned: { dispatched: ['dispatcher'], falseAlarm: ['dispatcher'], cancelled: ['dispatcher'] },
  suspended: { handling: ['handler', 'approver'] },
  falseAlarm: {},
  cancelled: {},
};
const SYSTEM_ONLY: Partial<Record<TicketStage, readonly TicketStage[]>> = {
  discovered: ['filed', 'cancelled', 'closed'],
  filed: ['dispatched', 'cancelled', 'closed'],
  dispatched: ['verifying', 'cancelled'],
  handling: ['verifying', 'cancelled'],
  verifying: ['closed', 'handling', 'dispatched', 'cancelled'],
  closed: ['dispatched'],
  returned: ['cancelled', 'closed'],
  suspended: ['handling', 'cancelled'],
};
const DUTIES: readonly Duty[] = ['dispatcher', 'handler', 'verifier', 'approver'];

const state = (stage: TicketStage) =>
  ticket(stage, { evidence: [proof('recovery')], ...(stage === 'suspended' ? { resumeStage: 'handling' } : {}) });

describe('every stage × every target', () => {
  const pairs = TICKET_STAGES.flatMap((from) => TICKET_STAGES.map((to) => [from, to] as const));
  test.each(pairs)('%s → %s is open exactly to the duties of the table', (from, to) => {
    const mayPeople = PEOPLE[from][to] ?? [];
    for (const duty of DUTIES)
      expect([duty, go(state(from), complete(to, person('wang', duty))).ok]).toEqual([duty, mayPeople.includes(duty)]);
    expect(go(state(from), complete(to, SYSTEM)).ok).toBe(SYSTEM_ONLY[from]?.includes(to) ?? false);
    expect(go(state(from), complete(to, person('nobody'))).ok).toBe(false);
  });
  test('a pair outside the table is refused with what is allowed', () => {
    const result = go(state('verifying'), complete('filed', ALL));
    expect(result).toEqual({
      ok: false,
      refusal: { code: 'TRANSITION_NOT_ALLOWED', rule: 'stage', allowed: ['closed', 'handling'] },
    });
  });
});

describe('needs', () => {
  const without = (to: TicketStage, field: keyof TransitionRequest, by: TicketActor = ALL) => ({
    ...complete(to, by),
    [field]: undefined,
  });
  const event = { kind: 'event', fault: 'smoke' } as const;
  test.each<[string, TicketState, TransitionRequest, string]>([
    ['false alarm: reason', state('filed'), without('falseAlarm', 'note'), 'note'],
    ['cancelled: reason', state('discovered'), without('cancelled', 'note'), 'note'],
    ['blank reason', state('filed'), { ...complete('falseAlarm', ALL), note: '  ' }, 'note'],
    ['dispatch: module', { ...state('filed'), module: null }, complete('dispatched', ALL), 'module'],
    ['dispatch: fault', { ...state('filed'), fault: '' }, complete('dispatched', ALL), 'fault'],
    [
      'dispatch: a party',
      { ...state('filed'), handlerOrgId: null, assigneeId: null },
      { to: 'dispatched', by: ALL },
      'handlerOrg',
    ],
    ['handling: a named person', { ...state('dispatched'), assigneeId: null }, { to: 'handling', by: ALL }, 'person'],
    ['return: reason', state('dispatched'), without('returned', 'note'), 'note'],
    ['suspension: reason', state('handling'), without('suspended', 'note'), 'note'],
    ['suspension: until', state('handling'), without('suspended', 'until'), 'until'],
    ['suspension: until in the future', state('handling'), { ...complete('suspended', ALL), until: NOW }, 'until'],
    ['suspension: approval', state('handling'), complete('suspended', person('li', 'handler')), 'approval'],
    ['repair: note', state('handling'), without('verifying', 'note'), 'note'],
    ['repair: cause', state('handling'), without('verifying', 'cause'), 'cause'],
    ['repair of a device: re-probe', state('handling'), without('verifying', 'recheck'), 'recheck'],
    [
      'repair of a device: passed re-probe of every device',
      state('handling'),
      { ...complete('verifying', ALL), recheck: [proof('recheck', { ok: true }), proof('recheck', { ok: false })] },
      'recheck',
    ],
    ['repair after an event: photo', { ...state('handling'), ...event }, without('verifying', 'evidence'), 'photo'],
    [
      'repair: a cause of the module',
      state('handling'),
      { ...complete('verifying', ALL), cause: 'load' },
      'knownCause',
    ],
    [
      'repair: a fault type of the module',
      state('handling'),
      { ...complete('verifying', ALL), faultType: 'binFull' },
      'knownFaultType',
    ],
    ['closing: a cause of the module', state('verifying'), { ...complete('closed', ALL), cause: 'x' }, 'knownCause'],
    ['re-opening: a known cause', state('closed'), { ...complete('dispatched', ALL), cause: 'x' }, 'knownCause'],
    [
      'closing an event: somebody handed it over',
      { ...state('verifying'), ...event, handledBy: null },
      complete('closed', ALL),
      'secondPerson',
    ],
    ['closing an event: its photo', { ...state('verifying'), ...event }, without('closed', 'evidence'), 'evidence'],
    ...(['dispatched', 'handling'] as const).map((stage): [string, TicketState, TransitionRequest, string] => [
      `system: no 核查 of an event in ${stage} by data`,
      { ...state(stage), ...event },
      { to: 'verifying', by: SYSTEM, code: 'x', evidence: [proof('freshData')] },
      'secondPerson',
    ]),
    ...(['verifying', 'discovered', 'filed', 'returned'] as const).map(
      (stage): [string, TicketState, TransitionRequest, string] => [
        `system: no end of an event in ${stage} by data`,
        { ...state(stage), ...event },
        { to: 'closed', by: SYSTEM, code: 'x', evidence: [proof('freshData'), proof('photo')] },
        'secondPerson',
      ],
    ),
    ['closing: cause', state('verifying'), without('closed', 'cause'), 'cause'],
    ['closing while still firing', { ...state('verifying'), firing: true }, complete('closed', ALL), 'notFiring'],
    ['closing: evidence', ticket('verifying'), { to: 'closed', by: ALL, note: '看过了', cause: 'power' }, 'evidence'],
    [
      'closing: evidence of this round',
      ticket('verifying', { evidence: [proof('recovery', { at: NOW - 2 * HOUR })] }),
      { to: 'closed', by: ALL, cause: 'power' },
      'evidence',
    ],
    ['not fixed: why', state('verifying'), without('handling', 'note'), 'note'],
    ['re-opening: cause', state('closed'), without('dispatched', 'cause'), 'cause'],
    ['dispatch after a return: reason', state('returned'), without('dispatched', 'note'), 'note'],
    ['system: evidence for a recovery', ticket('dispatched'), { to: 'verifying', by: SYSTEM, code: 'x' }, 'evidence'],
    [
      'system: no recovery while firing',
      { ...state('dispatched'), firing: true },
      { to: 'verifying', by: SYSTEM, code: 'x' },
      'notFiring',
    ],
  ])('%s', (_name, from, request, need) => {
    // Nobody's own work here: the verifier is wang, the handler li.
    const result = go({ ...from, handledBy: need === 'secondPerson' ? from.handledBy : 'li' }, request);
    expect(result).toMatchObject({ ok: false, refusal: { code: 'UNPROCESSABLE', rule: need } });
    const filled = { ...state(from.stage), ...(from.kind === 'event' ? event : {}), handledBy: 'li' };
    // What is right for a person is refused to the system only for being the system.
    if (need === 'secondPerson' && request.by === SYSTEM) {
      expect(go({ ...filled, kind: 'deviceFault' }, complete(request.to, SYSTEM)).ok).toBe(true);
    } else expect(go(filled, complete(request.to, request.by === SYSTEM ? SYSTEM : ALL)).ok).toBe(true);
  });

  test.each<[TicketKind, TicketEvidence['kind'] | 'note', boolean]>([
    ['deviceFault', 'recheck', true],
    ['deviceFault', 'freshData', true],
    ['deviceFault', 'photo', false],
    ['deviceFault', 'statement', false],
    ['deviceFault', 'decision', false],
    ['event', 'photo', true],
    ['event', 'recovery', false],
    ['event', 'freshData', false],
    ['event', 'recheck', false],
    ['event', 'statement', false],
    ['manual', 'statement', true],
    ['manual', 'note', true],
    ['inspection', 'photo', true],
    ['event', 'note', false],
  ])('a %s is proved by %s: %s', (kind, given, enough) => {
    const evidence = given === 'note' ? [] : [proof(given, { ok: true })];
    const result = go(ticket('verifying', { kind, evidence, handledBy: 'li' }), {
      to: 'closed',
      by: ALL,
      note: '属实',
      cause: 'power',
    });
    expect(result.ok).toBe(enough);
  });

  test('a failed re-probe proves nothing', () => {
    const from = ticket('verifying', { evidence: [proof('recheck', { ok: false })] });
    expect(rule(from, { to: 'closed', by: ALL, cause: 'power' })).toBe('UNPROCESSABLE evidence');
  });
});

describe('the independent verifier', () => {
  test.each(['closed', 'handling'] as const)('neither the assignee nor who handed it over moves it to %s', (to) => {
    expect(rule(ticket('verifying', { assigneeId: 'wang', evidence: [proof('recheck')] }), complete(to, ALL))).toBe(
      'FORBIDDEN ownWork',
    );
    expect(rule(ticket('verifying', { handledBy: 'wang', evidence: [proof('recheck')] }), complete(to, ALL))).toBe(
      'FORBIDDEN ownWork',
    );
  });
  test('the one who hands over is remembered', () => {
    const result = go(ticket('handling'), complete('verifying', ALL));
    expect(result.ok && result.ticket.handledBy).toBe('wang');
    expect(result.ok && rule(result.ticket, complete('closed', ALL))).toBe('FORBIDDEN ownWork');
    expect(result.ok && allowedStages(result.ticket, ALL, NOW)).toEqual([]);
  });
});

describe('a repair reported after the device was back', () => {
  const back = ticket('verifying', { acceptedAt: NOW - HOUR, stageSince: NOW - 60_000, evidence: [proof('recovery')] });
  const report = { ...complete('verifying', person('li', 'handler')), recheck: [] };
  test('is taken once, without a probe, and is no work for its own verifier', () => {
    const result = go(back, report);
    expect(result).toMatchObject({ ok: true, ticket: { cause: 'power', handledBy: 'li', stageSince: NOW - 60_000 } });
    expect(result.ok && rule(result.ticket, report)).toBe('TRANSITION_NOT_ALLOWED stage');
    expect(result.ok && rule(result.ticket, complete('closed', person('li', 'verifier')))).toBe('FORBIDDEN ownWork');
  });
  test('needs what every report needs, and somebody who had accepted it', () => {
    expect(allowedStages(back, person('li', 'handler'), NOW)).toEqual(['verifying']);
    expect(rule(back, { ...report, cause: null })).toBe('UNPROCESSABLE cause');
    expect(rule(back, { ...report, by: person('wang', 'dispatcher', 'verifier') })).toBe('FORBIDDEN who');
    expect(rule({ ...back, acceptedAt: null }, report)).toBe('TRANSITION_NOT_ALLOWED stage');
  });
});

describe('what a transition changes', () => {
  const moved = (from: TicketState, request: TransitionRequest): TicketState => {
    const result = go(from, request);
    if (!result.ok) throw new Error(result.refusal.rule);
    return result.ticket;
  };

  test('only a person accepts', () => {
    expect(moved(ticket('dispatched'), complete('handling', ALL)).acceptedAt).toBe(NOW);
    expect(moved(ticket('verifying'), { to: 'handling', by: SYSTEM, code: 'relapsed' }).acceptedAt).toBe(null);
  });
  test('the system closes as 自恢复 before anyone accepted, else as recovered, and keeps a named cause', () => {
    const close = { to: 'closed', by: SYSTEM, code: 'verified', evidence: [proof('freshData')] } as const;
    expect(moved(ticket('verifying'), close).cause).toBe('selfRecovered');
    expect(moved(ticket('verifying', { acceptedAt: NOW - 1 }), close).cause).toBe('recovered');
    expect(moved(ticket('verifying', { acceptedAt: NOW - 1, cause: 'power' }), close).cause).toBe('power');
    expect(moved(ticket('filed'), close).cause).toBe('selfRecovered');
  });
  test.each(['dispatched', 'handling'] as const)('a suspension returns exactly to %s', (before) => {
    const parked = moved(ticket(before, { acceptedAt: NOW - 1 }), complete('suspended', ALL));
    expect(parked).toMatchObject({ resumeStage: before, suspendedUntil: NOW + HOUR });
    const other = before === 'handling' ? 'dispatched' : 'handling';
    expect(rule(parked, complete(other, ALL))).toBe('TRANSITION_NOT_ALLOWED stage');
    expect(moved(parked, { to: before, by: ALL })).toMatchObject({ resumeStage: null, acceptedAt: NOW - 1 });
  });
  test('a closed ticket re-opens for 24 hours to the millisecond, with a new round', () => {
    const from = ticket('closed', { stageSince: NOW - 24 * HOUR, cause: 'power', acceptedAt: 1, handledBy: 'li' });
    expect(moved(from, complete('dispatched', ALL))).toMatchObject({
      cause: null,
      acceptedAt: null,
      handledBy: null,
      roundSince: NOW,
    });
    const late = { ...from, stageSince: NOW - 24 * HOUR - 1 };
    expect(go(late, complete('dispatched', ALL))).toMatchObject({
      refusal: { code: 'TRANSITION_NOT_ALLOWED', allowed: [] },
    });
  });
  test('a returned ticket loses its person', () => {
    expect(
      moved(ticket('returned'), { to: 'dispatched', by: ALL, note: '改派', handlerOrgId: 'unit-2' }),
    ).toMatchObject({
      handlerOrgId: 'unit-2',
      assigneeId: null,
    });
  });
  test('down again leads to 处置, or to 派单 while nobody is named', () => {
    expect(stageAfterRelapse(ticket('verifying'))).toBe('handling');
    expect(stageAfterRelapse(ticket('verifying', { assigneeId: null }))).toBe('dispatched');
    expect(rule(ticket('verifying', { assigneeId: null }), { to: 'handling', by: SYSTEM, code: 'relapsed' })).toBe(
      'UNPROCESSABLE person',
    );
  });
});
