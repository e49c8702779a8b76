import { mapBackground } from '../../domain/map-tiles.ts';
import type { RouteContext } from '../deps.ts';
import { deviceFilterOf, deviceFilters } from '../device-filters.ts';
import { createMapPoints } from '../map-points.ts';
import { route } from '../route.ts';
import { Strict } from '../schema.ts';
import { MapBackgroundView, MapPointsView } from '../schemas/map.ts';

/** What the console's map is drawn from. */
export const mapRoutes = ({ services, clock, times }: RouteContext) => {
  const { db, reads, deviceTypes: types, settings } = services;
  const pointsOf = createMapPoints({ db, reads, types, clock });
  return [
    route({
      method: 'GET',
      url: '/map/points',
      access: 'devices:read',
      operationId: 'getMapPoints',
      tag: 'devices',
      summary: 'Every device of a filter that has a place, as columns',
      description:
        'At most 200,000, in one answer that is packed when the reader takes gzip. Without `lifecycle` retired and rejected devices are left out. ' +
        '`If-None-Match` with the `ETag` of an earlier answer is answered 304 while nothing has changed.',
      query: Strict(deviceFilters),
      ok: MapPointsView,
      async handler({ caller, query, request, reply }) {
        const { etag, plain, gzip } = await pointsOf(caller.scope, deviceFilterOf(query, caller, { services, times }));
        reply.header('etag', etag).header('vary', 'accept-encoding').header('cache-control', 'private, no-cache');
        if (request.headers['if-none-match']?.includes(etag)) return reply.code(304).send() as never;
        reply.type('application/json; charset=utf-8');
        if (!/\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) return plain as never;
        reply.header('content-encoding', 'gzip');
        return gzip as never;
      },
    }),
    route({
      method: 'GET',
      url: '/map/background',
      access: 'devices:read',
      operationId: 'getMapBackground',
      tag: 'devices',
      summary: 'What is drawn under the devices; the setting `mapTiles` in the words of a browser',
      ok: MapBackgroundView,
      handler: () => mapBackground(settings.current().mapTiles),
    }),
  ];
};
