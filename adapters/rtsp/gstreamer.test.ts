import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  GST_PACKAGES,
  type GstRtspServer,
  gstAvailable,
  startGstRtspServer,
} from '../../gateway/test/support/gst-rtsp-server.ts';
import { probe } from './testing-prober.ts';

const available = gstAvailable();
if (!available) process.stderr.write(`no GStreamer RTSP server here, install: ${GST_PACKAGES}\n`);

const login = { username: 'admin', password: 'Camera-1' };

describe.skipIf(!available)('a real GStreamer RTSP server', () => {
  let server: GstRtspServer;
  beforeAll(async () => {
    server = await startGstRtspServer({ auth: 'digest', user: login.username, password: login.password });
  });
  afterAll(() => server.kill());

  it('is online with Digest', async () => {
    expect(await probe(server.url('/cam'), { login, deadline: 10_000 })).toMatchObject({
      ok: true,
      reason: 'ok',
      facts: { codec: 'H264', payload: 96, auth: 'digest MD5', server: 'GStreamer RTSP server' },
    });
  });

  it('says which codec each stream has', async () => {
    const result = await probe(server.url('/hevc'), { login, deadline: 10_000 });
    expect(result.facts).toMatchObject({ codec: 'H265', payload: 97 });
  });

  it('refuses a wrong password and a missing one', async () => {
    expect(await probe(server.url('/cam'), { login: { ...login, password: 'old' } })).toMatchObject({
      reason: 'wrongPassword',
      detail: '401 to a login by digest MD5',
    });
    expect(await probe(server.url('/cam'))).toMatchObject({ reason: 'wrongPassword' });
  });

  it('has no such stream', async () => {
    expect(await probe(server.url('/cam9'), { login })).toMatchObject({ reason: 'noSuchStream' });
  });

  it('is a timeout while stopped, online when it goes on, and a closed port when killed', async () => {
    server.pause();
    // After six probes its accept queue is full and the kernel swallows further handshakes.
    for (let n = 0; n < 9; n += 1) {
      expect(await probe(server.url('/cam'), { login, deadline: 300 })).toMatchObject({ reason: 'timeout' });
    }
    const only = { allowedTargets: [`127.0.0.1/32:${server.port}`] };
    const blind = await probe(server.url('/cam'), { login, deadline: 300, config: only });
    expect(blind).toMatchObject({ reason: 'hostUnreachable', detail: 'TCP handshake unanswered in 300 ms' });
    server.resume();
    expect(await probe(server.url('/cam'), { login, deadline: 10_000 })).toMatchObject({ ok: true });
    await server.kill();
    expect(await probe(server.url('/cam'), { login })).toMatchObject({ reason: 'portClosed' });
  });
});

describe.skipIf(!available)('a real GStreamer RTSP server with Basic', () => {
  it('is online', async () => {
    const server = await startGstRtspServer({ auth: 'basic', user: login.username, password: login.password });
    try {
      const result = await probe(server.url('/cam'), { login, deadline: 10_000 });
      expect(result).toMatchObject({ ok: true, facts: { auth: 'basic' } });
    } finally {
      await server.kill();
    }
  });
});
