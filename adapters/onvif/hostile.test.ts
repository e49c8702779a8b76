import { createServer, type Socket } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { OnvifTarget } from './client.ts';
import { createOnvifClient } from './onvif-client.ts';
import { envelope, JPEG, startTestCamera, type TestCamera, type TestCameraOptions } from './testing-camera.ts';

const clock = { now: () => Date.now(), monotonic: () => performance.now() };
const client = createOnvifClient({ clock, config: { allowedTargets: ['127.0.0.1/32'] } });
// A thread that still loads its libraries would eat the short deadlines below.
beforeAll(() =>
  client.pool.run(
    'matches',
    { xml: '<a/>' },
    { ask: () => Promise.reject(new Error('not asked')), signal: AbortSignal.timeout(60_000), repeatable: true },
  ),
);
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});
afterAll(() => client.close());

/** A peer that answers with raw bytes. */
async function peer(answer: (socket: Socket, connection: number) => void): Promise<OnvifTarget> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    const connection = ++connections;
    socket.once('data', () => answer(socket, connection));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  return {
    host: '127.0.0.1',
    port: typeof address === 'object' ? (address?.port ?? 0) : 0,
    username: 'u',
    password: 'p',
  };
}

async function camera(options: TestCameraOptions): Promise<[OnvifTarget, TestCamera]> {
  const started = await startTestCamera(options);
  closers.push(() => started.close());
  return [{ host: '127.0.0.1', port: started.port, username: 'admin', password: 'pass,"word"' }, started];
}

const call = (deadline: number) => ({ deadline, signal: new AbortController().signal });
const head = (more = '') => `HTTP/1.1 200 OK\r\nContent-Type: application/soap+xml\r\n${more}\r\n`;

describe('a camera that does not finish', () => {
  it.each([
    ['says nothing', () => undefined, 'timeout'],
    ['stalls behind the headers', (socket: Socket) => socket.write(head('Content-Length: 100\r\n')), 'timeout'],
    [
      'trickles a byte at a time',
      (socket: Socket) => {
        socket.write(head());
        const timer = setInterval(() => socket.write(' '), 50);
        socket.on('close', () => clearInterval(timer));
      },
      'timeout',
    ],
    [
      'sends an endless header',
      (socket: Socket) => {
        socket.write('HTTP/1.1 200 OK\r\n');
        const timer = setInterval(() => socket.write(`X-${'a'.repeat(1_000)}: b\r\n`), 1);
        socket.on('close', () => clearInterval(timer));
      },
      'notOnvif',
    ],
    ['resets', (socket: Socket) => socket.resetAndDestroy(), 'connectionLost'],
    [
      'hangs up in the middle',
      (socket: Socket) => socket.end(`${head('Content-Length: 100\r\n')}<a`),
      'connectionLost',
    ],
    ['is no web server', (socket: Socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'), 'notOnvif'],
  ] as const)('that %s costs its deadline and no more', async (_, answer, reason) => {
    const target = await peer(answer);
    const started = performance.now();
    await expect(client.describe(target, call(700))).rejects.toMatchObject({ name: 'OnvifError', reason });
    await expect(client.snapshot(target, `http://127.0.0.1:${target.port}/s`, call(700))).rejects.toMatchObject({
      reason,
    });
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it('that resets the second, authorised request is an answer, no crash', async () => {
    const challenge =
      'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm="a", nonce="b"\r\nContent-Length: 0\r\n\r\n';
    const target = await peer((socket, connection) => {
      if (connection % 2 === 1) socket.end(challenge);
      else socket.resetAndDestroy();
    });
    const uri = `http://127.0.0.1:${target.port}/s.jpg`;
    await expect(client.snapshot(target, uri, call(2_000))).rejects.toMatchObject({ reason: 'connectionLost' });
    await expect(client.describe(target, call(2_000))).rejects.toMatchObject({ name: 'OnvifError' });
  });

  it('leaves when the caller does', async () => {
    const target = await peer(() => undefined);
    const leaving = new AbortController();
    setTimeout(() => leaving.abort(new Error('enough')), 100);
    await expect(client.describe(target, { deadline: 30_000, signal: leaving.signal })).rejects.toThrow('enough');
  });
});

describe('an answer that is an attack', () => {
  const deep = `${'<a>'.repeat(300_000)}`;
  const wide = envelope('<a/>'.repeat(200_000));
  const attributes = envelope(`<a ${Array.from({ length: 60_000 }, (_, i) => `x${i}="1"`).join(' ')}/>`);
  const entities = `<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "${'x'.repeat(1_000)}"><!ENTITY b "${'&a;'.repeat(1_000)}">]>${envelope('<x>&b;</x>').slice(38)}`;
  const text =
    (body: string | Buffer, more = '') =>
    (socket: Socket) => {
      socket.write(head(`Content-Length: ${Buffer.byteLength(body)}\r\n${more}`));
      socket.write(body);
    };

  it.each([
    ['nested tags', text(deep), /nests deeper|larger than/],
    ['a forest of elements', text(wide), /more than 20000 elements/],
    ['an element with endless attributes', text(attributes), /no GetSystemDateAndTimeResponse/],
    ['entities', text(entities), /document type/],
    ['a hundred megabytes', (socket: Socket) => flood(socket), /larger than/],
    ['a zip bomb', text(gzipSync(Buffer.alloc(50_000_000, 32)), 'Content-Encoding: gzip\r\n'), /compressed/],
    ['binary rubbish', text(Buffer.alloc(100_000, 0xfe)), /no XML/],
    ['something else entirely', text('<html><body>Login</body></html>'), /no SOAP/],
    ['the wrong answer', text(envelope('<GetUsersResponse/>')), /no GetSystemDateAndTimeResponse/],
  ] as const)('(%s) is refused while everything else goes on', async (_, answer, says) => {
    const target = await peer(answer);
    const lag = monitorEventLoopDelay({ resolution: 10 });
    lag.enable();
    const before = process.memoryUsage().rss;
    const failed = client.describe(target, call(8_000));
    await expect(failed).rejects.toMatchObject({ reason: 'notOnvif', message: says });
    lag.disable();
    expect(lag.max / 1e6).toBeLessThan(500);
    expect((process.memoryUsage().rss - before) / 2 ** 20).toBeLessThan(300);
  });

  it('leaves other cameras in the same threads alone', async () => {
    const bombs = await Promise.all([
      peer(text(deep)),
      peer(text(wide)),
      peer(text(attributes)),
      peer(() => undefined),
    ]);
    const [good] = await camera({ auth: 'digest' });
    const [found] = await Promise.all([
      Promise.all([1, 2, 3].map(() => client.describe(good, call(10_000)))),
      Promise.allSettled(bombs.map((bomb) => client.describe(bomb, call(2_000)))),
    ]);
    expect(found.map(({ model }) => model)).toEqual(['T-1', 'T-1', 'T-1']);
  });
});

function flood(socket: Socket): void {
  const chunk = Buffer.alloc(1_000_000, 0x61);
  socket.write(`${head()}<a>`);
  let sent = 0;
  const more = () => {
    while (sent < 100 && !socket.destroyed) {
      sent += 1;
      if (!socket.write(chunk)) {
        socket.once('drain', more);
        return;
      }
    }
  };
  more();
}

describe('a camera that leads astray', () => {
  it('is not followed: redirects end the call', async () => {
    const [decoy, { asked }] = await camera({});
    const target = await peer((socket) =>
      socket.end(`HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:${decoy.port}/\r\nContent-Length: 0\r\n\r\n`),
    );
    await expect(client.describe(target, call(2_000))).rejects.toMatchObject({ message: /redirect not followed/ });
    const snapshot = client.snapshot(target, `http://127.0.0.1:${target.port}/s`, call(2_000));
    await expect(snapshot).rejects.toMatchObject({ message: /redirect not followed/ });
    expect(asked).toEqual([]);
  });

  it('keeps asking for a login: two tries, then the end', async () => {
    let logins = 0;
    const [target] = await camera({
      before(operation, request, response) {
        if (operation === 'GetSystemDateAndTime') return false;
        if (request.headers.authorization) logins += 1;
        const nonce = String(Math.random());
        response.writeHead(401, { 'WWW-Authenticate': `Digest realm="a", nonce="${nonce}", stale=true` }).end();
        return true;
      },
    });
    await expect(client.describe(target, call(3_000))).rejects.toMatchObject({ reason: 'wrongPassword' });
    expect(logins).toBe(2);
    logins = 0;
    const snapshot = client.snapshot(target, `http://127.0.0.1:${target.port}/s`, call(3_000));
    await expect(snapshot).rejects.toMatchObject({ reason: 'wrongPassword' });
    expect(logins).toBe(2);
  });

  it('has inner trouble', async () => {
    const [target] = await camera({
      before(operation, _, response) {
        if (operation === 'GetSystemDateAndTime') return false;
        response.writeHead(500).end('oops');
        return true;
      },
    });
    await expect(client.describe(target, call(3_000))).rejects.toMatchObject({
      reason: 'serverError',
      message: 'HTTP 500',
    });
  });

  it('is gone', async () => {
    const [target, gone] = await camera({});
    await gone.close();
    await expect(client.describe(target, call(3_000))).rejects.toMatchObject({ reason: 'portClosed' });
  });
});

describe('a snapshot', () => {
  const from = async (snapshot: Buffer) => {
    const [target] = await camera({ auth: 'digest', snapshot });
    return client.snapshot(target, `http://127.0.0.1:${target.port}/s.jpg`, call(5_000));
  };

  it('is handed over whole, padding behind its end included', async () => {
    const padded = Buffer.concat([JPEG, Buffer.alloc(64)]);
    expect(Buffer.from(await from(padded)).equals(padded)).toBe(true);
  });

  it.each([
    ['half a file', JPEG.subarray(0, 150), 'connectionLost'],
    ['an error page', Buffer.from(`<html>${'x'.repeat(500)}</html>`), 'serverError'],
    ['nothing', Buffer.alloc(0), 'serverError'],
    ['more than 8 MiB', Buffer.concat([JPEG.subarray(0, 4), Buffer.alloc(9 * 2 ** 20)]), 'notOnvif'],
  ] as const)('that is %s is refused', async (_, body, reason) => {
    await expect(from(body)).rejects.toMatchObject({ reason });
  });

  it('on a host that only the camera named gets the login by Digest, never by Basic', async () => {
    const named = async (auth: 'basic' | 'digest', host: string) => {
      const [target, started] = await camera({ auth });
      const wanted = client.snapshot({ ...target, host }, `http://127.0.0.1:${target.port}/s.jpg`, call(5_000));
      return { said: await wanted.then(() => 'a picture', String), logins: started.logins };
    };
    expect(await named('basic', '127.0.0.1')).toEqual({ said: 'a picture', logins: [{ scheme: 'basic', ok: true }] });
    expect(await named('digest', '127.0.0.2')).toMatchObject({ said: 'a picture' });
    const refused = await named('basic', '127.0.0.2');
    expect(refused.said).toContain('Basic, which is not sent to a host that the camera named');
    expect(refused.logins).toEqual([]);
  });

  it('is never fetched from an address that is not allowed, nor by another scheme', async () => {
    const [target] = await camera({});
    const far = client.snapshot(target, 'http://169.254.169.254/latest/meta-data', call(2_000));
    await expect(far).rejects.toMatchObject({ reason: 'targetNotAllowed' });
    await expect(client.snapshot(target, 'file:///etc/passwd', call(2_000))).rejects.toMatchObject({
      reason: 'noSuchStream',
    });
  });
});
