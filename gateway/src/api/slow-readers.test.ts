import { connect } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { createTestApi, type TestApi } from './testing.ts';

let api: TestApi;
afterEach(() => api.app.close());

it('a client that asks and never reads loses its connection', async () => {
  api = createTestApi({ idleTimeout: 300 });
  await api.app.listen({ host: '127.0.0.1', port: 0 });
  const { server } = api.app;
  const address = server.address();
  const socket = connect(typeof address === 'object' ? (address?.port ?? 0) : 0, '127.0.0.1');
  socket.on('error', () => socket.destroy());
  socket.pause();
  const script = 'GET /api/docs/static/swagger-ui-bundle.js HTTP/1.1\r\nHost: localhost\r\n\r\n';
  socket.write(script.repeat(20));
  const open = () =>
    new Promise<number>((resolve) => server.getConnections((error, count) => resolve(error ? -1 : count)));
  await expect.poll(open).toBe(1);
  await expect.poll(open, { timeout: 20_000 }).toBe(0);
  socket.destroy();
}, 30_000);
