import type { FastifyInstance } from 'fastify';

/** Nothing from elsewhere, no inline script or style, not framed by anyone; video is put together in the page (`blob:`). */
const PAGE_CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src blob:; connect-src 'self'; font-src 'self'; " +
  "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/**
 * The console: styles it writes itself carry the answer's own number; its map draws in a worker that is a file of its own.
 * `tiles` are origins an administrator chose for the map's pictures; nobody else outside is ever asked.
 */
export function consoleCsp(nonce: string, tiles: readonly string[] = []): string {
  const outside = tiles.map((origin) => ` ${origin}`).join('');
  return PAGE_CSP.replace("style-src 'self'", nonce === '' ? "style-src 'self'" : `style-src 'self' 'nonce-${nonce}'`)
    .replace("img-src 'self' data:", `img-src 'self' data: blob:${outside}`)
    .replace("connect-src 'self'", `connect-src 'self'${outside}`)
    .replace("base-uri 'none'", "worker-src 'self'; base-uri 'none'");
}

/** Swagger UI writes style attributes; its scripts come from files. */
export const DOCS_CSP = PAGE_CSP.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'");

const API_CSP = "default-src 'none'; frame-ancestors 'none'";

/** Headers every answer carries; a route may set its own policy or cache rule first. */
export function addSecurityHeaders(app: FastifyInstance): void {
  app.addHook('onSend', async (request, reply) => {
    reply.header('x-content-type-options', 'nosniff');
    reply.header('x-frame-options', 'DENY');
    reply.header('referrer-policy', 'no-referrer');
    reply.header('cross-origin-opener-policy', 'same-origin');
    reply.header('cross-origin-resource-policy', 'same-origin');
    reply.header('permissions-policy', 'camera=(), microphone=(), geolocation=(self)');
    reply.header('x-request-id', request.id);
    if (!reply.hasHeader('content-security-policy')) reply.header('content-security-policy', API_CSP);
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
  });
}
