import { AsyncLocalStorage } from 'node:async_hooks';
import { afterEach, expect, it } from 'vitest';
import { until } from '../../test/support/until.ts';
import { createSystemClock } from '../clock.ts';
import type { Leader, LeaderSession } from '../domain/leadership.ts';
import { createLifecycle, type Lifecycle } from '../lifecycle.ts';
import { createLogger } from '../log.ts';
import type { Foundation } from './foundation.ts';
import { createRoles } from './roles.ts';

const log = createLogger('silent');
let life: Lifecycle | undefined;
afterEach(() => life?.stop());

it('what a leader starts after it lost the leadership is fenced by the epoch it had', async () => {
  const leading = new AsyncLocalStorage<number>();
  let leader: Leader | undefined;
  const session: LeaderSession = {
    tryLock: async () => true,
    leader: async () => leader,
    async takeOver() {
      leader = { epoch: 3, node: 'us', since: 0 };
      return 3;
    },
    evictSilent: async () => false,
    close: async () => undefined,
  };
  const base = {
    config: { roles: ['monitor'] },
    clock: createSystemClock(),
    log,
    db: { kind: 'postgres', autocommit: {} },
    nodes: { self: { id: 'us', roles: ['monitor'] } },
    fence: { asLeader: <T>(epoch: number, work: () => T) => leading.run(epoch, work) },
    metrics: { leadership: () => undefined },
    secrets: { keyId: 'key' },
    ground: [],
    store: {
      bus: { subscribe: () => () => undefined, publish: async () => undefined },
      evidence: { sources: async () => [], read: async () => [] },
      leadership: { open: async () => session, agree: async () => 'key', say: async () => undefined },
    },
  } as unknown as Foundation;
  const monitor = { status: () => ({}), sweep: async () => undefined, flush: async () => undefined };
  const roles = createRoles(base, {
    monitor: () => monitor as never,
    backlog: () => ({ undrained: 0, oldestUndrainedAt: null }),
  });
  let goOn: () => void = () => undefined;
  const slow = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  let begun = false;
  let late: number | 'unfenced' | undefined;
  const parts = roles.partsOf([
    {
      name: 'slow',
      on: 'leader',
      start() {
        begun = true;
        return slow;
      },
    },
    {
      name: 'late',
      on: 'leader',
      start() {
        late = leading.getStore() ?? 'unfenced';
      },
    },
  ]);
  life = createLifecycle(parts, log);
  await life.start();
  await until('it leads and starts', () => begun);
  leader = { epoch: 4, node: 'another', since: 0 };
  await roles.lost;
  goOn();
  await until('the rest is started', () => late !== undefined);
  expect(late).toBe(3);
});
