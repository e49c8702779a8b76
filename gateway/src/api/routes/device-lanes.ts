import { may } from '../../domain/permission.ts';
import { GatewayError } from '../../errors.ts';
import type { RouteContext } from '../deps.ts';
import { route } from '../route.ts';
import { Strict } from '../schema.ts';
import { DeviceParams } from '../schemas/device.ts';
import { DeviceLanesView } from '../schemas/device-lanes.ts';
import { rangeQuery, readRange } from './telemetry.ts';

const DAY_MS = 86_400_000;
const MOST_DAYS = 62;

export const deviceLaneRoutes = ({ clock, services: { db, devices, quiet, reads }, times }: RouteContext) => [
  route({
    method: 'GET',
    url: '/devices/:id/lanes',
    access: 'devices:read',
    operationId: 'getDeviceLanes',
    tag: 'devices',
    summary: 'What held for a device from when to when, side by side; the last 24 hours unless said otherwise',
    description: `At most ${MOST_DAYS} days. What the caller may not read elsewhere (incidents, tickets, maintenance) is left out.`,
    params: DeviceParams,
    query: Strict({ from: rangeQuery.from, to: rangeQuery.to }),
    ok: DeviceLanesView,
    problems: ['NOT_FOUND'],
    async handler({ caller, params, query }) {
      const range = readRange(query, times);
      const now = clock.now();
      const to = Math.min(range.to ?? now, now);
      const from = range.from ?? to - DAY_MS;
      if (from >= to || to - from > MOST_DAYS * DAY_MS) throw badSpan();
      const device = await devices.get(caller, params.id);
      const { blind, ...lanes } = await reads.lanes(db.autocommit, device, {
        from,
        to,
        incidents: may(caller, 'incidents', 'read'),
        reader: may(caller, 'tickets', 'read') ? { scope: caller.scope, userId: caller.id } : null,
      });
      return {
        deviceId: device.id,
        from,
        to,
        ...lanes,
        quiet: await quiet.spansOf(caller, device.key, { from, to }),
        blind: blind.map(([begin, end]) => ({ from: begin, to: end })),
      };
    },
  }),
];

function badSpan(): GatewayError {
  const message = `时段须早于现在，且不超过 ${MOST_DAYS} 天 / The span must lie before now and hold at most ${MOST_DAYS} days`;
  return new GatewayError('INVALID_INPUT', message, { errors: [{ path: 'from', code: 'range', message }] });
}
