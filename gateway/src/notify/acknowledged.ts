import type { Clock } from '../../../adapters/adapter.ts';
import { type Actor, actorText } from '../domain/actor.ts';
import type { AuditPort } from '../domain/audit.ts';
import { fieldError, refuseIf } from '../domain/input.ts';
import type { Notice } from '../domain/notice.ts';
import type { Transactor, Tx } from '../domain/tx.ts';
import { GatewayError } from '../errors.ts';
import { bilingual } from '../messages/index.ts';

export interface AcknowledgedStore {
  /** False when the incident is not open. */
  acknowledgeIncident(
    tx: Tx,
    one: { incidentId: string; at: number; by: string; byName: string; note: string | null; until: number },
  ): Promise<boolean>;
  /** What was told last of each incident that is open although its acknowledgement is over; each once. */
  acknowledgedOver(tx: Tx, now: number, limit: number): Promise<Notice[]>;
}

const USUAL_MS = 86_400_000;
const LONGEST_MS = 30 * 86_400_000;
const BATCH = 100;

/** Incidents that are not about life and limb: somebody knows and sees to it, for a time. */
export function createAcknowledged(options: {
  readonly store: AcknowledgedStore;
  readonly transactor: Transactor;
  readonly audit: AuditPort;
  readonly outbox: { add(tx: Tx, notices: readonly Notice[]): Promise<void> };
  readonly clock: Clock;
}) {
  const { store, transactor, audit, outbox, clock } = options;
  return {
    /** Whether the actor may see it is asked before. `until` absent = a day. */
    async acknowledgeIncident(actor: Actor, incidentId: string, input: { note?: string; until?: number }) {
      const now = clock.now();
      const until = input.until ?? now + USUAL_MS;
      if (until <= now || until > now + LONGEST_MS)
        refuseIf([fieldError('/until', 'range', 'acknowledge.until', { days: LONGEST_MS / USUAL_MS })]);
      const note = input.note ?? null;
      return transactor.transaction(async (tx) => {
        const row = { incidentId, at: now, by: actorText(actor), byName: actor.name, note, until };
        if (!(await store.acknowledgeIncident(tx, row)))
          throw new GatewayError('CONFLICT', bilingual('acknowledge.notOpen'));
        await audit.append(tx, [
          {
            at: now,
            actor,
            action: 'acknowledge',
            resource: 'incidents',
            resourceId: incidentId,
            after: { until: new Date(until).toISOString() },
            ...(note === null ? {} : { reason: note }),
          },
        ]);
        return { at: now, by: row.by, until };
      });
    },

    /** Tells once more what is open although somebody saw to it. Answers how many. */
    async tellAgain(): Promise<number> {
      const now = clock.now();
      return transactor.transaction(async (tx) => {
        const over = await store.acknowledgedOver(tx, now, BATCH);
        await outbox.add(
          tx,
          over.map((notice) => ({ ...notice, key: `${notice.key}~${Math.round(now)}`, again: true })),
        );
        return over.length;
      });
    },
  };
}
