import type { Clock, Logger } from '../../../../adapters/adapter.ts';
import { SYSTEM } from '../../domain/actor.ts';
import { type Notice, OF_NO_DEVICE } from '../../domain/notice.ts';
import type { Transactor, Tx } from '../../domain/tx.ts';
import { text } from '../../messages/index.ts';
import type { AuditStore, BusyActor } from './ports.ts';

export const BULK_WINDOW_MS = 600_000;

/** What is proven and changes no object: looking, steering, asking. */
const QUIET_ACTIONS = [
  ...['login', 'loginFailed', 'logout', 'accessDenied', 'view', 'export', 'download', 'downloadClip'],
  ...['move', 'stop', 'preset', 'reboot', 'command', 'commandResult', 'checkPicture', 'probe', 'discover', 'cancel'],
  ...['verify', 'call', 'alert', 'bulkAlert'],
];

/**
 * Tells when one person or vendor changes or removes very many objects in a short time: once a burst, by a notice and an
 * entry. The records themselves are counted, so no way of changing things goes round it and a restart forgets nothing.
 */
export function createBulkWatch(deps: {
  readonly db: Transactor;
  readonly audit: Pick<AuditStore, 'append' | 'busyActors' | 'head' | 'list'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly limit: () => number;
  readonly notices: (tx: Tx, notices: readonly Notice[]) => Promise<void>;
}): () => Promise<void> {
  const { db, audit, clock, log } = deps;
  let told: Set<string> | undefined;
  let seenSeq = -1;

  /** Bursts told before a restart; they may still go on. */
  const remembered = async (now: number) => {
    const { items } = await audit.list(db.autocommit, {
      limit: 100,
      action: 'bulkAlert',
      resource: 'audit',
      from: now - BULK_WINDOW_MS,
    });
    return new Set(items.map(({ resourceId }) => resourceId ?? ''));
  };

  const tell = (busy: BusyActor, limit: number, now: number) =>
    db.transaction(async (tx) => {
      const after = { count: busy.count, limit, minutes: BULK_WINDOW_MS / 60_000, lastSeq: busy.lastSeq };
      log.warn({ actor: busy.actor, ...after }, 'very many changes by one actor');
      await audit.append(tx, [
        { at: now, actor: SYSTEM, action: 'bulkAlert', resource: 'audit', resourceId: busy.actor, after },
      ]);
      await deps.notices(tx, [noticeOf(busy, now)]);
    });

  return async () => {
    const now = clock.now();
    told ??= await remembered(now);
    const head = await audit.head(db.autocommit);
    if (head?.seq === seenSeq && told.size === 0) return;
    const limit = deps.limit();
    const busy = await audit.busyActors(db.autocommit, now - BULK_WINDOW_MS, limit, QUIET_ACTIONS);
    for (const one of busy) {
      if (told.has(one.actor)) continue;
      await tell(one, limit, now);
      told.add(one.actor);
    }
    told = new Set([...told].filter((actor) => busy.some((one) => one.actor === actor)));
    seenSeq = head?.seq ?? -1;
  };
}

function noticeOf(busy: BusyActor, at: number): Notice {
  const subject = `bulk:${busy.actor}:${busy.lastSeq}`;
  return {
    ...OF_NO_DEVICE,
    key: subject,
    subject,
    fault: 'bulkChanges',
    severity: 'major',
    priority: 'urgent',
    login: {
      userId: busy.actor.startsWith('user:') ? busy.actor.slice('user:'.length) : null,
      who: text('zh-CN', 'audit.bulk.who', { name: busy.actorName, count: busy.count }),
      address: null,
    },
    reason: null,
    advice: null,
    at,
  };
}
