import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { text } from '../messages/index.ts';
import { consoleCsp } from './headers.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.pbf': 'application/x-protobuf',
};
const INDEX = 'index.html';
/** Stands in the built page where each answer has its own number; styles without it are refused by the browser. */
const NONCE = /CGW-NONCE/g;

/** The built console, read once: no request ever becomes a file name. */
export interface Console {
  readonly index: string;
  /** Path below `/` → bytes as built, and packed by the build. */
  readonly files: ReadonlyMap<string, { readonly type: string; readonly plain: Buffer; readonly gzip: Buffer | null }>;
}

/** null = it was not built; the API works without it. */
export function readConsole(folder: string): Console | null {
  const names = listed(folder);
  if (!names.includes(INDEX)) return null;
  const packed = new Set(names.filter((name) => name.endsWith('.gz')));
  const files = names
    .filter((name) => name !== INDEX && TYPES[extname(name)] !== undefined)
    .map((name) => {
      const gzip = packed.has(`${name}.gz`) ? readFileSync(join(folder, `${name}.gz`)) : null;
      return [`/${name}`, { type: TYPES[extname(name)] ?? '', plain: readFileSync(join(folder, name)), gzip }] as const;
    });
  return { index: readFileSync(join(folder, INDEX), 'utf8'), files: new Map(files) };
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** The console at `/` with all its files; `tiles` = origins of the map's pictures outside. Addresses inside it are answered by {@link sendConsolePage}. */
export function addConsole(app: FastifyInstance, built: Console, tiles: () => readonly string[]): void {
  for (const [path, { type, plain, gzip }] of built.files) {
    // Files under assets/ carry their content's fingerprint in their name.
    const cache = path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
    app.get(path, { config: { publicAsset: true } }, async (request, reply) => {
      reply.header('content-security-policy', consoleCsp('')).header('cache-control', cache).type(type);
      reply.header('vary', 'accept-encoding');
      if (gzip === null || !/\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) return reply.send(plain);
      return reply.header('content-encoding', 'gzip').send(gzip);
    });
  }
  app.get('/', { config: { publicAsset: true } }, async (_request, reply) => sendConsolePage(reply, built, tiles()));
}

/** What stands at `/` while there is no console: how to build it, in both languages. */
export function addNotice(app: FastifyInstance): void {
  const notice = `${text('zh-CN', 'console.notBuilt')}\n\n${text('en', 'console.notBuilt')}\n`;
  app.get('/', { config: { publicAsset: true } }, async (_request, reply) =>
    reply.type('text/plain; charset=utf-8').send(notice),
  );
}

/** Whether somebody's browser asks for a page, as against a program for a resource. */
export const asksForPage = ({ method, url, headers }: FastifyRequest): boolean =>
  method === 'GET' &&
  !/^\/(api|metrics|healthz|readyz)(\/|$|\?)/.test(url) &&
  /\btext\/html\b/.test(headers.accept ?? '');

export function sendConsolePage(reply: FastifyReply, { index }: Console, tiles: readonly string[]): FastifyReply {
  const nonce = randomBytes(16).toString('base64url');
  return reply
    .code(200)
    .header('content-security-policy', consoleCsp(nonce, tiles))
    .header('cache-control', 'no-store')
    .type('text/html; charset=utf-8')
    .send(index.replace(NONCE, nonce));
}
