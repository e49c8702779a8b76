import Type from 'typebox';
import { page } from '../lists.ts';
import { route } from '../route.ts';
import { Strict } from '../schema.ts';
import { QuarantineReplayBody, QuarantineView, ReplayResult } from '../schemas/other.ts';
import type { RouteContext } from './index.ts';
import { rangeQuery, readRange } from './telemetry.ts';

export const quarantineRoutes = ({ services: { quarantine }, times }: RouteContext) => [
  route({
    method: 'GET',
    url: '/quarantine',
    access: 'quarantine:read',
    operationId: 'listQuarantine',
    tag: 'quarantine',
    summary: 'Messages that were refused after they were kept, newest first',
    query: Strict({
      ...rangeQuery,
      code: Type.Optional(Type.String({ maxLength: 100 })),
      deviceId: Type.Optional(Type.String({ maxLength: 64 })),
    }),
    ok: page(QuarantineView),
    handler: ({ caller, query }) =>
      quarantine.list(caller, {
        ...readRange(query, times),
        ...(query.code === undefined ? {} : { code: query.code }),
        ...(query.deviceId === undefined ? {} : { deviceId: query.deviceId }),
      }),
  }),
  route({
    method: 'POST',
    url: '/quarantine/replay',
    access: 'quarantine:operate',
    operationId: 'replayQuarantine',
    tag: 'quarantine',
    summary: 'Feed quarantined messages through ingest again, by ids or by filter',
    body: QuarantineReplayBody,
    ok: ReplayResult,
    handler: ({ caller, body }) => quarantine.replay(caller, body),
  }),
];
