import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Clip } from './clip.ts';
import { type CameraLogin, challenge, loginIsRight } from './login.ts';
import { createPlayer, type Player } from './player.ts';
import { createRequestReader, type RtspRequest } from './request.ts';

/**
 * What goes wrong on demand: `hang` accepts and never answers, `refuse` closes the port, `unauthorized` rejects every
 * login (password changed), `notFound` has no such stream, `garbage` is no RTSP, `slow` answers late, `busy` has no
 * free session, `broken` answers 500.
 */
export const RTSP_FAULTS = [
  'none',
  'hang',
  'refuse',
  'unauthorized',
  'notFound',
  'garbage',
  'slow',
  'busy',
  'broken',
] as const;
export type RtspFault = (typeof RTSP_FAULTS)[number];

/** One camera as the conversation sees it. */
export interface CameraState {
  readonly path: string;
  readonly clip: Clip;
  readonly login: CameraLogin | undefined;
  readonly slowMs: number;
  fault: RtspFault;
  /** Connections that asked for this camera. */
  readonly sockets: Set<Socket>;
  viewers: number;
}

interface Answer {
  readonly status: number;
  readonly phrase: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly after?: () => void;
}

const METHODS = 'OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, TEARDOWN, GET_PARAMETER, SET_PARAMETER';

/** Serves one connection. `find` maps a request's path to a camera, `only` is the camera of a port of its own. */
export function converse(
  socket: Socket,
  find: (path: string) => CameraState | undefined,
  only: CameraState | undefined,
): void {
  const read = createRequestReader();
  const nonce = randomBytes(16).toString('hex');
  const session = randomBytes(6).toString('hex');
  let camera: CameraState | undefined;
  let player: Player | undefined;
  let channel = 0;

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

  const serve = (target: CameraState, request: RtspRequest): Answer => {
    if (request.method === 'OPTIONS') return { status: 200, phrase: 'OK', headers: { Public: METHODS } };
    const refused = refusal(target, request);
    if (refused) return refused;
    const held = { Session: `${session};timeout=60` };
    switch (request.method) {
      case 'DESCRIBE':
        return {
          status: 200,
          phrase: 'OK',
          headers: { 'Content-Type': 'application/sdp', 'Content-Base': `${request.uri.replace(/\/$/, '')}/` },
          body: describe(target.clip),
        };
      case 'SETUP': {
        const transport = request.headers.get('transport') ?? '';
        if (!/RTP\/AVP\/TCP/i.test(transport)) return { status: 461, phrase: 'Unsupported Transport' };
        channel = Number(/interleaved=(\d{1,3})/.exec(transport)?.[1] ?? 0) & 0xff;
        const granted = `RTP/AVP/TCP;unicast;interleaved=${channel}-${channel + 1}`;
        return { status: 200, phrase: 'OK', headers: { ...held, Transport: granted } };
      }
      case 'PLAY': {
        if (!request.headers.get('session')?.startsWith(session)) return { status: 454, phrase: 'Session Not Found' };
        if (!player) target.viewers += 1;
        player ??= createPlayer(socket, target.clip, channel);
        const url = `url=${request.uri.replace(/\/$/, '')}/trackID=0;seq=${player.firstSequence};rtptime=0`;
        const headers = { ...held, Range: 'npt=0.000-', 'RTP-Info': url };
        return { status: 200, phrase: 'OK', headers, after: () => player?.start() };
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

  const refusal = (target: CameraState, request: RtspRequest): Answer | undefined => {
    if (target.fault === 'notFound') return { status: 404, phrase: 'Stream Not Found' };
    if (target.fault === 'busy') return { status: 453, phrase: 'Not Enough Bandwidth' };
    if (target.fault === 'broken') return { status: 500, phrase: 'Internal Server Error' };
    const right = !target.login || loginIsRight(target.login, nonce, request);
    if (right && target.fault !== 'unauthorized') return undefined;
    const headers = { 'WWW-Authenticate': challenge(target.login?.scheme, nonce) };
    return { status: 401, phrase: 'Unauthorized', headers };
  };

  const receive = (request: RtspRequest) => {
    const target = only ?? find(request.uri);
    if (!target) {
      const known = request.method === 'OPTIONS';
      const answer = known ? { status: 200, phrase: 'OK', headers: { Public: METHODS } } : undefined;
      return send(request, answer ?? { status: 404, phrase: 'Stream Not Found' });
    }
    adopt(target);
    if (target.fault === 'hang') return;
    if (target.fault === 'garbage') return void socket.end(randomBytes(64).fill(0x00, 0, 2));
    if (only && find(request.uri) !== only && request.method !== 'OPTIONS') {
      return send(request, { status: 404, phrase: 'Stream Not Found' });
    }
    if (target.fault === 'slow') setTimeout(() => send(request, serve(target, request)), target.slowMs);
    else send(request, serve(target, request));
  };

  socket.on('data', (chunk: Buffer) => {
    try {
      for (const request of read(chunk)) receive(request);
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
    camera?.sockets.delete(socket);
  });
}

function describe(clip: Clip): string {
  const profile = clip.sps.toString('hex', 1, 4);
  const sets = `${clip.sps.toString('base64')},${clip.pps.toString('base64')}`;
  const lines = [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=Simulated camera',
    't=0 0',
    'a=control:*',
    'a=range:npt=0-',
    'm=video 0 RTP/AVP 96',
    'c=IN IP4 0.0.0.0',
    'a=rtpmap:96 H264/90000',
    `a=fmtp:96 packetization-mode=1;profile-level-id=${profile};sprop-parameter-sets=${sets}`,
    ...(clip.size ? [`a=framesize:96 ${clip.size.width}-${clip.size.height}`] : []),
    `a=framerate:${clip.fps}`,
    'a=control:trackID=0',
  ];
  return `${lines.join('\r\n')}\r\n`;
}
