import { afterEach, describe, expect, it } from 'vitest';
import { AdapterError, type CameraConnection } from '../../../adapters/adapter.ts';
import { createManualClock } from '../clock.ts';
import { createLogger } from '../log.ts';
import type { NoticedEvent } from './event-intake.ts';
import { createEventRounds, type EventPace, type EventRounds, lifetimeOf, waitOf } from './event-rounds.ts';
import { createEventVisits, type EventSource } from './event-visits.ts';
import type { ScheduledTarget } from './ports.ts';

interface Note {
  readonly id: number;
  readonly until: number;
}
const MOTION: NoticedEvent = { code: 'motion', state: true, operation: 'changed', source: null, at: null };
const connection = (host: string): CameraConnection => ({ protocol: 'onvif', host, username: 'a', password: 'b' });
const log = createLogger('silent');
const settled = () => new Promise((resolve) => setImmediate(resolve));
const why = (reason: string) => Object.assign(new Error(reason), { reason });

/** Cameras that do as the test says, and a note of what they were asked. */
function cameras() {
  const clock = createManualClock();
  const asked: string[] = [];
  const state = {
    lives: new Set<number>(),
    pending: [] as NoticedEvent[],
    fails: undefined as Error | undefined,
    none: false,
    full: false,
    forgets: false,
    inside: 0,
    most: 0,
  };
  let made = 0;
  const note = (name: string, host: string) => {
    asked.push(`${name} ${host}`);
    if (state.fails) throw state.fails;
  };
  const source: EventSource<Note> = {
    async subscribe({ host }, { lifetimeMs }) {
      note('subscribe', host);
      if (state.none) return 'unsupported';
      made += 1;
      if (!state.forgets) state.lives.add(made);
      return { id: made, until: clock.now() + lifetimeMs };
    },
    async pullEvents({ host }, subscription, { waitMs }, { signal }) {
      note('pull', host);
      if (!state.lives.has(subscription.id)) return 'lost';
      state.inside += 1;
      state.most = Math.max(state.most, state.inside);
      await settled();
      signal.throwIfAborted();
      state.inside -= 1;
      void waitMs;
      return { events: state.pending.splice(0), ignored: 0, full: state.full, subscription };
    },
    async renew({ host }, subscription, { lifetimeMs }) {
      note('renew', host);
      return state.lives.has(subscription.id) ? { ...subscription, until: clock.now() + lifetimeMs } : 'lost';
    },
    async unsubscribe({ host }, { id }) {
      note('unsubscribe', host);
      state.lives.delete(id);
    },
  };
  const taken: string[] = [];
  const doubts: number[] = [];
  const common = {
    source,
    until: ({ until }: Note) => until,
    take: (device: number, events: readonly NoticedEvent[]) => {
      for (const { code } of events) taken.push(`${device} ${code}`);
    },
    answers: (_device: number) => true,
    refusals: { standing: () => undefined as { detail: string; waitMs: number } | undefined },
    doubt: (device: number) => void doubts.push(device),
    clock,
    log,
  };
  return { clock, asked, state, taken, doubts, common };
}

function visiting(over: Partial<ReturnType<typeof cameras>['common']> = {}) {
  const rig = cameras();
  const visits = createEventVisits<Note>({ ...rig.common, ...over, waitMs: () => 1_000, lifetimeMs: () => 120_000 });
  const signal = new AbortController().signal;
  const visit = async (at = connection('cam')) => {
    rig.asked.length = 0;
    const said = await visits.visit(7, at, signal);
    return [said, ...rig.asked.map((each) => each.replace(' cam', ''))].join(', ');
  };
  return { ...rig, visits, visit };
}

describe('a visit', () => {
  it('subscribes once, pulls each time and prolongs in time', async () => {
    const { clock, state, taken, visit } = visiting();
    state.pending.push(MOTION);
    expect(await visit()).toBe('1 events, subscribe, pull');
    expect(await visit()).toBe('0 events, pull');
    clock.advance(70_000);
    expect(await visit()).toBe('0 events, pull, renew');
    clock.advance(121_000);
    // Nobody came for longer than the camera keeps it.
    expect(await visit()).toBe('0 events, subscribe, pull');
    expect(taken).toEqual(['7 motion']);
  });

  it('subscribes anew at once where the camera has forgotten, and leaves one alone that always does', async () => {
    const { clock, state, visit } = visiting();
    await visit();
    state.lives.clear();
    expect(await visit()).toBe('0 events, pull, subscribe, pull');
    state.lives.clear();
    state.forgets = true;
    expect(await visit()).toBe('serverError, pull, subscribe, pull');
    expect(await visit()).toBe('left alone');
    clock.advance(5_000);
    expect(await visit()).toBe('serverError, subscribe, pull');
  });

  it('fetches bounded portions from a camera that never ends', async () => {
    const { state, visit } = visiting();
    state.full = true;
    expect(await visit()).toBe('0 events, subscribe, pull, pull, pull, pull');
  });

  it('asks a camera without event service once a day, and its successor at once', async () => {
    const { clock, state, visit } = visiting();
    state.none = true;
    expect(await visit()).toBe('unsupported, subscribe');
    clock.advance(23 * 3_600_000);
    expect(await visit()).toBe('left alone');
    expect(await visit(connection('other'))).toContain('subscribe other');
    clock.advance(25 * 3_600_000);
    expect(await visit(connection('other'))).toContain('subscribe other');
  });

  it('pauses longer and longer after failures, until somebody says that the camera is back', async () => {
    const { clock, state, doubts, visits, visit } = visiting();
    await visit();
    state.fails = why('portClosed');
    expect(await visit()).toBe('portClosed, pull');
    clock.advance(5_000);
    expect(await visit()).toBe('portClosed, pull');
    clock.advance(5_000);
    expect(await visit()).toBe('left alone');
    expect(doubts).toEqual([7, 7]);
    state.fails = undefined;
    visits.forgive(7);
    // It was only out of reach: the subscription is still there.
    expect(await visit()).toBe('0 events, pull');
  });

  it('tries a login no further that was refused, and lets the probe judge it', async () => {
    const { clock, state, doubts, visit } = visiting();
    await visit();
    state.fails = why('wrongPassword');
    // Within a subscription it may be the camera's clock that was set.
    expect(await visit()).toBe('wrongPassword, pull');
    expect(doubts).toEqual([]);
    clock.advance(5_000);
    expect(await visit()).toBe('wrongPassword, subscribe');
    expect(doubts).toEqual([7]);
    clock.advance(299_000);
    expect(await visit()).toBe('left alone');
  });

  it('is not made to a camera whose probes fail or whose login stands refused', async () => {
    const silent = visiting({ answers: () => false });
    expect(await silent.visit()).toBe('left alone');
    const refused = visiting({ refusals: { standing: () => ({ detail: '', waitMs: 1 }) } });
    expect(await refused.visit()).toBe('left alone');
  });

  it('blames no camera for a shortage of our own', async () => {
    const { state, doubts, visit } = visiting();
    state.fails = new AdapterError('PARSER_BUSY', 'busy', { retry: true });
    expect(await visit()).toBe('PARSER_BUSY, subscribe');
    state.fails = undefined;
    expect(await visit()).toBe('0 events, subscribe, pull');
    expect(doubts).toEqual([]);
  });
});

describe('rounds over many cameras', () => {
  const running: EventRounds[] = [];
  afterEach(async () => {
    for (const rounds of running.splice(0)) await rounds.stop();
  });
  async function round(count: number, pace: EventPace) {
    const rig = cameras();
    const targets: ScheduledTarget[] = Array.from({ length: count }, (_, key) => ({
      deviceKey: key + 1,
      deviceId: `cam-${key + 1}`,
      connection: connection(`10.0.${key >> 8}.${key & 255}`),
      intervalMs: 30_000,
      parentKey: null,
    }));
    const forgotten: number[] = [];
    const listeners: ((keys: readonly number[]) => void)[] = [];
    const rounds = createEventRounds<Note>({
      ...rig.common,
      targets: {
        list: async () => targets,
        find: async (keys) => targets.filter(({ deviceKey }) => keys.includes(deviceKey)),
        onChange(listener) {
          listeners.push(listener);
          return () => undefined;
        },
      },
      pace: () => pace,
      forgotten: (device) => void forgotten.push(device),
    });
    running.push(rounds);
    await rounds.start();
    return { ...rig, rounds, targets, forgotten, listeners };
  }

  it('reach everybody in every round with no more sockets than allowed, and give all back', async () => {
    const { clock, state, asked, rounds } = await round(300, { everyMs: 2_000, atOnce: 8 });
    await expect
      .poll(
        () => {
          clock.advance(100);
          return new Set(asked.filter((each) => each.startsWith('pull'))).size;
        },
        { timeout: 20_000, interval: 5 },
      )
      .toBe(300);
    expect(state.most).toBeLessThanOrEqual(8);
    expect(rounds.stats()).toMatchObject({ cameras: 300, subscriptions: 300 });
    await rounds.stop();
    expect(state.lives.size).toBe(0);
  });

  it('visit nobody while switched off, and forget who is gone', async () => {
    const off = await round(3, { everyMs: 0, atOnce: 8 });
    off.clock.advance(60_000);
    await settled();
    expect(off.asked).toEqual([]);

    const { clock, targets, rounds, listeners, forgotten } = await round(2, { everyMs: 1_000, atOnce: 8 });
    const subscribed = () => {
      clock.advance(100);
      return rounds.stats().subscriptions;
    };
    await expect.poll(subscribed, { timeout: 10_000 }).toBe(2);
    targets.pop();
    for (const tell of listeners) tell([2]);
    await expect.poll(subscribed, { timeout: 10_000 }).toBe(1);
    expect(forgotten).toContain(2);
  });
});

describe('how long a pull waits', () => {
  it.each([
    [{ everyMs: 30_000, atOnce: 32 }, 1, 27_000],
    [{ everyMs: 30_000, atOnce: 32 }, 100, 7_280],
    [{ everyMs: 30_000, atOnce: 32 }, 10_000, 100],
    [{ everyMs: 3_600_000, atOnce: 512 }, 1, 50_000],
  ])('%o with %i cameras: %i ms', (pace, count, wait) => {
    expect(waitOf(pace, count)).toBe(wait);
  });

  it('and how long a subscription lives', () => {
    expect([5_000, 60_000, 3_600_000].map((everyMs) => lifetimeOf({ everyMs, atOnce: 1 }))).toEqual([
      120_000, 240_000, 600_000,
    ]);
  });
});
