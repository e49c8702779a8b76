import type { RouteContext } from '../deps.ts';
import { route } from '../route.ts';
import { CapacityView, WhatIfQuery } from '../schemas/capacity.ts';

export const capacityRoutes = ({ services: { capacity } }: RouteContext) => [
  route({
    method: 'GET',
    url: '/system/capacity',
    access: 'settings:read',
    operationId: 'getCapacity',
    tag: 'system',
    summary: 'How full the disks are, what is kept how long, and what the next years take',
    description:
      'Everything is measured here; nothing is assumed. `forecast` is null until there is a whole day to go by, and answers what `devices`, `interval`, `rawDays` and `hourlyDays` ask.',
    query: WhatIfQuery,
    ok: CapacityView,
    handler: ({ caller, query: { devices = 1, interval = 1, rawDays, hourlyDays } }) =>
      capacity.report(caller, {
        devices,
        interval,
        ...(rawDays !== undefined && { rawDays }),
        ...(hourlyDays !== undefined && { hourlyDays }),
      }),
  }),
];
