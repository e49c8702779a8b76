import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { PAGE_CSP } from './headers.ts';

const JAVASCRIPT = 'text/javascript; charset=utf-8';

/** Path → file of the folder `page/`. A fixed list: no request ever becomes a file name. */
const FILES = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/page/page.css': ['page.css', 'text/css; charset=utf-8'],
  '/page/codes.js': ['codes.js', JAVASCRIPT],
  '/page/devices.js': ['devices.js', JAVASCRIPT],
  '/page/element.js': ['element.js', JAVASCRIPT],
  '/page/form.js': ['form.js', JAVASCRIPT],
  '/page/language.js': ['language.js', JAVASCRIPT],
  '/page/names.js': ['names.js', JAVASCRIPT],
  '/page/overview.js': ['overview.js', JAVASCRIPT],
  '/page/page.js': ['page.js', JAVASCRIPT],
  '/page/quarantine.js': ['quarantine.js', JAVASCRIPT],
  '/page/requests.js': ['requests.js', JAVASCRIPT],
  '/page/tickets.js': ['tickets.js', JAVASCRIPT],
  '/page/times.js': ['times.js', JAVASCRIPT],
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
