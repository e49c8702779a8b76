import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type GstRtspServer, gstAvailable, startGstRtspServer } from '../../gateway/test/support/gst-rtsp-server.ts';
import { createRtspServer, type RtspServer } from '../../tools/simulator/rtsp/server.ts';
import { createTargetGuard } from '../targets.ts';
import { createRtspRelay, type RelayAccess, type RelayOptions, type RtspRelay } from './relay.ts';
import { probeContext } from './testing-prober.ts';
import { captured, OK_SDP, rawServer, respond } from './testing-server.ts';

const login = { username: 'admin', password: 'Camera-1' };
const never = new AbortController().signal;
const PATIENT = { timeout: 20_000 };
const relays: RtspRelay[] = [];
const clients: Socket[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  for (const relay of relays.splice(0)) await relay.close();
});

function relayOf(options: Partial<RelayOptions> = {}): RtspRelay {
  const { log, clock } = probeContext;
  const relay = createRtspRelay({
    guard: createTargetGuard({ allowed: ['127.0.0.0/8'] }),
    log,
    monotonic: clock.monotonic,
    verifyTls: false,
    userAgent: 'test',
    ...options,
  });
  relays.push(relay);
  return relay;
}

function open(url: string, options: Partial<RelayOptions> = {}, as: Partial<typeof login> = {}): Promise<RelayAccess> {
  return relayOf(options).open({ protocol: 'rtsp', url, ...as }, { signal: never });
}

/** A player by hand: asks and waits for the whole answer. */
async function player(url: string) {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  clients.push(socket);
  socket.on('error', () => socket.destroy());
  await once(socket, 'connect');
  const state = { text: '', closed: false };
  socket.on('data', (chunk) => {
    state.text += chunk.toString('latin1');
  });
  socket.on('close', () => {
    state.closed = true;
  });
  let cseq = 0;
  const ask = async (method: string, uri = url, headers: readonly string[] = []) => {
    cseq += 1;
    const seen = state.text.length;
    socket.write(`${[`${method} ${uri} RTSP/1.0`, `CSeq: ${cseq}`, ...headers].join('\r\n')}\r\n\r\n`);
    await vi.waitFor(() => expect(state.closed || state.text.slice(seen).includes('\r\n\r\n')).toBe(true), PATIENT);
    return state.text.slice(seen);
  };
  return { socket, state, ask };
}

async function run(program: string, args: readonly string[]): Promise<{ code: number | null; text: string }> {
  const child = spawn('timeout', ['-s', 'KILL', '20', program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  child.stderr.on('data', (chunk) => {
    text += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, text };
}

const BRISK = ['-analyzeduration', '300000', '-probesize', '50000'];
const ffprobe = (url: string) =>
  run('ffprobe', [
    ...BRISK,
    '-v',
    'error',
    '-rtsp_transport',
    'tcp',
    '-show_entries',
    'stream=codec_name',
    '-of',
    'csv=p=0',
    url,
  ]);

describe.runIf(gstAvailable())('ffmpeg and ffprobe through the relay', () => {
  let server: GstRtspServer;
  beforeAll(async () => {
    server = await startGstRtspServer({ auth: 'digest', user: login.username, password: login.password });
  });
  afterAll(() => server.kill());

  it.each([
    ['/cam', 'h264'],
    ['/hevc', 'hevc'],
  ])('play %s of a GStreamer server with Digest, and never hear of the login', async (path, codec) => {
    const access = await open(server.url(path), {}, login);
    expect(access.url).toMatch(/^rtsp:\/\/127\.0\.0\.1:\d+\/[\w-]{22}$/);
    expect(await ffprobe(access.url)).toMatchObject({ code: 0, text: expect.stringContaining(codec) });
    // The same token serves a next player, also one that tries UDP first.
    const decoded = await run('ffmpeg', [
      '-v',
      'error',
      ...BRISK,
      '-i',
      access.url,
      '-frames:v',
      '3',
      '-f',
      'null',
      '-',
    ]);
    expect(decoded.code).toBe(0);
    expect(access.failure()).toBeNull();
    expect(access.bytes()).toBeGreaterThan(1_000);
  });

  it('are refused with the reason noted', async () => {
    const wrong = await open(server.url('/cam'), {}, { ...login, password: 'old' });
    const { code, text } = await ffprobe(wrong.url);
    expect(code).not.toBe(0);
    expect(text).not.toContain('old');
    expect(wrong.failure()).toBe('wrongPassword');
    const gone = await open(server.url('/cam9'), {}, login);
    await ffprobe(gone.url);
    expect(gone.failure()).toBe('noSuchStream');
  });
});

describe('a simulated camera through the relay', () => {
  let server: RtspServer;
  const path = '/cam/realmonitor?channel=1&subtype=0';
  beforeAll(async () => {
    server = createRtspServer({ cameras: [{ path, login: { ...login, scheme: 'sha256' } }] });
    await server.start();
  });
  afterAll(() => server.stop());
  const camera = () => server.camera(path);
  const transport = ['Transport: RTP/AVP/TCP;unicast;interleaved=0-1'];

  const play = async (access: RelayAccess) => {
    const one = await player(access.url);
    await one.ask('DESCRIBE');
    const setup = await one.ask('SETUP', `${access.url}/t0`, transport);
    const session = /Session: ([^;\r]+)/.exec(setup)?.[1] ?? '';
    await one.ask('PLAY', `${access.url}/`, [`Session: ${session}`]);
    return one;
  };

  it('plays with a query in its path and SHA-256', async () => {
    const access = await open(camera().url, {}, login);
    expect(await ffprobe(access.url)).toMatchObject({ code: 0, text: expect.stringContaining('h264') });
  });

  it('gets its session back when the player is killed or the access is closed', async () => {
    const access = await open(camera().url, {}, login);
    const one = await play(access);
    await vi.waitFor(() => expect(camera().viewers).toBe(1), PATIENT);
    one.socket.destroy();
    await vi.waitFor(() => expect(camera().viewers).toBe(0), PATIENT);
    const two = await play(access);
    await vi.waitFor(() => expect(camera().viewers).toBe(1), PATIENT);
    access.close();
    await vi.waitFor(() => expect(camera().viewers).toBe(0), PATIENT);
    await vi.waitFor(() => expect(two.state.closed).toBe(true), PATIENT);
    expect(await (await player(access.url)).ask('OPTIONS', access.url)).toContain('404');
  });

  it('leaves nobody with a token a second way in', async () => {
    const access = await open(camera().url, {}, login);
    await play(access);
    const other = await player(access.url);
    expect(await other.ask('DESCRIBE')).toContain('404');
    const guess = access.url.replace(/[\w-]{22}$/, 'A'.repeat(22));
    expect(await (await player(guess)).ask('DESCRIBE')).toContain('404');
  });

  it('that stops sending is a timeout, and hangs up on the player', async () => {
    const access = await open(camera().url, { idleMs: 300 }, login);
    const one = await play(access);
    await camera().fault('hang');
    await vi.waitFor(() => expect(one.state.closed).toBe(true), PATIENT);
    expect(access.failure()).toBe('timeout');
    await camera().fault('none');
  });

  it('that is cut off is a lost connection', async () => {
    const access = await open(camera().url, {}, login);
    const one = await play(access);
    await camera().fault('busy');
    await vi.waitFor(() => expect(one.state.closed).toBe(true), PATIENT);
    expect(access.failure()).toBe('connectionLost');
    const next = await player(access.url);
    expect(await next.ask('DESCRIBE')).toMatch(/^RTSP\/1\.0 453/);
    expect(access.failure()).toBe('sessionLimit');
    await camera().fault('none');
  });
});

describe('addresses', () => {
  it.each(['dahua-style', 'hikvision-style', 'live555-style', 'gstreamer'])(
    'of a %s camera become ours',
    async (name) => {
      const [options = '', challenge = '', description = ''] = captured(name);
      await using server = await rawServer((request) => {
        const cseq = `CSeq: ${/CSeq: (\d+)/.exec(request)?.[1]}`;
        const answer = request.startsWith('OPTIONS')
          ? options
          : request.includes('Authorization')
            ? description
            : challenge;
        if (request.startsWith('SETUP'))
          return respond('200 OK', [
            cseq,
            'Session: 77;timeout=60',
            'Transport: RTP/AVP/TCP;interleaved=0-1;source=10.9.8.7',
          ]);
        return answer.replace(/CSeq: \d+/, cseq);
      });
      const access = await open(
        server.url('/cam/realmonitor?channel=1&subtype=1'),
        {},
        { username: 'admin', password: 'sEcret99' },
      );
      const one = await player(access.url);
      const described = await one.ask('DESCRIBE');
      expect(described).toContain(`Content-Base: ${access.url}/`);
      expect(described).toContain('a=control:t0');
      expect(described).not.toMatch(/10\.9\.8\.7|sEcret99|trackID|stream=|c=IN/);
      const setup = await one.ask('SETUP', `${access.url}/t0`, ['Transport: RTP/AVP/TCP;unicast;interleaved=0-1']);
      expect(setup).toContain('Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n');
      const base = `rtsp://127.0.0.1:${server.port}`;
      const uris: Record<string, string> = {
        'dahua-style': 'rtsp://10.9.8.7:554/cam/realmonitor?channel=1&subtype=1/trackID=0',
        'hikvision-style': 'rtsp://10.9.8.7:554/Streaming/Channels/101/trackID=1',
        'live555-style': `${base}/cam/realmonitor?channel=1&subtype=1/trackID=video`,
        gstreamer: 'rtsp://127.0.0.1:33685/cam/stream=0',
      };
      expect(server.requests.find((request) => request.startsWith('SETUP'))).toContain(`SETUP ${uris[name]} RTSP/1.0`);
      expect(server.requests.join()).not.toContain('admin:sEcret99');
      expect(
        await one.ask('SETUP', `${access.url}/t0`, ['Transport: RTP/AVP;unicast;client_port=5000-5001']),
      ).toContain(' 461 ');
      expect(await one.ask('SETUP', `${access.url}/t9`, ['Transport: RTP/AVP/TCP'])).toContain(' 404 ');
      expect(await one.ask('ANNOUNCE')).toContain(' 501 ');
    },
  );
});

describe('a camera that misbehaves', () => {
  const cases: [string, string, (socket: Socket, request: string) => string | undefined][] = [
    ['sends the player elsewhere', 'noSuchStream', () => respond('302 Moved', ['Location: rtsp://127.0.0.1:22/'])],
    ['is full', 'sessionLimit', () => respond('453 Not Enough Bandwidth')],
    ['has no video', 'noSuchStream', () => respond('200 OK', [], 'v=0\r\nm=audio 0 RTP/AVP 0\r\n')],
    [
      'asks for a login we have not',
      'wrongPassword',
      () => respond('401 No', ['WWW-Authenticate: Digest realm="x", nonce="1"']),
    ],
    ['speaks HTTP', 'notRtsp', () => 'HTTP/1.1 200 OK\r\n\r\n'],
    ['announces a huge body', 'notRtsp', () => respond('200 OK', ['Content-Length: 900000000'])],
    ['never ends its header', 'notRtsp', () => `RTSP/1.0 200 OK\r\n${'X: y\r\n'.repeat(20_000)}`],
    ['never answers', 'timeout', () => undefined],
    ['hangs up', 'connectionLost', (socket) => void socket.destroy()],
  ];
  it.each(cases)('and %s is %s', async (_name, reason, answer) => {
    await using server = await rawServer((request, _number, socket) => answer(socket, request));
    const access = await open(server.url(), { answerMs: 300 });
    const one = await player(access.url);
    const said = await one.ask('DESCRIBE');
    expect(said).toMatch(/^RTSP\/1\.0 (4|5)\d\d/);
    expect(said).not.toMatch(/Location|WWW-Authenticate/);
    expect(access.failure()).toBe(reason);
  });

  it('and asks for Basic on a host that only the camera named gets no login', async () => {
    await using server = await rawServer(() => respond('401 No', ['WWW-Authenticate: Basic realm="x"']));
    const connection = { protocol: 'rtsp', url: server.url(), ...login, digestOnly: true } as const;
    const access = await relayOf().open(connection, { signal: never });
    await (await player(access.url)).ask('DESCRIBE');
    expect([access.failure(), access.detail()]).toEqual(['wrongPassword', expect.stringContaining('Basic')]);
    expect(server.requests.join('')).not.toContain('Authorization');
  });

  it('and trickles its header byte by byte costs the deadline once', async () => {
    const timers: NodeJS.Timeout[] = [];
    await using server = await rawServer((_request, _number, socket) => {
      socket.write('RTSP/1.0 200 OK\r\nX: ');
      timers.push(setInterval(() => socket.write('x'), 20));
      return undefined;
    });
    const access = await open(server.url(), { answerMs: 300 });
    await (await player(access.url)).ask('DESCRIBE');
    for (const timer of timers) clearInterval(timer);
    expect(access.failure()).toBe('timeout');
  });

  it('hangs up with its 401 and forgets its nonce is asked again with the login, at most twice a question', async () => {
    await using server = await rawServer((request, number, socket) => {
      const cseq = `CSeq: ${/CSeq: (\d+)/.exec(request)?.[1]}`;
      const fresh = respond('401 No', [cseq, `WWW-Authenticate: Digest realm="x", nonce="${number}"`]);
      if (!request.includes('Authorization')) {
        socket.end(fresh);
        return undefined;
      }
      if (request.startsWith('GET_PARAMETER') && !request.includes(`nonce="${number - 1}"`)) return fresh;
      return respond('200 OK', [cseq], request.startsWith('DESCRIBE') ? OK_SDP : '');
    });
    const access = await open(server.url(), {}, login);
    const one = await player(access.url);
    expect(await one.ask('DESCRIBE')).toContain(' 200 ');
    expect(await one.ask('GET_PARAMETER', `${access.url}/`)).toContain(' 200 ');
    const asked = (method: string) => server.requests.filter((request) => request.startsWith(method)).length;
    expect(asked('GET_PARAMETER')).toBe(2);
    expect(asked('DESCRIBE')).toBeLessThanOrEqual(3);
    expect(access.failure()).toBeNull();
  });

  it('is not dialled where it may not be', async () => {
    const access = await open('rtsp://169.254.169.254/latest', {});
    await (await player(access.url)).ask('DESCRIBE');
    expect(access.failure()).toBe('targetNotAllowed');
    await expect(open('http://127.0.0.1/x')).rejects.toMatchObject({ code: 'TARGET_NOT_ALLOWED' });
    const closed = await open('rtsp://127.0.0.1:1/x');
    await (await player(closed.url)).ask('DESCRIBE');
    expect(closed.failure()).toBe('portClosed');
  });
});

describe('a player that does not read', () => {
  it('holds the camera back, not our memory, and gets every byte in the end', async () => {
    const TOTAL = 48 * 1024 * 1024;
    const frame = Buffer.concat([Buffer.from([0x24, 0, 0x40, 0]), Buffer.alloc(0x4000, 7)]);
    let sent = 0;
    await using server = await rawServer((request, _number, socket) => {
      const cseq = `CSeq: ${/CSeq: (\d+)/.exec(request)?.[1]}`;
      if (!request.startsWith('PLAY')) {
        const setup = request.startsWith('SETUP') ? ['Session: 1', 'Transport: RTP/AVP/TCP;interleaved=0-1'] : [];
        return respond('200 OK', [cseq, ...setup], request.startsWith('DESCRIBE') ? OK_SDP : '');
      }
      const pump = () => {
        while (sent < TOTAL) {
          sent += frame.length;
          if (!socket.write(frame)) return;
        }
      };
      socket.on('drain', pump);
      socket.write(respond('200 OK', [cseq]));
      pump();
      return undefined;
    });
    const access = await open(server.url(), { idleMs: 300 });
    const one = await player(access.url);
    await one.ask('DESCRIBE');
    await one.ask('SETUP', `${access.url}/t0`, ['Transport: RTP/AVP/TCP;interleaved=0-1']);
    let got = 0;
    one.socket.removeAllListeners('data');
    one.socket.on('data', (chunk) => {
      got += chunk.length;
    });
    one.socket.pause();
    one.socket.write(`PLAY ${access.url}/ RTSP/1.0\r\nCSeq: 9\r\n\r\n`);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(access.bytes()).toBeLessThan(TOTAL / 2);
    expect(access.failure()).toBeNull();
    one.socket.resume();
    await vi.waitFor(() => expect(got).toBeGreaterThanOrEqual(TOTAL), PATIENT);
  });
});

describe('the relay itself', () => {
  it('forgets a token nobody uses, closes with its signal, and hangs up on garbage', async () => {
    const relay = relayOf({ unusedMs: 50 });
    const ending = new AbortController();
    const url = 'rtsp://127.0.0.1:9/x';
    await relay.open({ protocol: 'rtsp', url }, { signal: never });
    await vi.waitFor(() => expect(relay.stats().open).toBe(0), PATIENT);
    const patient = relayOf();
    const access = await patient.open({ protocol: 'rtsp', url }, { signal: ending.signal });
    const noise = await player(access.url);
    noise.socket.write('GET / HTTP/1.1\r\n\r\n');
    await vi.waitFor(() => expect(noise.state.closed).toBe(true), PATIENT);
    ending.abort();
    expect(patient.stats()).toEqual({ open: 0, sessions: 0 });
    await patient.close();
    await expect(patient.open({ protocol: 'rtsp', url }, { signal: never })).rejects.toMatchObject({ code: 'STOPPED' });
  });
});
