import { describe, expect, it } from 'vitest';
import { effectivePolicy } from './health-policy.ts';
import {
  type DataInput,
  type Findings,
  isSkewed,
  judgeData,
  judgeLink,
  judgeProbe,
  type LinkInput,
  overall,
  type ProbeInput,
  type Verdict,
} from './health-rules.ts';

const policy = effectivePolicy({ interval: 30_000, offlineAfter: 90_000, hold: null, recoverAfter: null }, null);
const NONE = { count: 0, first: 0 } as const;
const s = (seconds: number) => seconds * 1_000;

describe('policy', () => {
  const type = { interval: s(30), offlineAfter: s(120), hold: s(40), recoverAfter: s(5) };
  it.each([
    [
      'type alone',
      null,
      { offlineAfter: s(120), suspectAfter: s(60), hold: s(40), probeHold: s(40), recoverAfter: s(5) },
    ],
    ['a device interval moves offlineAfter', { interval: s(10) }, { offlineAfter: s(30), suspectAfter: s(20) }],
    [
      'a device offlineAfter wins',
      { interval: s(10), offlineAfter: s(15) },
      { offlineAfter: s(15), suspectAfter: s(15) },
    ],
    ['a device hold is the probes’ hold', { hold: s(7) }, { hold: s(7), probeHold: s(7) }],
  ])('%s', (_, device, expected) => {
    expect(effectivePolicy(type, device)).toMatchObject(expected);
  });

  it('holds three intervals, probes 90 s, and returns in a minute unless told otherwise', () => {
    expect(policy).toMatchObject({ hold: s(90), probeHold: s(90), recoverAfter: s(60) });
  });
});

describe('link', () => {
  const base: LinkInput = {
    now: s(1_000),
    state: 'good',
    reason: 'heard',
    seen: s(1_000),
    session: 'none',
    sessionAt: 0,
    sessionReason: '',
    signs: NONE,
    policy,
  };
  it.each<[string, Partial<LinkInput>, string, string, number | null]>([
    ['never seen', { seen: null }, 'unknown', 'neverSeen', null],
    ['just heard', {}, 'good', 'heard', s(1_060)],
    ['two intervals silent', { seen: s(940) }, 'suspect', 'silent', s(1_030)],
    ['one millisecond before the end', { seen: s(910) + 1 }, 'suspect', 'silent', s(1_000) + 1],
    ['three intervals silent', { seen: s(910) }, 'bad', 'silent', null],
    ['live session, silent for an hour', { seen: s(-2_600), session: 'up' }, 'good', 'connected', s(1_090)],
    ['live session, never a message', { seen: null, session: 'up' }, 'good', 'connected', s(1_090)],
    [
      'lost a moment ago',
      { seen: s(990), session: 'lost', sessionAt: s(995), sessionReason: 'closed' },
      'suspect',
      'closed',
      s(1_085),
    ],
    [
      'lost for the hold',
      { seen: s(900), session: 'lost', sessionAt: s(910), sessionReason: 'will' },
      'bad',
      'will',
      null,
    ],
    [
      'lost, but heard since (another way)',
      { seen: s(999), session: 'lost', sessionAt: s(900), sessionReason: 'will' },
      'good',
      'heard',
      s(1_059),
    ],
    ['said goodbye', { seen: s(900), session: 'goodbye', sessionAt: s(980) }, 'good', 'heard', s(1_040)],
    ['said goodbye long ago', { seen: s(900), session: 'goodbye', sessionAt: s(905) }, 'bad', 'silent', null],
    ['was up when we restarted', { seen: s(0), session: 'unknown', sessionAt: s(990) }, 'good', 'heard', s(1_050)],
  ])('%s', (_, input, state, reason, deadline) => {
    expect(judgeLink({ ...base, ...input })).toEqual({ state, reason, deadline, turning: null });
  });

  const dead: LinkInput = { ...base, state: 'bad', reason: 'silent' };
  it.each<[string, Partial<LinkInput>, Verdict]>([
    ['no sign', { seen: s(10) }, { state: 'bad', reason: 'silent', deadline: null, turning: null }],
    [
      'one sign waits for recoverAfter',
      { seen: s(990), signs: { count: 1, first: s(990) } },
      { state: 'bad', reason: 'silent', deadline: s(1_050), turning: s(990) },
    ],
    [
      'one sign that lasted',
      { seen: s(940), signs: { count: 1, first: s(940) } },
      { state: 'good', reason: 'heard', deadline: s(1_000), turning: null },
    ],
    [
      'two signs',
      { seen: s(999), signs: { count: 2, first: s(990) } },
      { state: 'good', reason: 'heard', deadline: s(1_059), turning: null },
    ],
    [
      'came up and broke again',
      { seen: s(980), session: 'lost', sessionAt: s(990), signs: { count: 2, first: s(970) } },
      { state: 'bad', reason: 'silent', deadline: null, turning: null },
    ],
    [
      'one sign and silent again',
      { seen: s(900), signs: { count: 1, first: s(900) } },
      { state: 'bad', reason: 'silent', deadline: null, turning: null },
    ],
  ])('coming back: %s', (_, input, verdict) => {
    expect(judgeLink({ ...dead, ...input })).toEqual(verdict);
  });
});

describe('data', () => {
  const base: DataInput = {
    now: s(1_000),
    state: 'good',
    turning: null,
    value: s(990),
    freshWithin: s(100),
    link: 'good',
    linkDeadline: null,
    returnedAt: null,
    policy,
  };
  it.each<[string, Partial<DataInput>, string, string, number | null]>([
    ['fresh', {}, 'good', 'fresh', s(1_090)],
    ['its window is over', { value: s(900) }, 'bad', 'stale', null],
    [
      'the device is under suspicion',
      { value: s(900), link: 'suspect', linkDeadline: s(1_020) },
      'good',
      'deviceSilent',
      s(1_021),
    ],
    ['the device is dead', { value: s(900), link: 'bad' }, 'unknown', 'deviceOffline', null],
    ['stale before the device died', { state: 'bad', value: s(100), link: 'bad' }, 'bad', 'stale', null],
    ['the device is back, the value is not', { value: s(900), returnedAt: s(995) }, 'unknown', 'awaited', s(1_095)],
    ['still awaited', { state: 'unknown', turning: s(950), value: s(940) }, 'unknown', 'awaited', s(1_050)],
    ['awaited in vain', { state: 'unknown', turning: s(900), value: s(899) }, 'bad', 'stale', null],
    ['awaited and here', { state: 'unknown', turning: s(950), value: s(960) }, 'good', 'fresh', s(1_060)],
    ['one value after staleness', { state: 'bad' }, 'bad', 'stale', s(1_050)],
    ['a second value', { state: 'bad', turning: s(980) }, 'good', 'fresh', s(1_090)],
    ['one value that lasted', { state: 'bad', turning: s(930), value: s(930) }, 'good', 'fresh', s(1_030)],
  ])('%s', (_, input, state, reason, deadline) => {
    expect(judgeData({ ...base, ...input })).toMatchObject({ state, reason, deadline });
  });
});

describe('probe', () => {
  const base: ProbeInput = {
    now: s(1_000),
    state: 'good',
    reason: 'ok',
    ok: false,
    lastReason: 'timeout',
    failures: 1,
    firstFailure: s(1_000),
    lastFailure: s(1_000),
    signs: NONE,
    policy,
  };
  it.each<[string, Partial<ProbeInput>, string, string]>([
    ['first failure', {}, 'suspect', 'timeout'],
    ['many failures within seconds', { failures: 9, firstFailure: s(990) }, 'suspect', 'timeout'],
    ['two failures over minutes', { failures: 2, firstFailure: s(700) }, 'suspect', 'timeout'],
    ['three failures over the hold', { failures: 3, firstFailure: s(910) }, 'bad', 'timeout'],
    [
      'dead, for another reason now',
      { state: 'bad', reason: 'timeout', lastReason: 'wrongPassword' },
      'bad',
      'wrongPassword',
    ],
    ['suspect and well again', { state: 'suspect', ok: true, failures: 0 }, 'good', 'ok'],
    [
      'dead, one success',
      { state: 'bad', reason: 'timeout', ok: true, signs: { count: 1, first: s(999) } },
      'bad',
      'timeout',
    ],
    ['dead, two successes', { state: 'bad', ok: true, signs: { count: 2, first: s(999) } }, 'good', 'ok'],
    ['dead, a success that lasted', { state: 'bad', ok: true, signs: { count: 1, first: s(940) } }, 'good', 'ok'],
    ['forbidden by us', { ok: false, lastReason: 'targetNotAllowed', failures: 9 }, 'unknown', 'targetNotAllowed'],
    [
      'dead, then forbidden by us',
      { state: 'bad', reason: 'timeout', ok: false, lastReason: 'targetNotAllowed' },
      'bad',
      'timeout',
    ],
  ])('%s', (_, input, state, reason) => {
    expect(judgeProbe({ ...base, ...input })).toMatchObject({ state, reason });
  });
});

describe('overall', () => {
  const good: Verdict = { state: 'good', reason: 'heard', deadline: null, turning: null };
  const bad: Verdict = { ...good, state: 'bad', reason: 'silent' };
  const base: Findings = {
    link: good,
    probe: null,
    staleMetrics: [],
    dataTurning: false,
    flapping: null,
    alarms: [],
    clockSkew: false,
    everSeen: true,
  };
  it.each<[string, Partial<Findings>, string, string, boolean]>([
    ['well', {}, 'online', 'heard', false],
    ['nothing known', { link: null }, 'unknown', 'neverSeen', false],
    ['skewed', { clockSkew: true }, 'degraded', 'clockSkew', false],
    ['alarm before skew', { clockSkew: true, alarms: ['overHeat'] }, 'degraded', 'overHeat', false],
    ['flapping before stale', { flapping: 'flapping', staleMetrics: ['power'] }, 'flapping', 'flapping', false],
    ['stale before alarm', { staleMetrics: ['power'], alarms: ['overHeat'] }, 'stale', 'stale', false],
    ['offline before stale', { link: bad, staleMetrics: ['power'] }, 'offline', 'silent', false],
    ['heard, but its picture is dead', { probe: { ...bad, reason: 'timeout' } }, 'offline', 'timeout', false],
    ['suspect', { link: { ...good, state: 'suspect', reason: 'closed' } }, 'online', 'closed', true],
    ['coming back', { link: { ...bad, turning: 5 } }, 'offline', 'silent', true],
    [
      'known well, then forbidden by us',
      { link: null, probe: { ...good, state: 'unknown', reason: 'targetNotAllowed' } },
      'unknown',
      'targetNotAllowed',
      false,
    ],
    [
      'first probe ever fails',
      { link: null, probe: { ...good, state: 'suspect', reason: 'timeout' }, everSeen: false },
      'unknown',
      'timeout',
      true,
    ],
  ])('%s', (_, findings, state, reason, suspect) => {
    expect(overall({ ...base, ...findings })).toEqual({ state, reason, suspect });
  });
});

it('marks a clock more than two minutes out, and lets it go well below', () => {
  expect([
    isSkewed(false, 120_000),
    isSkewed(false, -120_001),
    isSkewed(true, 110_000),
    isSkewed(true, 90_000),
  ]).toEqual([false, true, true, false]);
});
