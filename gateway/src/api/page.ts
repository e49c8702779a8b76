import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { PAGE_CSP } from './headers.ts';

const JAVASCRIPT = 'text/javascript; charset=utf-8';

/** Path → file of the folder `page/`. A fixed list: no request ever becomes a file name. */
const FILES = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/page/page.css': ['page.css', 'text/css; charset=utf-8'],
  '/page/cameras.js': ['cameras.js', JAVASCRIPT],
  '/page/codes.js': ['codes.js', JAVASCRIPT],
  '/page/devices.js': ['devices.js', JAVASCRIPT],
  '/page/element.js': ['element.js', JAVASCRIPT],
  '/page/form.js': ['form.js', JAVASCRIPT],
  '/page/language.js': ['language.js', JAVASCRIPT],
  '/page/live-view.js': ['live-view.js', JAVASCRIPT],
  '/page/names.js': ['names.js', JAVASCRIPT],
  '/page/overview.js': ['overview.js', JAVASCRIPT],
  '/page/page.js': ['page.js', JAVASCRIPT],
  '/page/player.js': ['player.js', JAVASCRIPT],
  '/page/quarantine.js': ['quarantine.js', JAVASCRIPT],
  '/page/requests.js': ['requests.js', JAVASCRIPT],
  '/page/sign-in.css': ['sign-in.css', 'text/css; charset=utf-8'],
  '/page/sign-in.js': ['sign-in.js', JAVASCRIPT],
  '/page/tickets.js': ['tickets.js', JAVASCRIPT],
  '/page/times.js': ['times.js', JAVASCRIPT],
  '/page/video.css': ['video.css', 'text/css; charset=utf-8'],
  '/page/texts.json': ['texts.json', 'application/json; charset=utf-8'],
  '/page/icon.svg': ['icon.svg', 'image/svg+xml'],
} as const;

/** The player of video in pieces, from its own package: no browser asks another server for it. */
const PLAYER = import.meta.resolve('hls.js/dist/hls.light.min.mjs');

/** The small read-only page. */
export function addPage(app: FastifyInstance): void {
  const own = Object.entries(FILES).map(
    ([url, [file, type]]) => [url, new URL(`./page/${file}`, import.meta.url), type] as const,
  );
  for (const [url, file, type] of [...own, ['/page/hls.js', new URL(PLAYER), JAVASCRIPT] as const]) {
    const content = readFileSync(file);
    app.get(url, { config: { publicAsset: true } }, async (_request, reply) =>
      reply.header('content-security-policy', PAGE_CSP).header('cache-control', 'no-cache').type(type).send(content),
    );
  }
}
