import { execFile } from 'node:child_process';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { connect, probe } from './testing-prober.ts';
import { captured, OK_SDP, type RawServer, rawServer, respond } from './testing-server.ts';

const BASIC_NOT_SENT = '401 asks for Basic, which is not sent to a host that the camera named';
const LOGIN = { username: 'admin', password: 'sEcret99' };
const DIGEST = 'WWW-Authenticate: Digest realm="cam", nonce="n1=="';
const OK = respond('200 OK', ['Content-Type: application/sdp'], OK_SDP);

const servers: RawServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server[Symbol.asyncDispose]();
});

async function serve(...args: Parameters<typeof rawServer>): Promise<RawServer> {
  const server = await rawServer(...args);
  servers.push(server);
  return server;
}

/** Answers with the given answers in turn, the last one for ever. */
function describing(...answers: string[]) {
  let next = 0;
  return serve(() => {
    const answer = answers[Math.min(next, answers.length - 1)];
    next += 1;
    return answer;
  });
}

describe('a camera that answers', () => {
  it.each([
    ['gstreamer', { codec: 'H264', fps: 10, control: 'stream=0', server: 'GStreamer RTSP server' }],
    [
      'hikvision-style',
      { codec: 'H265', width: 2560, height: 1440, control: 'rtsp://10.9.8.7:554/Streaming/Channels/101/trackID=1' },
    ],
    ['dahua-style', { codec: 'H264', payload: 96, fps: 25 }],
    ['live555-style', { codec: 'H264', width: 1280, height: 720 }],
  ])('is online and says what it streams: %s', async (name, facts) => {
    // The conversation was recorded with an OPTIONS at its beginning.
    const answers = captured(name).slice(1);
    const server = await serve((_, number) => answers[number]);
    const result = await probe(server.url('/cam/realmonitor?channel=1&subtype=1'), { login: LOGIN });
    expect(result).toMatchObject({ ok: true, reason: 'ok', facts: { ...facts, auth: 'digest MD5' } });
    // What cameras echo of a login must not travel on.
    expect(JSON.stringify(result)).not.toContain(LOGIN.password);
    expect(server.requests[1]).toContain('uri="rtsp://127.0.0.1');
    expect(server.requests[1]).toContain('?channel=1&subtype=1"');
    expect(server.connections).toBe(1);
  });

  it('is online without a login when it asks for none', async () => {
    const server = await describing(OK);
    expect(await probe(server.url(), { login: LOGIN })).toMatchObject({ ok: true });
    expect(server.requests.join('')).not.toContain('Authorization');
  });

  it('may answer in single bytes, with bare line feeds, after a 100 and behind a stray media frame', async () => {
    const server = await serve((_request, _number, socket) => {
      socket.write(Buffer.from([0x24, 0, 0, 4, 0x0d, 0x0a, 0x0d, 0x0a]));
      for (const byte of Buffer.from(`\r\nRTSP/1.0 100 Continue\r\n\r\n${OK}`)) socket.write(Buffer.from([byte]));
      return undefined;
    });
    expect(await probe(server.url())).toMatchObject({ ok: true });
  });

  it('may hang up after its 401 and is dialled once more', async () => {
    const server = await serve((request, _, socket) => {
      if (request.includes('Authorization')) return OK;
      socket.end(respond('401 Unauthorized', [DIGEST]));
      return undefined;
    });
    expect(await probe(server.url(), { login: LOGIN })).toMatchObject({ ok: true });
    expect(server.connections).toBe(2);
  });

  it('takes its login from the URL when the connection has no fields for it', async () => {
    const server = await describing(respond('401 Unauthorized', [DIGEST]), OK);
    const url = server.url().replace('//', '//admin:p%40ss@');
    expect(await probe(url)).toMatchObject({ ok: true });
    expect(server.requests.join('')).toContain('username="admin"');
    expect(server.requests.join('')).not.toMatch(/p@ss|p%40ss/);
  });
});

describe('logins', () => {
  it('in clear go out only when nothing better is offered, and never unasked', async () => {
    const both = await describing(respond('401 Unauthorized', ['WWW-Authenticate: Basic realm="c"', DIGEST]), OK);
    await probe(both.url(), { login: LOGIN });
    expect(both.requests.join('')).not.toContain('Basic');

    const basic = await describing(respond('401 Unauthorized', ['WWW-Authenticate: Basic realm="c"']), OK);
    expect(await probe(basic.url(), { login: LOGIN })).toMatchObject({ ok: true, facts: { auth: 'basic' } });
    expect(basic.requests[0]).not.toContain('Authorization');
  });

  it('in clear never go to a host that only the camera named, Digest does', async () => {
    const BASIC = 'WWW-Authenticate: Basic realm="c"';
    const basic = await describing(respond('401 Unauthorized', [BASIC]), OK);
    const refused = await probe(basic.url(), { login: LOGIN, digestOnly: true });
    expect(refused).toMatchObject({ ok: false, reason: 'wrongPassword', detail: BASIC_NOT_SENT });
    expect(basic.requests.join('')).not.toContain('Authorization');
    const digest = await describing(respond('401 Unauthorized', [DIGEST]), OK);
    expect(await probe(digest.url(), { login: LOGIN, digestOnly: true })).toMatchObject({ ok: true });
  });

  it('are tried once when the answer stays 401', async () => {
    const server = await describing(respond('401 Unauthorized', [DIGEST]));
    expect(await probe(server.url(), { login: LOGIN })).toMatchObject({
      reason: 'wrongPassword',
      detail: '401 to a login by digest MD5',
    });
    expect(server.requests.filter((one) => one.includes('Authorization'))).toHaveLength(1);
  });

  it('are tried at most twice, however often the nonce is called stale', async () => {
    const server = await describing(respond('401 Unauthorized', [`${DIGEST}, stale=true`]));
    expect(await probe(server.url(), { login: LOGIN })).toMatchObject({ reason: 'wrongPassword' });
    expect(server.requests.filter((one) => one.includes('Authorization'))).toHaveLength(2);
  });

  it('are tried at most twice when the camera hangs up on each', async () => {
    const server = await serve((request, _, socket) => {
      if (!request.includes('Authorization')) return respond('401 Unauthorized', [DIGEST]);
      socket.destroy();
      return undefined;
    });
    expect(await probe(server.url(), { login: LOGIN })).toMatchObject({ reason: 'connectionLost' });
    expect(server.requests.filter((one) => one.includes('Authorization')).length).toBeLessThanOrEqual(2);
  });

  it('that are missing are told apart from wrong ones', async () => {
    const server = await describing(respond('401 Unauthorized', [DIGEST]));
    expect(await probe(server.url())).toMatchObject({
      reason: 'wrongPassword',
      detail: '401 and no credentials are configured',
    });
  });
});

describe('a camera that refuses', () => {
  it.each([
    ['403 Forbidden', 'wrongPassword'],
    ['404 Not Found', 'noSuchStream'],
    ['454 Session Not Found', 'noSuchStream'],
    ['457 Invalid Range', 'noSuchStream'],
    ['453 Not Enough Bandwidth', 'sessionLimit'],
    ['503 Service Unavailable', 'sessionLimit'],
    ['500 Internal Server Error', 'serverError'],
    ['551 Option not supported', 'serverError'],
    ['400 Bad Request', 'serverError'],
  ])('with %s is %s', async (status, reason) => {
    const server = await describing(respond(status));
    expect(await probe(server.url())).toMatchObject({ ok: false, reason, detail: status });
  });

  it('with a redirect is not followed', async () => {
    const elsewhere = await describing(OK);
    const server = await describing(respond('302 Moved', [`Location: ${elsewhere.url()}`]));
    expect(await probe(server.url())).toMatchObject({ reason: 'noSuchStream' });
    expect(elsewhere.connections).toBe(0);
  });

  it('with an empty description has no such stream', async () => {
    const server = await describing(respond('200 OK', ['Content-Type: application/sdp'], 'v=0\r\ns=x\r\n'));
    expect(await probe(server.url())).toMatchObject({ reason: 'noSuchStream' });
  });

  it('says who it is in a printable, short way', async () => {
    const name = `Evil\u0007\u001b[31m ${'x'.repeat(500)}`;
    const server = await describing(respond('500 No\u0000way', [`Server: ${name}`]));
    const result = await probe(server.url());
    expect(String(result.facts?.server).length).toBeLessThanOrEqual(80);
    expect(JSON.stringify([result.facts, result.detail])).not.toMatch(/\\u00/);
  });
});

describe('a peer that is no RTSP server', () => {
  it.each([
    ['HTTP', 'HTTP/1.1 400 Bad Request\r\n\r\n', 'the peer speaks HTTP'],
    ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n', 'the answer is not RTSP'],
    ['TLS', Buffer.from([0x15, 3, 3, 0, 2, 2, 40]), 'the peer speaks TLS; use rtsps://'],
    ['a broken status line', 'RTSP/1.0 OK\r\n\r\n', 'the status line is not RTSP'],
    ['a wild length', 'RTSP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n', 'Content-Length is no number'],
    ['a huge announced body', 'RTSP/1.0 200 OK\r\nContent-Length: 262145\r\n\r\n', 'body larger than 256 KiB'],
    ['a huge header', `RTSP/1.0 200 OK\r\nX: ${'a'.repeat(70_000)}\r\n`, 'header larger than 64 KiB'],
    ['endless 1xx', 'RTSP/1.0 100 Continue\r\n\r\n'.repeat(60_000), 'more than 1 MiB without an answer'],
  ])('is named at once: %s', async (_, bytes, detail) => {
    const server = await serve(() => bytes);
    expect(await probe(server.url())).toMatchObject({ ok: false, reason: 'notRtsp', detail });
  });

  it('is named when it greets first', async () => {
    const server = await serve(
      () => undefined,
      (socket) => socket.write('220 ftp ready\r\n'),
    );
    expect(await probe(server.url())).toMatchObject({ reason: 'notRtsp' });
  });
});

describe('a peer that does not answer in time', () => {
  it('is a timeout when it accepts and stays silent', async () => {
    const server = await serve(() => undefined);
    const result = await probe(server.url(), { deadline: 200 });
    expect(result).toMatchObject({ reason: 'timeout', detail: 'connected, no complete answer in 200 ms' });
  });

  it('is a timeout when it trickles a header for ever', async () => {
    const timers: NodeJS.Timeout[] = [];
    const server = await serve((_, __, socket: Socket) => {
      socket.write('RTSP/1.0 200 OK\r\n');
      timers.push(setInterval(() => socket.write('X'), 10));
      return undefined;
    });
    expect(await probe(server.url(), { deadline: 300 })).toMatchObject({ reason: 'timeout' });
    for (const timer of timers) clearInterval(timer);
  });

  it('is a timeout when a body stalls', async () => {
    const server = await describing('RTSP/1.0 200 OK\r\nContent-Length: 100\r\n\r\nv=0');
    expect(await probe(server.url(), { deadline: 200 })).toMatchObject({ reason: 'timeout' });
  });

  it('is unreachable when the name lookup hangs', async () => {
    const system = { lookup: () => new Promise<never>(() => undefined) };
    const result = await probe('rtsp://cam.example/', { deadline: 100, system });
    expect(result).toMatchObject({ reason: 'hostUnreachable', detail: 'name lookup unanswered in 100 ms' });
  });
});

describe('a connection that fails', () => {
  it('is a closed port when refused', async () => {
    const server = await rawServer(() => undefined);
    const url = server.url();
    await server[Symbol.asyncDispose]();
    expect(await probe(url)).toMatchObject({ reason: 'portClosed', detail: 'ECONNREFUSED' });
  });

  it.each(['destroy', 'resetAndDestroy'] as const)('is lost when the peer %ss it', async (how) => {
    const server = await serve((_, __, socket) => {
      socket[how]();
      return undefined;
    });
    expect(await probe(server.url())).toMatchObject({ reason: 'connectionLost' });
  });

  it('is unreachable when the name does not exist', async () => {
    const lookup = () => Promise.reject(Object.assign(new Error('x'), { code: 'ENOTFOUND' }));
    const result = await probe('rtsp://cam.example/', { system: { lookup } });
    expect(result).toMatchObject({ reason: 'hostUnreachable', detail: 'name lookup failed (ENOTFOUND)' });
  });

  it('tries the next address of a name when the first is closed', async () => {
    const server = await describing(OK);
    const addresses = ['127.0.0.2', '127.0.0.1'].map((address) => ({ address, family: 4 as const }));
    const result = await probe(`rtsp://cam.example:${server.port}/cam`, { system: { lookup: async () => addresses } });
    expect(result).toMatchObject({ ok: true });
  });
});

describe('a target that is not allowed', () => {
  it.each([
    ['rtsp://127.0.0.1:5432/', 'loopback'],
    ['rtsp://[::ffff:127.0.0.1]:5432/', 'loopback in IPv6 clothes'],
    ['rtsp://169.254.169.254/', 'the metadata service'],
    ['rtsp://0.0.0.0/', 'this host'],
    ['http://192.168.1.1/', 'another scheme'],
    ['file:///etc/passwd', 'a file'],
    ['-i', 'an option'],
    ['rtsp:///cam', 'no host'],
  ])('is never dialled: %s (%s)', async (url) => {
    expect(await probe(url, { config: { allowedTargets: [] } })).toMatchObject({ reason: 'targetNotAllowed' });
  });

  it('is refused by the address its name resolves to', async () => {
    const server = await describing(OK);
    const lookup = vi.fn(async () => [{ address: '127.0.0.1', family: 4 as const }]);
    const url = `rtsp://cam.example:${server.port}/`;
    const result = await probe(url, { config: { allowedTargets: [] }, system: { lookup } });
    expect(result).toMatchObject({ reason: 'targetNotAllowed' });
    expect(lookup).toHaveBeenCalledTimes(1);
    expect(server.connections).toBe(0);
  });
});

describe('an ended probe', () => {
  it('rejects with the abort reason and leaves no connection', async () => {
    const server = await serve(() => undefined);
    const { probe: run } = connect();
    const ending = new AbortController();
    const target = { deviceId: 'c', connection: { protocol: 'rtsp' as const, url: server.url() } };
    const pending = run?.(target, { deadline: 10_000, signal: ending.signal });
    setTimeout(() => ending.abort(new Error('enough')), 50);
    await expect(pending).rejects.toThrow('enough');
  });

  it('ends with the adapter', async () => {
    const server = await serve(() => undefined);
    const connection = connect();
    const target = { deviceId: 'c', connection: { protocol: 'rtsp' as const, url: server.url() } };
    const signal = new AbortController().signal;
    const pending = connection.probe?.(target, { deadline: 10_000, signal });
    const ended = expect(pending).rejects.toThrow('stopped');
    await connection.stop();
    await ended;
  });

  it('throws for a shortage of our own, which says nothing about the camera', async () => {
    const server = await describing(OK);
    const script = fileURLToPath(new URL('./testing-shortage.ts', import.meta.url));
    const shell = 'ulimit -n 60; exec "$0" --no-warnings "$1" "$2"';
    const { stdout } = await promisify(execFile)('/bin/sh', ['-c', shell, process.execPath, script, server.url()]);
    expect(JSON.parse(stdout)).toMatchObject({ full: 'EMFILE', outcome: { code: 'LOCAL_SHORTAGE', retry: true } });
  });
});
