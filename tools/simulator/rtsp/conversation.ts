import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CameraState, StreamState } from './camera-state.ts';
import { challenge, loginIsRight } from './login.ts';
import { createPlayer, type Player } from './player.ts';
import { createRequestReader, type RtspRequest } from './request.ts';
import { describeClip } from './rtp.ts';
import { interleavedSink, type PacketSink, udpSink } from './sink.ts';

/** A camera and the one of its streams that a request names. */
export interface Target {
  readonly camera: CameraState;
  readonly stream: StreamState;
}

interface Answer {
  readonly status: number;
  readonly phrase: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly after?: () => void;
}

const METHODS = 'OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, TEARDOWN, GET_PARAMETER, SET_PARAMETER';

/** Serves one connection. `find` maps a request's path to a stream, `only` is the camera of a port of its own. */
export function converse(
  socket: Socket,
  find: (path: string) => Target | undefined,
  only: CameraState | undefined,
): void {
  const read = createRequestReader();
  const nonce = randomBytes(16).toString('hex');
  const session = randomBytes(6).toString('hex');
  let camera: CameraState | undefined;
  let player: Player | undefined;
  let sink: PacketSink | undefined;
  let turn = Promise.resolve();

  const adopt = (next: CameraState) => {
    camera?.sockets.delete(socket);
    camera = next;
    camera.sockets.add(socket);
  };
  const stopPlaying = () => {
    if (player && camera) camera.viewers -= 1;
    player?.stop();
    player = undefined;
  };
  const send = (request: RtspRequest, answer: Answer) => {
    const { status, phrase, headers = {}, body = '' } = answer;
    const all = {
      CSeq: request.headers.get('cseq') ?? '0',
      Server: 'Simulated camera',
      ...headers,
      ...(body === '' ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }),
    };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    if (!socket.destroyed) socket.write(`RTSP/1.0 ${status} ${phrase}\r\n${lines.join('')}\r\n${body}`);
    answer.after?.();
  };

  const serve = async (target: Target, request: RtspRequest): Promise<Answer> => {
    if (request.method === 'OPTIONS') return { status: 200, phrase: 'OK', headers: { Public: METHODS } };
    const refused = refusal(target.camera, request, nonce);
    if (refused) return refused;
    const held = { Session: `${session};timeout=60` };
    switch (request.method) {
      case 'DESCRIBE':
        return {
          status: 200,
          phrase: 'OK',
          headers: { 'Content-Type': 'application/sdp', 'Content-Base': `${request.uri.replace(/\/$/, '')}/` },
          body: describeClip(target.stream.clip),
        };
      case 'SETUP': {
        const transport = await setUp(request.headers.get('transport') ?? '');
        if (!transport) return { status: 461, phrase: 'Unsupported Transport' };
        return { status: 200, phrase: 'OK', headers: { ...held, Transport: transport } };
      }
      case 'PLAY': {
        if (!sink || !request.headers.get('session')?.startsWith(session)) {
          return { status: 454, phrase: 'Session Not Found' };
        }
        if (!player) target.camera.viewers += 1;
        player ??= createPlayer(sink, {
          clip: () => target.stream.clip,
          sending: () => target.camera.picture !== 'noFrames',
        });
        const url = `url=${request.uri.replace(/\/$/, '')}/trackID=0;seq=${player.firstSequence};rtptime=0`;
        const headers = { ...held, Range: 'npt=0.000-', 'RTP-Info': url };
        const afterMs = target.camera.fault === 'slowFirstFrame' ? target.camera.slowMs : 0;
        return { status: 200, phrase: 'OK', headers, after: () => player?.start(afterMs) };
      }
      case 'PAUSE':
      case 'TEARDOWN':
        stopPlaying();
        return { status: 200, phrase: 'OK', headers: held };
      case 'GET_PARAMETER':
      case 'SET_PARAMETER':
        return { status: 200, phrase: 'OK', headers: held };
      default:
        return { status: 501, phrase: 'Not Implemented' };
    }
  };

  const setUp = async (wanted: string): Promise<string | undefined> => {
    const ports = /client_port=(\d{1,5})-(\d{1,5})/.exec(wanted);
    if (/RTP\/AVP\/TCP/i.test(wanted)) {
      const channel = Number(/interleaved=(\d{1,3})/.exec(wanted)?.[1] ?? 0) & 0xff;
      sink?.close();
      sink = interleavedSink(socket, channel);
      return `RTP/AVP/TCP;unicast;interleaved=${channel}-${channel + 1}`;
    }
    if (!ports || /multicast/i.test(wanted)) return undefined;
    const udp = await udpSink(socket, Number(ports[1]));
    sink?.close();
    sink = udp.sink;
    if (socket.destroyed) sink.close();
    return `RTP/AVP;unicast;client_port=${ports[1]}-${ports[2]};server_port=${udp.serverPort}-${udp.serverPort + 1}`;
  };

  const receive = async (request: RtspRequest): Promise<void> => {
    const named = find(request.uri);
    const target = named ?? (only && { camera: only, stream: only.streams[0] });
    if (!target) {
      const known = request.method === 'OPTIONS';
      const answer = known ? { status: 200, phrase: 'OK', headers: { Public: METHODS } } : undefined;
      return send(request, answer ?? { status: 404, phrase: 'Stream Not Found' });
    }
    adopt(target.camera);
    const { fault } = target.camera;
    if (fault === 'hang') return;
    if (fault === 'garbage') return void socket.end(randomBytes(64).fill(0x00, 0, 2));
    if (fault === 'trickle' || fault === 'endlessHeader') return drip(socket, fault);
    if (!named && request.method !== 'OPTIONS') return send(request, { status: 404, phrase: 'Stream Not Found' });
    if (fault === 'slow') await sleep(target.camera.slowMs);
    send(request, await serve(target, request));
  };

  socket.on('data', (chunk: Buffer) => {
    try {
      for (const request of read(chunk)) turn = turn.then(() => receive(request)).catch(() => void socket.destroy());
    } catch {
      // The peer does not speak RTSP; a camera hangs up on it.
      socket.destroy();
    }
  });
  // A fault that strikes a running stream: the pictures stop, the connection stays.
  socket.on('silence', stopPlaying);
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    stopPlaying();
    sink?.close();
    camera?.sockets.delete(socket);
  });
}

function refusal(camera: CameraState, request: RtspRequest, nonce: string): Answer | undefined {
  const { fault } = camera;
  if (fault === 'notFound') return { status: 404, phrase: 'Stream Not Found' };
  if (fault === 'busy') return { status: 453, phrase: 'Not Enough Bandwidth' };
  if (fault === 'broken') return { status: 500, phrase: 'Internal Server Error' };
  const right = !camera.login || loginIsRight(camera.login, nonce, request);
  if (!right || fault === 'unauthorized') {
    const headers = { 'WWW-Authenticate': challenge(camera.login?.scheme, nonce) };
    return { status: 401, phrase: 'Unauthorized', headers };
  }
  if (fault === 'redirect')
    return { status: 302, phrase: 'Moved Temporarily', headers: { Location: camera.redirectTo } };
  if (fault === 'sessionLimit' && request.method === 'SETUP') return { status: 453, phrase: 'Not Enough Bandwidth' };
  return undefined;
}

/** An answer that never ends, slowly or fast; a full socket is not filled further. */
function drip(socket: Socket, fault: 'trickle' | 'endlessHeader'): void {
  const slow = 'RTSP/1.0 200 OK\r\nCSeq: 1\r\nServer: Simulated camera with all the time in the world\r\n';
  let at = 0;
  const next = () => {
    if (socket.writableLength > 65_536) return;
    if (fault === 'trickle') socket.write(slow[at % slow.length] ?? '');
    else socket.write(at === 0 ? 'RTSP/1.0 200 OK\r\n' : `X-Header-${at}: ${'x'.repeat(1_000)}\r\n`);
    at += 1;
  };
  const timer = setInterval(next, fault === 'trickle' ? 1_000 : 1);
  next();
  socket.once('close', () => clearInterval(timer));
}
