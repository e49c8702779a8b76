import { join } from 'node:path';
import { createAuditService } from '../access/audit/audit.ts';
import { createBulkWatch } from '../access/audit/bulk-watch.ts';
import { createKeeper } from '../access/audit/keeper.ts';
import type { AuditDoorPort } from '../api/ports/audit.ts';
import type { Notice } from '../domain/notice.ts';
import type { Tx } from '../domain/tx.ts';
import { createZonedTime } from '../domain/zoned-time.ts';
import type { Foundation } from './foundation.ts';
import type { Identity } from './identity.ts';

export type Proof = ReturnType<typeof createProof>;

/** What proves the audit records themselves: anchors, checks, alerts, retention. */
export function createProof(
  base: Foundation,
  { access, settings }: Identity,
  notices: (tx: Tx, notices: readonly Notice[]) => Promise<void>,
) {
  const { config, clock, log, readiness, secrets: signer, store, db } = base;
  const { audit } = store;
  const localTime = createZonedTime(config.timeZone);
  const common = { db, audit, signer, clock, log, localTime, timeZone: config.timeZone };
  const keeper = createKeeper({
    ...common,
    directory: join(config.dataDir, 'audit-anchors'),
    notices,
    days: () => settings.current().auditDays,
    watchBulk: createBulkWatch({ ...common, notices, limit: () => settings.current().auditBulkLimit }),
    onState: (state, reason, detail) => readiness.set('audit', state, reason, detail),
    recovered: db.recovered,
  });
  const auditDoor: AuditDoorPort = {
    denied: ({ target, ...refusal }) => access.noteDenial({ ...refusal, target: target ?? '-' }),
    unproven: ({ actor, what, resource, target }) =>
      audit.append(db.autocommit, [
        { at: clock.now(), actor, action: 'call', resource, resourceId: target, after: { what } },
      ]),
  };
  return { keeper, audit: createAuditService({ ...common, keeper }), auditDoor };
}
