import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { DOCS_CSP } from './headers.ts';
import { buildOpenApi } from './openapi.ts';
import type { Route } from './route.ts';

/** Where Swagger UI puts its routes: files of the documentation, readable by anyone. */
export const DOCS_PREFIX = '/api/docs';

/** `/api/openapi.json` and the documentation pages at `/api/docs`, all from this server. */
export async function addDocs(app: FastifyInstance, routes: readonly Route[], version: string): Promise<void> {
  const document = buildOpenApi(routes, version);
  const text = JSON.stringify(document);
  app.get('/api/openapi.json', { config: { publicAsset: true } }, async (_request, reply) =>
    reply.type('application/json; charset=utf-8').send(text),
  );
  await app.register(async (scope) => {
    scope.addHook('onSend', async (_request, reply) => {
      reply.header('content-security-policy', DOCS_CSP);
    });
    await scope.register(swagger, { mode: 'static', specification: { document: document as never } });
    await scope.register(swaggerUi, { routePrefix: DOCS_PREFIX, uiConfig: { tryItOutEnabled: false } });
  });
}
