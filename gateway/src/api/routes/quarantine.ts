import { isUtf8 } from 'node:buffer';
import Type from 'typebox';
import { GatewayError } from '../../errors.ts';
import type { RouteContext } from '../deps.ts';
import { page } from '../lists.ts';
import { route } from '../route.ts';
import { Strict } from '../schema.ts';
import { QuarantineReplayBody, QuarantineView, ReplayResult } from '../schemas/quarantine.ts';
import { rangeQuery, readRange } from './telemetry.ts';

/** Messages of one replay; more are taken by repeating the call. */
const MOST = 5_000;

export const quarantineRoutes = ({ clock, services: { db, reads, replay }, times }: RouteContext) => [
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
    async handler({ caller, query }) {
      const found = await reads.quarantine(db.autocommit, caller.scope, {
        ...readRange(query, times),
        ...(query.code === undefined ? {} : { code: query.code }),
        ...(query.deviceId === undefined ? {} : { deviceId: query.deviceId }),
      });
      return { ...found, items: found.items.map((row) => ({ ...row, ...readable(row.payload) })) };
    },
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
    async handler({ caller, body }) {
      if ((body.ids === undefined) === (body.filter === undefined)) throw eitherOr();
      const which = body.ids ? { ids: body.ids } : { filter: body.filter ?? {} };
      const rows = await reads.replayable(db.autocommit, caller.scope, which, MOST);
      // Claimed first: two replays at once feed each message once. A crash in between leaves them claimed and listed.
      const claimed = new Set(
        await reads.markReplayed(
          db.autocommit,
          rows.map((row) => row.id),
          clock.now(),
        ),
      );
      const mine = rows.filter((row) => claimed.has(row.id));
      await replay.replay(
        mine.map(({ via, principal, topic, payload, receivedAt }) => ({ via, principal, topic, payload, receivedAt })),
      );
      return { replayed: mine.length };
    },
  }),
];

/** The bytes as text when they are UTF-8 that prints, else base64. */
function readable(payload: Uint8Array): { payload: string; payloadEncoding: 'text' | 'base64' } {
  const bytes = Buffer.from(payload);
  if (isUtf8(bytes) && !bytes.includes(0)) return { payload: bytes.toString('utf8'), payloadEncoding: 'text' };
  return { payload: bytes.toString('base64'), payloadEncoding: 'base64' };
}

function eitherOr(): GatewayError {
  const message = '请给出 ids 或 filter 之一 / Give either ids or filter';
  return new GatewayError('INVALID_INPUT', message, { errors: [{ path: '/', code: 'shape', message }] });
}
