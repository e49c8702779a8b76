import Type from 'typebox';
import type { RouteContext } from '../deps.ts';
import { route } from '../route.ts';

export const updateRoutes = ({ updates }: RouteContext) => [
  route({
    method: 'GET',
    url: '/updates',
    access: 'login',
    operationId: 'followUpdates',
    tag: 'system',
    summary: 'Server-sent events: what may look different now',
    description:
      'Events `changed` with a JSON array of topics, and `alive` every 15 s. Says that something changed, never what. Ends after 10 minutes; browsers ask again by themselves.',
    produces: 'text/event-stream',
    ok: Type.String(),
    problems: ['TOO_MANY_REQUESTS'],
    handler: ({ caller, reply }) => {
      reply
        .type('text/event-stream; charset=utf-8')
        .header('cache-control', 'no-store')
        .header('x-accel-buffering', 'no');
      return updates.open(caller.id) as never;
    },
  }),
];
