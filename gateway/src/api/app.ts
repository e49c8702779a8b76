import cookie from '@fastify/cookie';
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { tileOrigins } from '../domain/map-tiles.ts';
import { GatewayError } from '../errors.ts';
import { answerWriter } from './answers.ts';
import { createAuth } from './auth.ts';
import { addConsole, addNotice, asksForPage, readConsole, sendConsolePage } from './console.ts';
import type { ApiDeps } from './deps.ts';
import { addDocs, DOCS_PREFIX } from './docs.ts';
import { addForwarding } from './forwarding.ts';
import { addSecurityHeaders } from './headers.ts';
import { addIdempotency } from './idempotency.ts';
import { parseBody } from './json.ts';
import { createErrorHandler, problemOf, sendProblem } from './problem.ts';
import { addProof } from './proof.ts';
import { createProxyTrust } from './proxies.ts';
import { mount } from './route.ts';
import { allRoutes } from './routes/index.ts';
import { createTimes } from './times.ts';
import { createUpdates } from './updates.ts';
import { createValidatorCompiler } from './validation.ts';

/**
 * The HTTP side of the gateway, not yet listening: `await app.listen({ host, port })`, `await app.close()`.
 * Deny by default: a route without an access rule stops the boot.
 */
export function createApi(deps: ApiDeps): FastifyInstance {
  const { services, config, log, clock, metrics } = deps;
  const requestTimeout = config.requestTimeout ?? 30_000;
  let sequence = 0;
  const app = Fastify({
    logger: false,
    bodyLimit: config.bodyLimit ?? 1_048_576,
    requestTimeout,
    keepAliveTimeout: 72_000,
    // Longer than any answer takes: who does not read his, or says nothing, gives the connection back.
    connectionTimeout: config.idleTimeout ?? 120_000,
    trustProxy: createProxyTrust(config.trustedProxies ?? (() => [])),
    // An id from outside would let a stranger write into our log's order.
    requestIdHeader: false,
    genReqId: () => `${clock.now().toString(36)}-${(sequence++).toString(36)}`,
    routerOptions: { maxParamLength: 200, ignoreTrailingSlash: true },
    http: {
      headersTimeout: Math.min(10_000, requestTimeout),
      // How often Node looks for requests that are late; its default of 30 s would let them triple their time.
      connectionsCheckingInterval: Math.min(5_000, Math.max(100, requestTimeout / 4)),
      maxHeaderSize: 16_384,
    },
    frameworkErrors: (error, request, reply) => createErrorHandler(log)(error, request, reply as never),
    clientErrorHandler: refuseConnection,
    return503OnClosing: true,
  });

  const times = createTimes(config.timeZone);
  const built = config.consoleFolder === undefined ? null : readConsole(config.consoleFolder);
  const auth = createAuth(services.sessions, { secureCookie: config.secureCookie ?? false });
  const updates = createUpdates({ read: () => services.reads.changeMarks(services.db.autocommit), clock, log });
  const routes = allRoutes({ ...deps, auth, times, updates });
  app.addHook('preClose', async () => updates.close());
  const tiles = () => tileOrigins(services.settings.current().mapTiles);
  const mounted: { method: string; pattern: RegExp }[] = [];

  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (_request: unknown, body: Buffer) =>
    parseBody(body, config.jsonDepth ?? 32),
  );
  app.addContentTypeParser(['application/yaml', 'text/yaml'], { parseAs: 'buffer' }, parseText);
  const uploads = new Set(routes.flatMap(({ upload }) => upload?.types ?? []));
  if (uploads.size > 0) {
    app.addContentTypeParser([...uploads], { parseAs: 'buffer' }, async (request: FastifyRequest, body: Buffer) => {
      const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
      // Only the route that asked for a file gets one: to any other it would be an object with a million fields.
      if (request.routeOptions.config.definition?.upload?.types.includes(type)) return body;
      throw new GatewayError('UNSUPPORTED_MEDIA_TYPE');
    });
  }
  app.setValidatorCompiler(createValidatorCompiler() as never);
  app.setSerializerCompiler(({ schema }) => answerWriter(schema, times));
  app.setErrorHandler(createErrorHandler(log));
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '/';
    const allowed = mounted.filter((r) => r.pattern.test(path)).map((r) => r.method);
    if (allowed.length > 0) {
      reply.header('allow', [...new Set(allowed)].join(', '));
      return sendProblem(reply, new GatewayError('METHOD_NOT_ALLOWED'), request);
    }
    // An address inside the console: the page itself finds out what it shows.
    if (built && asksForPage(request)) return sendConsolePage(reply, built, tiles());
    return sendProblem(reply, new GatewayError('NOT_FOUND'), request);
  });

  app.decorateRequest('caller', undefined);
  addSecurityHeaders(app);
  app.register(cookie);
  if (deps.forwarding) addForwarding(app, { port: deps.forwarding, devices: services.devices, clock, log });
  app.addHook('onRoute', (options) => {
    const methods = [options.method].flat().filter((method) => method !== 'HEAD');
    if (options.url.startsWith(DOCS_PREFIX) && methods.every((method) => method === 'GET')) {
      options.config = { ...options.config, publicAsset: true };
    }
    if (!options.config?.definition?.access && !options.config?.publicAsset) {
      throw new Error(`Route ${methods.join(', ')} ${options.url} declares no access rule`);
    }
    const pattern = patternOf(options.url);
    mounted.push(...methods.map((method) => ({ method, pattern })));
  });
  // Before the body is read: a stranger's megabyte is refused by its header.
  app.addHook('onRequest', async (request) => {
    const { definition, publicAsset } = request.routeOptions.config ?? {};
    if (definition) request.caller = await auth.check(request, definition);
    else if (request.routeOptions.url !== undefined && !publicAsset) throw new GatewayError('FORBIDDEN');
  });
  app.addHook('onResponse', async (request, reply) => {
    const name = request.routeOptions.url ?? 'none';
    metrics.http(request.method, name, reply.statusCode, reply.elapsedTime);
    if (deps.written && reply.statusCode < 400 && !['GET', 'HEAD'].includes(request.method)) deps.written();
  });
  addProof(app, { door: services.auditDoor, log });
  addIdempotency(app, { store: services.idempotency, clock, times });

  app.register(async (scope) => {
    for (const route of routes) mount(scope, route);
    if (built) addConsole(scope, built, tiles);
    else addNotice(scope);
    await addDocs(scope, routes, config.version ?? '0');
  });
  return app;
}

async function parseText(_request: unknown, body: Buffer): Promise<string> {
  return new TextDecoder('utf-8').decode(body);
}

function patternOf(url: string): RegExp {
  const source = url
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/:[A-Za-z]+/g, '[^/]+')
    .replace(/\*/g, '.*');
  return new RegExp(`^${source}/?$`);
}

/** What never became a request: malformed HTTP, headers too large, a request that did not arrive in time. */
function refuseConnection(error: Error & { code?: string }, socket: import('node:net').Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const late = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
  const refusal = late
    ? new GatewayError('REQUEST_TIMEOUT')
    : new GatewayError('INVALID_INPUT', 'HTTP 请求格式有误 / Malformed HTTP request');
  const body = JSON.stringify(problemOf(refusal, 'none', undefined));
  const status = late ? '408 Request Timeout' : '400 Bad Request';
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/problem+json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
