import { createHash, timingSafeEqual } from 'node:crypto';
import Type from 'typebox';
import { GatewayError } from '../../errors.ts';
import type { ApiConfig, RouteContext } from '../deps.ts';
import { route } from '../route.ts';
import { Enum, List, Named, Nullable, TimeOut } from '../schema.ts';

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

const MqttView = Named(
  'MqttEndpoint',
  Type.Object({
    host: Nullable(Type.String({ description: 'null = the name under which the gateway is reached itself' })),
    port: Nullable(Type.Integer({ description: 'Without TLS; null = TLS only' })),
    tlsPort: Nullable(Type.Integer()),
  }),
);

export const systemRoutes = ({ auth, config, metrics, readiness }: RouteContext) => [
  route({
    method: 'GET',
    url: '/mqtt',
    access: 'deviceTypes:read',
    operationId: 'getMqttEndpoint',
    tag: 'system',
    summary: 'Where devices connect over MQTT',
    ok: MqttView,
    handler: () => endpointOf(config.mqtt),
  }),
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

/** A broker of its own is named by its address, never with the login that may stand in it. */
function endpointOf(mqtt: ApiConfig['mqtt']) {
  if (!mqtt?.url) return { host: null, port: mqtt?.port ?? null, tlsPort: mqtt?.tls?.port ?? null };
  const { protocol, hostname, port } = new URL(mqtt.url);
  const secure = protocol === 'mqtts:' || protocol === 'wss:';
  const used = Number(port) || (secure ? 8883 : 1883);
  return { host: hostname, port: secure ? null : used, tlsPort: secure ? used : null };
}
