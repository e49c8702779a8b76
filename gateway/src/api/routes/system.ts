import { createHash, timingSafeEqual } from 'node:crypto';
import Type from 'typebox';
import { GatewayError } from '../../errors.ts';
import type { RouteContext } from '../deps.ts';
import { route } from '../route.ts';
import { Enum, List, Named, TimeOut } from '../schema.ts';

const PartState = Enum(['ready', 'degraded', 'down']);
const ReadyView = Named(
  'Readiness',
  Type.Object({
    status: PartState,
    parts: List(
      Type.Object({
        name: Type.String(),
        state: PartState,
        reason: Type.String({ description: 'Stable code' }),
        detail: Type.Optional(Type.String({ description: 'Only for callers who are logged in' })),
        since: TimeOut,
      }),
    ),
  }),
);

export const systemRoutes = ({ auth, config, metrics, readiness }: RouteContext) => [
  route({
    method: 'GET',
    url: '/healthz',
    root: true,
    access: 'public',
    operationId: 'getHealthz',
    tag: 'system',
    summary: 'Is the process alive',
    ok: Type.Object({ status: Enum(['ok']) }),
    handler: () => ({ status: 'ok' as const }),
  }),
  route({
    method: 'GET',
    url: '/readyz',
    root: true,
    access: 'public',
    operationId: 'getReadyz',
    tag: 'system',
    summary: 'Can the gateway work, part by part',
    description: '200 when ready or degraded, 503 when down. Strangers see codes only.',
    ok: ReadyView,
    alternative: 503,
    async handler({ request, reply }) {
      const snapshot = readiness.snapshot();
      // The answer must come while the database is away, so a failing login check counts as a stranger.
      const insider = await auth.identify(request).catch(() => undefined);
      if (snapshot.status === 'down') reply.code(503);
      return {
        status: snapshot.status,
        parts: snapshot.parts.map(({ detail, ...part }) =>
          insider && detail !== undefined ? { ...part, detail } : part,
        ),
      };
    },
  }),
  route({
    method: 'GET',
    url: '/metrics',
    root: true,
    access: 'public',
    operationId: 'getMetrics',
    tag: 'system',
    summary: 'Prometheus metrics',
    description: 'With `CGW_METRICS_TOKEN` set, that token is wanted as Bearer token. No device or vendor label.',
    produces: 'text/plain',
    problems: ['UNAUTHENTICATED'],
    ok: Type.String(),
    async handler({ request, reply }) {
      if (config.metricsToken && !sameToken(request.headers.authorization, config.metricsToken)) {
        throw new GatewayError('UNAUTHENTICATED');
      }
      reply.type(metrics.registry.contentType);
      return metrics.text();
    },
  }),
];

function sameToken(header: string | undefined, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(header ?? ''), digest(`Bearer ${token}`));
}
