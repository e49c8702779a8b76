import { describe, expect, it } from 'vitest';
import type { CameraConnection } from '../adapter.ts';
import { createTargetGuard } from '../targets.ts';
import { createTcpProbe } from './tcp-probe.ts';
import { rawServer } from './testing-server.ts';

const knock = createTcpProbe({
  guard: createTargetGuard({ allowed: ['127.0.0.0/8', '10.255.255.0/24'] }),
  monotonic: () => performance.now(),
});
const look = (connection: CameraConnection, signal = new AbortController().signal) =>
  knock({ deviceId: 'cam-1', connection }, { deadline: 300, signal });

describe('a knock at the port', () => {
  it('is answered for RTSP and ONVIF alike, without a byte sent', async () => {
    await using server = await rawServer(() => undefined);
    expect(await look({ protocol: 'rtsp', url: server.url() })).toMatchObject({ ok: true, reason: 'ok' });
    const onvif = { protocol: 'onvif', host: '127.0.0.1', port: server.port } as const;
    expect(await look(onvif)).toMatchObject({ ok: true, detail: `TCP port ${server.port} answers` });
    expect(server.connections).toBe(2);
    expect(server.requests).toEqual([]);
  });

  it.each<[string, CameraConnection]>([
    ['portClosed', { protocol: 'rtsp', url: 'rtsp://127.0.0.1:1/x' }],
    ['portClosed', { protocol: 'onvif', host: '127.0.0.1', port: 1 }],
    ['targetNotAllowed', { protocol: 'onvif', host: '169.254.169.254' }],
    ['targetNotAllowed', { protocol: 'rtsp', url: 'http://127.0.0.1/' }],
    ['targetNotAllowed', { protocol: 'onvif', host: '' }],
  ])('is %s', async (reason, connection) => {
    expect(await look(connection)).toMatchObject({ ok: false, reason });
  });

  it('is called off', async () => {
    const ending = new AbortController();
    ending.abort(new Error('over'));
    await expect(look({ protocol: 'rtsp', url: 'rtsp://127.0.0.1:1/' }, ending.signal)).rejects.toThrow('over');
  });
});
