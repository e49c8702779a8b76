import type { Clock } from '../../../adapters/adapter.ts';
import type { Actor } from '../domain/actor.ts';
import type { AuditEntry, AuditPort } from '../domain/audit.ts';
import type { TicketRecord } from '../domain/ticket.ts';
import type { Tx } from '../domain/tx.ts';

type Change = Pick<AuditEntry, 'reason' | 'before' | 'after'>;
type Attached = readonly { readonly kind: string }[];

/** Audit entries of what people do with tickets; what the gateway does by itself stands in the ticket's own history. */
export function createProofs({ audit, clock }: { readonly audit: AuditPort; readonly clock: Clock }) {
  const prove = (tx: Tx, actor: Actor, action: string, resourceId: string | null, change: Change) =>
    audit.append(tx, [{ at: clock.now(), actor, action, resource: 'tickets', resourceId, ...change }]);

  return {
    moved(
      tx: Tx,
      actor: Actor,
      before: TicketRecord,
      after: TicketRecord,
      input: { readonly note?: string; readonly evidence?: Attached },
    ) {
      const evidence = input.evidence?.length ?? 0;
      const change = { reason: input.note ?? null, before: told(before), after: { ...told(after), evidence } };
      return prove(tx, actor, 'transition', after.id, change);
    },
    did: (tx: Tx, actor: Actor, action: string, id: string | null, reason: string | null, after: unknown) =>
      prove(tx, actor, action, id, { reason, after }),
    created: (tx: Tx, actor: Actor, ticket: TicketRecord, deviceIds: readonly string[]) =>
      prove(tx, actor, 'create', ticket.id, { after: { ...told(ticket), deviceIds } }),
    commented: (tx: Tx, actor: Actor, id: string, text: string) => prove(tx, actor, 'comment', id, { reason: text }),
    attached: (tx: Tx, actor: Actor, id: string, evidence: Attached) =>
      prove(tx, actor, 'attach', id, { after: { evidence: evidence.map(({ kind }) => kind) } }),
  };
}

/** What of a ticket a person's step changes. */
function told({ stage, no, fault, handlerOrgId, assigneeId, cause, faultType }: TicketRecord) {
  return { no, fault, stage, handlerOrgId, assigneeId, cause, faultType };
}
