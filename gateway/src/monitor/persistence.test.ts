import { expect, it } from 'vitest';
import { createManualClock } from '../clock.ts';
import type { Tx } from '../domain/tx.ts';
import { GatewayError } from '../errors.ts';
import { createClocks } from './clocks.ts';
import { createEventQueue } from './events.ts';
import { createMemory } from './memory.ts';
import { createPersistence } from './persistence.ts';
import type { HealthStore } from './ports.ts';
import { statusOf } from './status.ts';

function rig() {
  const clock = createManualClock();
  const clocks = createClocks({ clock, oldestUndrainedAt: () => null, stallMs: null });
  clocks.clear('mqtt');
  const memory = createMemory();
  const touched = new Set([1, 2, 3, 4].map((key) => memory.obtain(key, 'mqtt')));
  const saved = new Set<number>();
  let refusal: unknown;
  const store = {
    async saveSeen(_tx, rows) {
      if (refusal && rows.some(({ device }) => device === 2)) throw refusal;
      for (const { device } of rows) saved.add(device);
    },
    saveMarks: async () => undefined,
    saveBlind: async () => undefined,
  } satisfies Partial<HealthStore>;
  const refuse = (error: unknown) => {
    refusal = error;
  };
  const tx = {} as Tx;
  const persistence = createPersistence({
    store: store as unknown as HealthStore,
    transactor: { autocommit: tx, transaction: (work) => work(tx) },
    clocks,
    memory,
    touched,
    pending: new Set(),
    remembered: new Set(),
    directory: { get: () => undefined },
    types: { get: () => undefined },
    restored: () => undefined,
    events: createEventQueue(),
    lifeSafety: createEventQueue(),
  });
  return { clock, clocks, persistence, saved, touched, refuse };
}

it('a row that cannot be saved holds up no other and stops no clock, and is said', async () => {
  const { clock, clocks, persistence, saved, touched, refuse } = rig();
  const began = clocks.now('mqtt');
  refuse(new Error('invalid byte sequence'));
  for (let i = 0; i < 3; i++) {
    clock.advance(2_000);
    await persistence.flush();
  }
  expect([...saved]).toEqual([1, 3, 4]);
  expect([...touched].map(({ key }) => key)).toEqual([2]);
  expect(clocks.now('mqtt') - began).toBe(6_000);
  expect(statusOf([], clocks.blind(), persistence.trouble())).toMatchObject({
    state: 'degraded',
    reason: 'NOT_SAVED',
    trouble: 'invalid byte sequence',
  });
  refuse(undefined);
  await persistence.flush();
  expect(persistence.trouble()).toBeNull();
  expect(statusOf([], clocks.blind(), persistence.trouble())).toMatchObject({ state: 'ready', reason: 'ok' });
});

it('a database that is away makes every path blind until it answers', async () => {
  const { clock, clocks, persistence, refuse } = rig();
  const began = clocks.now('mqtt');
  refuse(new GatewayError('UNAVAILABLE', 'database: away'));
  await expect(persistence.flush()).rejects.toThrow('away');
  clock.advance(60_000);
  clocks.tick();
  expect(clocks.now('mqtt') - began).toBe(0);
  expect(statusOf([], clocks.blind(), null)).toMatchObject({
    reason: 'BLIND',
    paths: [{ path: 'mqtt', state: 'blind', reasons: ['databaseDown'] }],
  });
  refuse(undefined);
  await persistence.flush();
  expect(clocks.blind()).toEqual([]);
});
