import Type from 'typebox';
import { listQuery, page } from '../lists.ts';
import { route } from '../route.ts';
import { Enum, Strict } from '../schema.ts';
import { IdParams, IncidentView } from '../schemas/other.ts';
import type { RouteContext } from './index.ts';

export const incidentRoutes = ({ services: { incidents } }: RouteContext) => [
  route({
    method: 'GET',
    url: '/incidents',
    access: 'incidents:read',
    operationId: 'listIncidents',
    tag: 'incidents',
    summary: 'Incidents, newest first',
    query: Strict({
      ...listQuery,
      state: Type.Optional(Enum(['open', 'resolved'])),
      deviceId: Type.Optional(Type.String({ maxLength: 64 })),
    }),
    ok: page(IncidentView),
    handler: ({ caller, query }) => incidents.list(caller, query),
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
    handler: ({ caller, params }) => incidents.get(caller, params.id),
  }),
];
