import Type from 'typebox';
import { causeOf } from '../../domain/group-cause.ts';
import { SEVERITIES } from '../../domain/reading.ts';
import { GatewayError } from '../../errors.ts';
import type { Language } from '../../messages/index.ts';
import type { RouteContext } from '../deps.ts';
import { listQuery, page } from '../lists.ts';
import { route } from '../route.ts';
import { Enum, IdParams, Strict } from '../schema.ts';
import { IncidentView } from '../schemas/incident.ts';

export const incidentRoutes = ({ services: { db, reads } }: RouteContext) => [
  route({
    method: 'GET',
    url: '/incidents',
    access: 'incidents:read',
    operationId: 'listIncidents',
    tag: 'incidents',
    summary: 'Incidents, newest first',
    query: Strict({
      limit: listQuery.limit,
      cursor: listQuery.cursor,
      state: Type.Optional(
        Enum(['open', 'resolved', 'current'], { description: '`current`: open, or resolved in the last 5 minutes' }),
      ),
      deviceId: Type.Optional(Type.String({ maxLength: 64 })),
      severity: Type.Optional(Enum(SEVERITIES)),
      fault: Type.Optional(Type.String({ maxLength: 64 })),
      kind: Type.Optional(Enum(['device', 'group'])),
      suppressed: Type.Optional(Type.Boolean({ description: 'Whether something keeps it from making a ticket' })),
    }),
    ok: page(IncidentView),
    async handler({ caller, query, language }) {
      const found = await reads.incidents(db.autocommit, caller.scope, query);
      return { ...found, items: found.items.map((one) => told(one, language)) };
    },
  }),
  route({
    method: 'GET',
    url: '/incidents/:id',
    access: 'incidents:read',
    operationId: 'getIncident',
    tag: 'incidents',
    summary: 'One incident with members and evidence',
    params: IdParams,
    ok: IncidentView,
    problems: ['NOT_FOUND'],
    async handler({ caller, params, language }) {
      const found = await reads.incident(db.autocommit, caller.scope, params.id);
      if (!found) throw new GatewayError('NOT_FOUND');
      return told(found, language);
    },
  }),
];

/** The cause is kept in the first language; its figures and names stand in the evidence. */
function told<I extends { readonly cause: string | null; readonly evidence: readonly unknown[] }>(
  incident: I,
  language: Language,
): I {
  if (incident.cause === null) return incident;
  return { ...incident, cause: causeOf(language, incident.evidence) ?? incident.cause };
}
