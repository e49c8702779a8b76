import Type, { type Static } from 'typebox';
import { DURATION_PATTERN, parseDuration } from '../domain/duration.ts';
import { TICKET_KINDS, TICKET_PRIORITIES, TICKET_STAGES } from '../domain/ticket.ts';
import type { TicketFilter } from '../domain/ticket-rows.ts';
import { commaList, listQuery } from './lists.ts';
import { Enum } from './schema.ts';

const id = (description: string) => Type.Optional(Type.String({ maxLength: 64, description }));

/** What lists and tables of tickets are narrowed by; all must fit. */
export const ticketFilters = {
  q: listQuery.q,
  stage: Type.Optional(Type.String({ maxLength: 200, description: `Comma-separated: ${TICKET_STAGES.join(', ')}` })),
  kind: Type.Optional(Enum(TICKET_KINDS)),
  fault: id('Fault code'),
  overdue: Type.Optional(Type.Boolean()),
  orgId: id('Organisation'),
  incidentId: id('Incident'),
  deviceId: id('Device'),
  siteId: id('Site'),
  module: id('Module'),
  assigneeId: id('Person who handles it; `me` = the caller'),
  dueWithin: Type.Optional(
    Type.String({ pattern: DURATION_PATTERN, description: 'Its limit passes within this time, e.g. `2h`' }),
  ),
  priority: Type.Optional(Enum(TICKET_PRIORITIES)),
  cause: id('Cause code'),
  faultType: id('Fault type code'),
  mine: Type.Optional(Type.Boolean({ description: 'Assigned to or reported by the caller' })),
  drill: Type.Optional(Type.Boolean()),
  supervised: Type.Optional(Type.Boolean({ description: '督办' })),
  returned: Type.Optional(Type.Boolean({ description: 'Given back at least once' })),
  pending: Type.Optional(
    Enum(['extension', 'suspension', 'escalation'], {
      description: 'A request of this kind, or a step higher (视情), waits for a decision',
    }),
  ),
};
const Filters = Type.Object(ticketFilters);

/** The filter as the tickets take it. */
export function ticketFilterOf({ stage, dueWithin, ...rest }: Static<typeof Filters>): TicketFilter {
  const stages = commaList(stage, TICKET_STAGES, 'stage');
  const soon = dueWithin === undefined ? undefined : parseDuration(dueWithin);
  return { ...rest, ...(stages ? { stage: stages } : {}), ...(soon === undefined ? {} : { dueWithin: soon }) };
}
