import { isUtf8 } from 'node:buffer';
import Type from 'typebox';
import { metricTitle, REFUSALS, REMEDIES, type RefusalCode, toldDetail } from '../../domain/device-type/index.ts';
import type { QuarantineFilter } from '../../domain/quarantine-rows.ts';
import { GatewayError } from '../../errors.ts';
import type { RouteContext } from '../deps.ts';
import { page } from '../lists.ts';
import { route } from '../route.ts';
import { List, Strict } from '../schema.ts';
import { QuarantineReasonView, QuarantineReplayBody, QuarantineView, ReplayResult } from '../schemas/quarantine.ts';
import { rangeQuery, readRange } from './telemetry.ts';

const filterQuery = {
  code: Type.Optional(Type.String({ maxLength: 100 })),
  deviceId: Type.Optional(Type.String({ maxLength: 64 })),
  topic: Type.Optional(Type.String({ maxLength: 1_000 })),
  unattributed: Type.Optional(Type.Boolean({ description: 'Only messages in which no device could be found' })),
};

export const quarantineRoutes = ({ services: { db, reads, replay, deviceTypes }, times }: RouteContext) => [
  route({
    method: 'GET',
    url: '/quarantine',
    access: 'quarantine:read',
    operationId: 'listQuarantine',
    tag: 'quarantine',
    summary: 'Messages that were refused after they were kept, newest first',
    query: Strict({ ...rangeQuery, ...filterQuery }),
    ok: page(QuarantineView),
    async handler({ caller, query }) {
      const found = await reads.quarantine(db.autocommit, caller.scope, {
        ...readRange(query, times),
        ...filterOf(query),
      });
      return {
        ...found,
        items: found.items.map((row) => {
          const type = row.deviceType === null ? undefined : deviceTypes.get(row.deviceType);
          const told = toldDetail(row.detail, (metric) => type && metricTitle(type, metric));
          return { ...row, ...readable(row.payload), ...wordsOf(row.code), told };
        }),
      };
    },
  }),
  route({
    method: 'GET',
    url: '/quarantine/reasons',
    access: 'quarantine:read',
    operationId: 'listQuarantineReasons',
    tag: 'quarantine',
    summary: 'Why messages were refused, the most frequent reason first, with the remedy',
    query: Strict(filterQuery),
    ok: Type.Object({ items: List(QuarantineReasonView) }),
    async handler({ caller, query }) {
      const found = await reads.quarantineReasons(db.autocommit, caller.scope, filterOf(query));
      return { items: found.map((reason) => ({ ...reason, ...wordsOf(reason.code) })) };
    },
  }),
  route({
    method: 'POST',
    url: '/quarantine/replay',
    access: 'quarantine:operate',
    operationId: 'replayQuarantine',
    tag: 'quarantine',
    summary: 'Feed quarantined messages through ingest again, by ids or by filter; they keep their receive times',
    description:
      'At most 50,000 messages or 20 seconds a call; `remaining` says whether to call again. What fails again is quarantined anew.',
    body: QuarantineReplayBody,
    ok: ReplayResult,
    async handler({ caller, body }) {
      if ((body.ids === undefined) === (body.filter === undefined)) throw eitherOr();
      const which = body.ids ? { ids: body.ids } : { filter: body.filter ?? {} };
      return replay.run(caller, which);
    },
  }),
];

interface FilterQuery {
  readonly code?: string | undefined;
  readonly deviceId?: string | undefined;
  readonly topic?: string | undefined;
  readonly unattributed?: boolean | undefined;
}

const filterOf = ({ code, deviceId, topic, unattributed }: FilterQuery): QuarantineFilter => ({
  ...(code === undefined ? {} : { code }),
  ...(deviceId === undefined ? {} : { deviceId }),
  ...(topic === undefined ? {} : { topic }),
  ...(unattributed ? { unattributed: true } : {}),
});

/** What a refusal is called and what to do about it; null for those that are no fault of the message's own. */
function wordsOf(code: string) {
  const known = Object.hasOwn(REFUSALS, code) ? (code as RefusalCode) : null;
  return { title: known && REFUSALS[known].title, remedy: known && REMEDIES[known] };
}

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
