import { isDeepStrictEqual } from 'node:util';
import type { Clock, Logger } from '../../../adapters/adapter.ts';
import { type Actor, actorText } from '../domain/actor.ts';
import type { AuditPort } from '../domain/audit.ts';
import { LIFECYCLE_RIGHTS, type Lifecycle, type LifecycleAction } from '../domain/device.ts';
import type { DeviceRecord } from '../domain/device-record.ts';
import type { Transactor, Tx } from '../domain/tx.ts';
import type { Directory } from './directory.ts';
import type { DeviceReactions, DeviceStore } from './ports.ts';

/** One device before and after a change. */
export interface Change {
  readonly before: DeviceRecord;
  readonly after: DeviceRecord;
}

/** The stage an action leads to, or undefined with the actions that are possible instead. */
export function nextLifecycle(
  from: Lifecycle,
  action: LifecycleAction,
): { readonly next: Lifecycle | undefined; readonly allowed: LifecycleAction[] } {
  const next: Partial<Record<LifecycleAction, Lifecycle>> = LIFECYCLE_RIGHTS[from].next;
  return { next: next[action], allowed: Object.keys(next) as LifecycleAction[] };
}

const HIDDEN = new Set(['key', 'revision', 'updatedAt', 'secretHash', 'connectionSecret', 'parentKey', 'lifecycleAt']);

/** The fields that differ, without anything secret; a changed secret is named, never shown. */
export function difference({ before, after }: Change): { before: object; after: object } {
  const was: Record<string, unknown> = {};
  const is: Record<string, unknown> = {};
  for (const field of Object.keys(after) as (keyof DeviceRecord)[]) {
    if (HIDDEN.has(field) || isDeepStrictEqual(before[field], after[field])) continue;
    was[field] = before[field];
    is[field] = after[field];
  }
  if (before.connectionSecret !== after.connectionSecret)
    is.connectionPassword = after.connectionSecret ? 'set' : 'cleared';
  if (before.secretHash !== after.secretHash) is.credentials = 'rotated';
  return { before: was, after: is };
}

/** Saves changed devices with their history and audit entries, in the caller's transaction. */
export async function saveTurns(
  tx: Tx,
  actor: Actor,
  changes: readonly Change[],
  turn: { what: string; reason: string | null },
  deps: { devices: DeviceStore; audit: AuditPort; clock: Clock },
): Promise<void> {
  if (changes.length === 0) return;
  const at = deps.clock.now();
  await deps.devices.save(
    tx,
    changes.map(({ after }) => after),
  );
  const entries = changes.map((change) => ({ key: change.after.key, id: change.after.id, ...difference(change) }));
  await deps.devices.addTurns(
    tx,
    entries.map(({ key, before, after }) => ({ device: key, at, by: actorText(actor), ...turn, before, after })),
  );
  await deps.audit.append(
    tx,
    entries.map(({ id, before, after }) => ({
      at,
      actor,
      action: turn.what,
      resource: 'devices',
      resourceId: id,
      reason: turn.reason,
      before,
      after,
    })),
  );
}

/** After the commit: memory first, so that a new secret or stage counts before anyone is told; `cut` is what a live session hears. */
export async function followTurns(
  changes: readonly Change[],
  cut: string | null,
  deps: { db: Transactor; directory: Directory; reactions: DeviceReactions; log: Logger },
): Promise<void> {
  await deps.directory.refresh(
    deps.db.autocommit,
    changes.map(({ after }) => after.key),
  );
  for (const { before, after } of changes) {
    const lost = LIFECYCLE_RIGHTS[before.lifecycle].mayConnect && !LIFECYCLE_RIGHTS[after.lifecycle].mayConnect;
    if (lost || before.secretHash !== after.secretHash) {
      try {
        await deps.reactions.disconnect(after.id, cut ?? after.lifecycle);
      } catch (error) {
        // The change stands and a new secret must reach its owner; the old session has lost its topic rights anyway.
        deps.log.error({ deviceId: after.id, error }, 'the live session could not be cut');
      }
    }
  }
}
