// The baseline of the list benchmark: a Fastify route and a `pg` pool that answer one page with one statement, as JSON. No
// session, no rights, no count, no schema. Reads `{"url","text","values"}` on stdin, prints `{"http":port}`.
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import fastify from 'fastify';
import { Pool } from 'pg';

for await (const line of createInterface({ input: process.stdin })) {
  const { url, statements } = JSON.parse(line) as {
    url: string;
    statements: readonly { readonly text: string; readonly values: readonly unknown[] }[];
  };
  const pool = new Pool({ connectionString: url, max: 10, options: '-c TimeZone=UTC' });
  const app = fastify();
  app.get('/devices', async () => {
    let rows: unknown[] = [];
    for (const { text, values } of statements) ({ rows } = await pool.query(text, [...values]));
    return { items: rows, nextCursor: null };
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  console.log(JSON.stringify({ http: (app.server.address() as AddressInfo).port }));
  break;
}
