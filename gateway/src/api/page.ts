import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { PAGE_CSP } from './headers.ts';

/** Path → file of the folder `page/`. A fixed list: no request ever becomes a file name. */
const FILES = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/page/page.css': ['page.css', 'text/css; charset=utf-8'],
  '/page/page.js': ['page.js', 'text/javascript; charset=utf-8'],
  '/page/view.js': ['view.js', 'text/javascript; charset=utf-8'],
  '/page/texts.json': ['texts.json', 'application/json; charset=utf-8'],
  '/page/icon.svg': ['icon.svg', 'image/svg+xml'],
} as const;

/** The small read-only page. */
export function addPage(app: FastifyInstance): void {
  for (const [url, [file, type]] of Object.entries(FILES)) {
    const content = readFileSync(new URL(`./page/${file}`, import.meta.url));
    app.get(url, { config: { publicAsset: true } }, async (_request, reply) =>
      reply.header('content-security-policy', PAGE_CSP).header('cache-control', 'no-cache').type(type).send(content),
    );
  }
}
