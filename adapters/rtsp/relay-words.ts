import { printable } from './failure.ts';
import type { Question } from './relay-camera.ts';
import type { RtspMessage } from './relay-framing.ts';
import { interleavedOf, type RelayedDescription } from './relay-rewrite.ts';

/** What a player may ask. */
export const METHODS = ['OPTIONS', 'DESCRIBE', 'SETUP', 'PLAY', 'PAUSE', 'GET_PARAMETER', 'TEARDOWN'];

/** What is known of the camera when a player asks. */
export interface Standing {
  /** `rtsp://127.0.0.1:port/token`, without a slash at the end. */
  readonly prefix: string;
  /** Address of the camera's stream. */
  readonly uri: string;
  readonly described: RelayedDescription | undefined;
  /** Tracks set up so far. */
  readonly tracks: number;
}

/** What to ask the camera, or the status that refuses the player. */
export function planQuestion(request: RtspMessage, standing: Standing): Question | string {
  const [method = '', uri = ''] = request.start.split(' ');
  if (!METHODS.includes(method)) return '501 Not Implemented';
  if (!uri.startsWith(standing.prefix)) return '404 Not Found';
  const rest = uri.slice(standing.prefix.length).replace(/^\/|\/$/g, '');
  const track = /^t(\d{1,3})$/.exec(rest)?.[1];
  const target = rest === '' ? aggregateOf(standing) : standing.described?.tracks[Number(track)];
  if (target === undefined) return '404 Not Found';
  if (method === 'DESCRIBE') return { method, uri: standing.uri, headers: ['Accept: application/sdp'] };
  if (method === 'SETUP') {
    const channels = wantedChannels(request, standing.tracks);
    if (!channels) return '461 Unsupported Transport';
    const transport = `Transport: RTP/AVP/TCP;unicast;interleaved=${channels.first}-${channels.last}`;
    return { method, uri: target, headers: [transport] };
  }
  const range = request.headers.get('range')?.[0] ?? '';
  const asked = method === 'PLAY' && /^[\w=.:-]{1,60}$/.test(range) ? [`Range: ${range}`] : [];
  return { method, uri: target, headers: asked };
}

/** What is asked of the whole presentation goes here. */
export function aggregateOf({ described, uri }: Pick<Standing, 'described' | 'uri'>): string {
  return described?.aggregate ?? uri;
}

/** Channels a player wants for its next track; undefined = it wants no TCP. */
export function wantedChannels(request: RtspMessage, tracks: number) {
  const next = tracks * 2;
  return interleavedOf(request.headers.get('transport') ?? [], { first: next, last: next + 1 });
}

/** Session id and its header as the camera gave them. */
export function sessionOf(message: RtspMessage): { readonly id: string; readonly header: string } | undefined {
  const said = message.headers.get('session')?.[0] ?? '';
  const [, id, timeout] = /^([!-:<-~]{1,200})\s*(?:;.*?timeout\s*=\s*(\d{1,6}))?/.exec(said) ?? [];
  return id === undefined
    ? undefined
    : { id, header: `Session: ${id}${timeout === undefined ? '' : `;timeout=${timeout}`}` };
}

/** An answer to the player. */
export function composeAnswer(request: RtspMessage, status: string, headers: readonly string[], body: string): string {
  const cseq = printable(request.headers.get('cseq')?.[0] ?? '0', 20);
  const length = body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`];
  const lines = [`RTSP/1.0 ${status}`, `CSeq: ${cseq}`, ...headers, ...length];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}
