import { randomUUID } from 'node:crypto';
import type { Clock, Logger } from '../../../../adapters/adapter.ts';
import type { Actor } from '../../domain/actor.ts';
import type { AuditPort } from '../../domain/audit.ts';
import type { DeviceKey } from '../../domain/device.ts';
import type { TimedPage } from '../../domain/page.ts';
import { requireRight } from '../../domain/permission.ts';
import type { Transactor } from '../../domain/tx.ts';
import type { Viewing, ViewingMode, ViewingQuery, ViewingUsage } from '../../domain/viewing.ts';
import type { CameraBook, ViewingStore } from './ports.ts';

/** A viewing nobody vouched for so long is over; heartbeats come every ten seconds. */
const ABANDONED_MS = 120_000;

export interface ViewingLog {
  /** Writes that somebody looks, before anything is shown, and answers the id. */
  begin(
    actor: Actor,
    device: { readonly key: DeviceKey; readonly id: string },
    what: { readonly mode: ViewingMode; readonly purpose: string },
  ): Promise<string>;
  touch(rows: readonly { id: string; at: number; bytes: number }[]): Promise<void>;
  end(id: string, end: { bytes: number; reason: string }): Promise<void>;
  /** A look that is over when it is written: one snapshot, one file. */
  recordViewing(
    actor: Actor,
    device: { readonly key: DeviceKey; readonly id: string },
    what: { readonly mode: ViewingMode; readonly purpose: string; readonly bytes: number },
  ): Promise<void>;
  /** Ends what a crash left open, at the time it was last seen. */
  sweep(): Promise<void>;
  /** Newest first, cut to what the actor may see. */
  list(actor: Actor, query: ViewingQuery): Promise<TimedPage<Viewing>>;
  /** The same for one camera; NOT_FOUND for a foreign one. */
  ofCamera(actor: Actor, deviceId: string, query: ViewingQuery): Promise<TimedPage<Viewing>>;
  usage(actor: Actor, range: { from: number; to: number }): Promise<ViewingUsage[]>;
}

/** 调阅登记: who looked at which camera, when, how long and what for. */
export function createViewingLog(deps: {
  readonly db: Transactor;
  readonly store: ViewingStore;
  readonly audit: AuditPort;
  readonly cameras: CameraBook;
  readonly clock: Clock;
  readonly log: Logger;
}): ViewingLog {
  const { db, store, clock } = deps;

  const begin: ViewingLog['begin'] = async (actor, device, { mode, purpose }) => {
    const id = randomUUID();
    const now = clock.now();
    await db.transaction(async (tx) => {
      await store.insert(tx, {
        id,
        device: device.key,
        userId: actor.id,
        userName: actor.name,
        address: actor.address,
        mode,
        purpose: purpose.trim(),
        startedAt: now,
      });
      await deps.audit.append(tx, [
        {
          at: now,
          actor,
          action: 'view',
          resource: 'cameras',
          resourceId: device.id,
          reason: purpose,
          after: { viewing: id, mode },
        },
      ]);
    });
    return id;
  };
  const end: ViewingLog['end'] = (id, { bytes, reason }) =>
    store.end(db.autocommit, id, { at: clock.now(), bytes, reason });

  return {
    begin,
    end,
    touch: (rows) => store.touch(db.autocommit, rows),
    async recordViewing(actor, device, { bytes, ...what }) {
      const id = await begin(actor, device, what);
      await end(id, { bytes, reason: 'done' });
    },
    async sweep() {
      const ended = await store.endAbandoned(db.autocommit, clock.now() - ABANDONED_MS);
      if (ended > 0) deps.log.info({ ended }, 'viewings without a sign of life were ended');
    },
    async list(actor, query) {
      requireRight(actor, 'viewings', 'read');
      return store.list(db.autocommit, actor.scope, query);
    },
    async ofCamera(actor, deviceId, query) {
      requireRight(actor, 'viewings', 'read');
      // Whoever checks the register needs no right to the cameras themselves; their scope still decides which there are.
      const { id } = await deps.cameras.get({ ...actor, rights: 'all' }, deviceId);
      return store.list(db.autocommit, actor.scope, { ...query, deviceId: id });
    },
    async usage(actor, range) {
      requireRight(actor, 'viewings', 'read');
      return store.usage(db.autocommit, actor.scope, range);
    },
  };
}
