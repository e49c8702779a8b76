import { readFileSync, writeFileSync } from 'node:fs';
import type { RouteContext } from './deps.ts';
import { buildOpenApi } from './openapi.ts';
import { allRoutes } from './routes/index.ts';

/** Route definitions hold no state: services that are never called are enough to read them. */
function unconnected(): never {
  const nothing: unknown = new Proxy(() => undefined, { get: () => nothing });
  return nothing as never;
}

export const SNAPSHOT = new URL('./openapi.snapshot.json', import.meta.url);

/** The document as it is committed: two spaces, one line feed at the end. */
export function dumpOpenApi(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return `${JSON.stringify(buildOpenApi(allRoutes(unconnected() as RouteContext), version), null, 2)}\n`;
}

if (import.meta.main) {
  const text = dumpOpenApi();
  if (process.argv.includes('--write')) writeFileSync(SNAPSHOT, text);
  else process.stdout.write(text);
}
