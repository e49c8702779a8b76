import type { TicketActor } from '../domain/ticket-transition.ts';
import type { Tx } from '../domain/tx.ts';
import type { TicketStore } from './ports.ts';
import { refused } from './read.ts';

/**
 * A person of another unit takes the ticket along to theirs, which only a dispatcher may ask for: the unit that answers for
 * a ticket is always its person's. Answers the unit it moves to, undefined when it stays with `now`. A unit and a person
 * who is not of it are refused.
 */
export async function unitOfPerson(
  store: Pick<TicketStore, 'foreignUnit'>,
  tx: Tx,
  by: TicketActor,
  { assigneeId, handlerOrgId }: { readonly assigneeId?: string; readonly handlerOrgId?: string },
  now: string | null,
): Promise<string | undefined> {
  const unit = handlerOrgId ?? now;
  if (assigneeId === undefined || unit === null) return handlerOrgId;
  const theirs = await store.foreignUnit(tx, assigneeId, unit);
  if (theirs === null) return handlerOrgId;
  if (handlerOrgId !== undefined) throw refused('UNPROCESSABLE', 'personOfOthers', 'assigneeId', { unit: theirs });
  if (!by.duties.includes('dispatcher')) throw refused('FORBIDDEN', 'dispatcherNames', 'assigneeId');
  return theirs;
}
