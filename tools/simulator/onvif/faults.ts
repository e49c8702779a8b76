import type { IncomingMessage, ServerResponse } from 'node:http';
import { TLSSocket } from 'node:tls';
import { envelope, NAMESPACES } from './soap.ts';

/**
 * What the SOAP side does wrong. `hang` never answers, `stall` stops in the middle of a body, `trickle` sends a byte a
 * second, `endlessHeader` headers without end, `hugeXml` 100 MB, `entityBomb` a billion laughs, `wrongNamespace` an
 * answer from another standard, `notXml` a web page, `serverError` 500, `authLoop` a new challenge for every login,
 * `foreignXAddr` names services and `foreignStream` stream and snapshot on a host that is none of its own, `redirect`
 * sends elsewhere, `reset` cuts the connection.
 */
export const ONVIF_FAULTS = [
  'none',
  'hang',
  'stall',
  'trickle',
  'endlessHeader',
  'hugeXml',
  'entityBomb',
  'wrongNamespace',
  'notXml',
  'serverError',
  'authLoop',
  'foreignXAddr',
  'foreignStream',
  'redirect',
  'reset',
] as const;
export type OnvifFault = (typeof ONVIF_FAULTS)[number];

/**
 * What the snapshot does wrong. `wrongLength` announces more than it sends, `truncated` ends in the middle of the JPEG
 * with the right length, `notJpeg` is a web page with 200, `old` is the picture of the moment the fault began,
 * `huge` 64 MB, `empty` nothing; the others as for SOAP.
 */
export const SNAPSHOT_FAULTS = [
  'none',
  'hang',
  'stall',
  'trickle',
  'wrongLength',
  'truncated',
  'notJpeg',
  'empty',
  'huge',
  'old',
  'serverError',
  'authLoop',
  'redirect',
  'reset',
] as const;
export type SnapshotFault = (typeof SNAPSHOT_FAULTS)[number];

const HUGE_BYTES = 100 * 1024 * 1024;
const SNAPSHOT_BYTES = 64 * 1024 * 1024;
const PAGE = '<!DOCTYPE html><html><body><h1>Web service</h1></body></html>';

/** Answers with a fault of the wire; false when this fault needs the ordinary answer. */
export function misbehave(
  fault: OnvifFault | SnapshotFault,
  request: IncomingMessage,
  response: ServerResponse,
  answer: Buffer,
  foreignHost: string,
): boolean {
  const type = answer[0] === 0xff ? 'image/jpeg' : 'application/soap+xml; charset=utf-8';
  const send = (status: number, contentType: string, body: string | Buffer) => {
    response.writeHead(status, { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(body) });
    response.end(body);
    return true;
  };
  switch (fault) {
    case 'hang':
      return true;
    case 'stall':
      response.writeHead(200, { 'Content-Type': type, 'Content-Length': answer.length });
      response.write(answer.subarray(0, answer.length >> 1));
      return true;
    case 'trickle':
      response.writeHead(200, { 'Content-Type': type });
      repeat(response, 1_000, (n) => answer.subarray(n % answer.length, (n % answer.length) + 1));
      return true;
    case 'endlessHeader':
      request.socket.write('HTTP/1.1 200 OK\r\n');
      repeat(request.socket, 1, (n) => `X-Header-${n}: ${'x'.repeat(1_000)}\r\n`);
      return true;
    case 'hugeXml':
      return flood(response, 'application/soap+xml', '<tt:Name>x</tt:Name>'.repeat(3_000), HUGE_BYTES);
    case 'huge':
      return flood(response, 'image/jpeg', Buffer.concat([answer, Buffer.alloc(65_536)]), SNAPSHOT_BYTES);
    case 'entityBomb':
      return send(200, type, bomb());
    case 'wrongNamespace':
      return send(200, type, envelope('<x:Answer xmlns:x="urn:example:other"><x:Value>1</x:Value></x:Answer>'));
    case 'notXml':
    case 'notJpeg':
      return send(200, fault === 'notXml' ? 'text/html' : 'image/jpeg', PAGE);
    case 'serverError':
      return send(500, 'text/html', PAGE);
    case 'redirect':
      response.writeHead(302, { Location: `http://${foreignHost}${request.url ?? '/'}`, 'Content-Length': 0 });
      response.end();
      return true;
    case 'reset':
      // A TLS socket cannot reset; its connection ends as abruptly.
      if (request.socket instanceof TLSSocket) request.socket.destroy();
      else request.socket.resetAndDestroy();
      return true;
    case 'wrongLength':
      response.writeHead(200, { 'Content-Type': type, 'Content-Length': answer.length + 1_000, Connection: 'close' });
      response.write(answer, () => request.socket.end());
      return true;
    case 'truncated':
      return send(200, type, answer.subarray(0, answer.length >> 1));
    case 'empty':
      return send(200, type, '');
    default:
      return false;
  }
}

interface Outlet {
  write(piece: string | Buffer): boolean;
  once(event: 'close', listener: () => void): unknown;
  readonly writableLength: number;
}

function repeat(outlet: Outlet, everyMs: number, piece: (n: number) => string | Buffer): void {
  let n = 0;
  const timer = setInterval(() => {
    if (outlet.writableLength < 65_536) outlet.write(piece(n++));
  }, everyMs);
  outlet.once('close', () => clearInterval(timer));
}

/** Sends as fast as it is read, and no more than `bytes`. */
function flood(response: ServerResponse, type: string, first: string | Buffer, bytes: number): true {
  response.writeHead(200, { 'Content-Type': type });
  let sent = 0;
  const more = () => {
    while (sent < bytes && !response.destroyed) {
      sent += first.length;
      if (!response.write(first)) return void response.once('drain', more);
    }
    response.end();
  };
  if (type !== 'image/jpeg')
    response.write('<?xml version="1.0"?><e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope">');
  more();
  return true;
}

function bomb(): string {
  const levels = Array.from({ length: 9 }, (_, n) => `<!ENTITY b${n + 1} "${`&b${n};`.repeat(10)}">`);
  const doctype = `<!DOCTYPE bomb [<!ENTITY b0 "boom">${levels.join('')}]>`;
  return envelope(
    '<s:GetDeviceInformationResponse><s:Model>&b9;</s:Model></s:GetDeviceInformationResponse>',
    NAMESPACES.device,
  ).replace('<env:Envelope', `${doctype}<env:Envelope`);
}
