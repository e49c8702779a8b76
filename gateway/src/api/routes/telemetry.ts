import Type from 'typebox';
import type { Actor } from '../../domain/actor.ts';
import { eventTitle } from '../../domain/camera-events.ts';
import { metricInfo } from '../../domain/device-type/index.ts';
import { DURATION_PATTERN, parseDuration } from '../../domain/duration.ts';
import type { TimeRange } from '../../domain/page.ts';
import { may } from '../../domain/permission.ts';
import { dayStartOf } from '../../domain/zoned-time.ts';
import { GatewayError } from '../../errors.ts';
import { codeText } from '../../messages/index.ts';
import type { RouteContext } from '../deps.ts';
import { page } from '../lists.ts';
import { route } from '../route.ts';
import { Enum, Strict } from '../schema.ts';
import {
  AGGREGATES,
  DeviceEventView,
  DeviceParams,
  LatestView,
  TelemetryView,
  TimelineEntryView,
} from '../schemas/device.ts';
import type { Times } from '../times.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export const rangeQuery = {
  from: Type.Optional(Type.String({ maxLength: 40, description: 'ISO 8601 with offset, or epoch milliseconds' })),
  to: Type.Optional(Type.String({ maxLength: 40, description: 'ISO 8601 with offset, or epoch milliseconds' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000, default: 100 })),
  cursor: Type.Optional(Type.String({ maxLength: 1_000 })),
};

interface RangeInput {
  readonly from?: string;
  readonly to?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

/** Reads the two times; `from` must lie before `to`. */
export function readRange(query: RangeInput, times: Times): TimeRange {
  const from = query.from === undefined ? undefined : times.parse(query.from, 'from');
  const to = query.to === undefined ? undefined : times.parse(query.to, 'to');
  if (from !== undefined && to !== undefined && from >= to) {
    const message = 'from 须早于 to / from must be earlier than to';
    throw new GatewayError('INVALID_INPUT', message, { errors: [{ path: 'from', code: 'range', message }] });
  }
  return {
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(query.limit === undefined ? {} : { limit: query.limit }),
    ...(query.cursor === undefined ? {} : { cursor: query.cursor }),
  };
}

const TelemetryQueryInput = Strict({
  ...rangeQuery,
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000, default: 1_000, description: 'Points a page' })),
  metrics: Type.Optional(Type.String({ maxLength: 4_000, description: 'Comma-separated; absent = all' })),
  bucket: Type.Optional(Type.String({ pattern: DURATION_PATTERN, description: 'e.g. `5m`; absent = raw points' })),
  agg: Type.Optional(Enum(AGGREGATES, { description: 'With bucket; text only `last` and `count`' })),
});

export const telemetryRoutes = ({
  clock,
  services: { db, devices, deviceTypes, reads, series },
  times,
}: RouteContext) => [
  route({
    method: 'GET',
    url: '/devices/:id/telemetry',
    access: 'telemetry:read',
    operationId: 'getTelemetry',
    tag: 'telemetry',
    summary: 'Readings of a device, raw or aggregated; the last 24 hours unless said otherwise',
    params: DeviceParams,
    query: TelemetryQueryInput,
    ok: TelemetryView,
    problems: ['NOT_FOUND'],
    async handler({ caller, params, query }) {
      const range = readRange(query, times);
      const to = range.to ?? Math.max(clock.now(), (range.from ?? 0) + 1);
      const bucket = query.bucket === undefined ? undefined : parseDuration(query.bucket);
      if (bucket !== undefined && bucket < 1_000) throw tooFine();
      const device = await devices.get(caller, params.id);
      const from = range.from ?? to - DAY_MS;
      const agg = query.agg ?? 'avg';
      const found = await series.query({
        device: device.key,
        from,
        to,
        limit: query.limit ?? 1_000,
        ...(query.cursor === undefined ? {} : { cursor: query.cursor }),
        ...(query.metrics === undefined ? {} : { metrics: query.metrics.split(',') }),
        ...(bucket === undefined ? {} : { bucket: { ms: bucket, agg, origin: bucketOrigin(bucket, from, times) } }),
      });
      const shape = bucket === undefined ? { bucket: null, agg: null } : { bucket, agg };
      return { deviceId: device.id, from, to, ...shape, ...found, source: found.source ?? 'raw' };
    },
  }),
  route({
    method: 'GET',
    url: '/devices/:id/latest',
    access: 'telemetry:read',
    operationId: 'getLatest',
    tag: 'telemetry',
    summary: 'Newest value of every metric',
    params: DeviceParams,
    ok: LatestView,
    problems: ['NOT_FOUND'],
    async handler({ caller, params }) {
      const device = await devices.get(caller, params.id);
      const type = deviceTypes.get(device.type);
      const now = clock.now();
      const metrics = (await series.latest(device.key)).map(({ metric, ...reading }) => {
        const window =
          device.healthPolicy?.freshWithin?.[metric] ?? (type ? metricInfo(type, metric)?.freshWithin : undefined);
        // Without a window silence of this metric is no fault, so its value does not age. What was history when it came
        // (补报, a replay) is not fresh because it came just now.
        const fresh =
          window == null || (now - reading.receivedAt <= window && reading.receivedAt - reading.time <= window);
        return [metric, { ...reading, fresh }] as const;
      });
      return { metrics: Object.fromEntries(metrics) };
    },
  }),
  route({
    method: 'GET',
    url: '/devices/:id/events',
    access: 'telemetry:read',
    operationId: 'listDeviceEvents',
    tag: 'telemetry',
    summary: 'Events of a device, newest first',
    params: DeviceParams,
    query: Strict(rangeQuery),
    ok: page(DeviceEventView),
    problems: ['NOT_FOUND'],
    async handler({ caller, params, query, language }) {
      const device = await devices.get(caller, params.id);
      const found = await reads.events(db.autocommit, device.key, readRange(query, times));
      const declared = deviceTypes.get(device.type)?.events;
      const items = found.items.map((event) => {
        const title = eventTitle(event.code, declared);
        return { ...event, title: title === undefined ? null : codeText(language, event.code, title) };
      });
      return { ...found, items };
    },
  }),
  route({
    method: 'GET',
    url: '/devices/:id/timeline',
    access: 'devices:read',
    operationId: 'getDeviceTimeline',
    tag: 'devices',
    summary: 'Everything that happened to a device, newest first',
    params: DeviceParams,
    query: Strict(rangeQuery),
    ok: page(TimelineEntryView),
    problems: ['NOT_FOUND'],
    async handler({ caller, params, query }) {
      const device = await devices.get(caller, params.id);
      return reads.timeline(db.autocommit, device.key, { ...readRange(query, times), kinds: kindsFor(caller) });
    },
  }),
];

/** What was found and what was said in a ticket is told to whoever may read it elsewhere too. */
function kindsFor(caller: Actor): string[] {
  return [
    ...['lifecycle', 'health', 'event', 'change'],
    ...(may(caller, 'incidents', 'read') ? ['incident'] : []),
    ...(may(caller, 'tickets', 'read') ? ['ticket'] : []),
  ];
}

/** Buckets of whole hours begin at midnight where people look at them, so that none of half a day holds parts of two; finer ones on the hour. */
function bucketOrigin(bucket: number, from: number, times: Times): number {
  return bucket % HOUR_MS === 0 ? dayStartOf(times.timeZone, from) : 0;
}

function tooFine(): GatewayError {
  const message = 'bucket 不小于 1s / bucket must be at least 1s';
  return new GatewayError('INVALID_INPUT', message, { errors: [{ path: 'bucket', code: 'range', message }] });
}
