import type { Clock, Logger } from '../../../adapters/adapter.ts';
import type { InterfaceState, Subscription } from '../domain/exchange.ts';
import { type Notice, OF_NO_DEVICE } from '../domain/notice.ts';
import type { Transactor } from '../domain/tx.ts';
import { type Language, text } from '../messages/index.ts';
import { repeat, type Task } from '../schedule.ts';
import type { AddNotices, DeliveryStore } from './ports.ts';

const EVERY_MS = 10_000;
/** A platform that restarts is no alarm. */
const ALARM_AFTER_MS = 5 * 60_000;
/** What a round may take beyond two periods. */
const GRACE_MS = 60_000;

export interface InterfaceFigures {
  readonly backlog: number;
  readonly states: Readonly<Record<InterfaceState, number>>;
}

/** 接口状态监控: what state each interface is in, and whom to tell when it stays bad. */
export function createWatch(options: {
  readonly store: Pick<DeliveryStore, 'subscriptions' | 'dataSets' | 'setInterface'>;
  readonly transactor: Transactor;
  readonly notices: AddNotices;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onLooked?: (figures: InterfaceFigures) => void;
}) {
  const { store, transactor, clock, log } = options;
  let task: Task | undefined;

  async function look(): Promise<void> {
    const now = clock.now();
    const periods = new Map((await store.dataSets(transactor.autocommit)).map((set) => [set.id, set.period]));
    const states = { normal: 0, failing: 0, overdue: 0 };
    let backlog = 0;
    for (const subscription of await store.subscriptions(transactor.autocommit)) {
      const active = subscription.state === 'active';
      const state = active ? stateOf(subscription, periods.get(subscription.dataSet) ?? 0, now) : 'normal';
      if (active) {
        states[state] += 1;
        backlog += subscription.backlog;
      }
      await settle(subscription, state, now);
    }
    options.onLooked?.({ backlog, states });
  }

  async function settle(
    subscription: Subscription & { readonly alarmedSince: number | null },
    state: InterfaceState,
    now: number,
  ): Promise<void> {
    const since = subscription.interface === state ? subscription.interfaceSince : now;
    const { alarmedSince } = subscription;
    const raise = state !== 'normal' && alarmedSince === null && now - since >= ALARM_AFTER_MS;
    const end = state === 'normal' && alarmedSince !== null;
    if (!raise && !end && state === subscription.interface) return;
    await transactor.transaction(async (tx) => {
      const alarmed = raise ? since : end ? null : alarmedSince;
      await store.setInterface(tx, subscription.id, state, now, alarmed);
      if (raise) await options.notices(tx, [noticeOf(subscription, state, since, now)]);
      if (end) await options.notices(tx, [noticeOf(subscription, 'normal', alarmedSince, now)]);
    });
  }

  return {
    look,
    start() {
      task ??= repeat({ name: 'exchange watch', everyMs: EVERY_MS, log }, look);
    },
    stop: async () => task?.stop(),
  };
}

export function stateOf(of: Subscription, period: number, now: number): InterfaceState {
  if (of.failures > 0 || of.refused > 0) return 'failing';
  const last = of.completeAt ?? of.decidedAt ?? of.requestedAt;
  return now - last > 2 * period + GRACE_MS ? 'overdue' : 'normal';
}

function noticeOf(of: Subscription, state: InterfaceState, since: number, now: number): Notice {
  const over = state === 'normal';
  const words = (language: Language, key: 'Title' | 'Text') =>
    text(language, over ? `exchange.over${key}` : `exchange.${state}${key}`, {
      ...{ peer: of.peerName, dataSet: text(language, `exchange.set.${of.dataSet}`) },
      ...{ backlog: of.backlog, error: of.lastError ?? '-' },
    });
  const subject = `exchange:${of.id}`;
  return {
    ...OF_NO_DEVICE,
    ...{ key: `${subject}:${Math.round(since)}${over ? ':over' : ''}`, subject, event: over ? 'resolved' : 'firing' },
    ...{ fault: 'exchangeFailing', severity: 'major', priority: 'normal', reason: null, advice: null, at: now },
    report: {
      ...{ kind: 'exchangeFailing', period: new Date(since).toISOString() },
      title: { zh: words('zh-CN', 'Title'), en: words('en', 'Title') },
      text: { zh: words('zh-CN', 'Text'), en: words('en', 'Text') },
    },
  };
}
