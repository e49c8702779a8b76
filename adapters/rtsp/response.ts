import { ProbeFailure } from './failure.ts';
import { endOfHeader, readHeaders } from './head.ts';

export interface RtspResponse {
  readonly status: number;
  readonly phrase: string;
  /** Names in lower case; a repeated header keeps every value. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly body: string;
}

export const MAX_HEADER_BYTES = 64 * 1024;
export const MAX_BODY_BYTES = 256 * 1024;
/** All bytes of one connection; a probe needs two or three small answers. */
const MAX_TOTAL_BYTES = 1024 * 1024;

/** Reads responses out of a byte stream with a bounded buffer. Throws {@link ProbeFailure} as soon as it is no RTSP. */
export interface ResponseReader {
  /** Feeds bytes; returns the response they completed, if any. */
  push(chunk: Uint8Array): RtspResponse | undefined;
}

export function createResponseReader(): ResponseReader {
  let buffer = Buffer.alloc(4096);
  let length = 0;
  let received = 0;
  /** Where the search for the end of the header goes on, so a trickle of single bytes costs no rescan. */
  let searched = 0;
  let head: { response: Omit<RtspResponse, 'body'>; start: number; bodyBytes: number } | undefined;

  const append = (chunk: Uint8Array) => {
    if (length + chunk.length > buffer.length) {
      const grown = Buffer.alloc(Math.max(buffer.length * 2, length + chunk.length));
      buffer.copy(grown, 0, 0, length);
      buffer = grown;
    }
    buffer.set(chunk, length);
    length += chunk.length;
  };
  const drop = (bytes: number) => {
    buffer.copyWithin(0, bytes, length);
    length -= bytes;
    searched = 0;
  };

  const next = (): RtspResponse | undefined => {
    while (!head) {
      skipNoise();
      if (length === 0 || buffer[0] === 0x24) return undefined;
      refuseForeign(buffer.subarray(0, length));
      const end = endOfHeader(buffer.subarray(0, length), searched);
      if (!end) {
        searched = Math.max(0, length - 3);
        if (length > MAX_HEADER_BYTES) throw new ProbeFailure('notRtsp', 'header larger than 64 KiB');
        return undefined;
      }
      if (end.start > MAX_HEADER_BYTES) throw new ProbeFailure('notRtsp', 'header larger than 64 KiB');
      const response = parseHead(buffer.toString('latin1', 0, end.at));
      head = { response, start: end.start, bodyBytes: bodyLength(response.headers) };
      // 1xx only announces the answer.
      if (response.status < 200) {
        drop(end.start + head.bodyBytes);
        head = undefined;
      }
    }
    if (length < head.start + head.bodyBytes) return undefined;
    const body = buffer.toString('utf8', head.start, head.start + head.bodyBytes);
    const response = { ...head.response, body };
    drop(head.start + head.bodyBytes);
    head = undefined;
    return response;
  };

  /** Blank lines between messages and interleaved media frames ("$", channel, length) of a stream left running. */
  const skipNoise = () => {
    let at = 0;
    for (;;) {
      if (at < length && (buffer[at] === 13 || buffer[at] === 10)) at += 1;
      else if (at + 4 <= length && buffer[at] === 0x24 && at + 4 + buffer.readUInt16BE(at + 2) <= length) {
        at += 4 + buffer.readUInt16BE(at + 2);
      } else break;
    }
    if (at > 0) drop(at);
  };

  return {
    push(chunk) {
      // Counts what is skipped too: endless 1xx answers or media frames end here.
      received += chunk.length;
      if (received > MAX_TOTAL_BYTES) throw new ProbeFailure('notRtsp', 'more than 1 MiB without an answer');
      append(chunk);
      return next();
    },
  };
}

const MAGIC = Buffer.from('RTSP/');

/** Judges by the first bytes, so that a foreign server is named at once and not at the deadline. */
function refuseForeign(bytes: Buffer): void {
  const compared = Math.min(bytes.length, MAGIC.length);
  if (bytes.compare(MAGIC, 0, compared, 0, compared) === 0) return;
  if (bytes[0] === 0x15 || bytes[0] === 0x16) throw new ProbeFailure('notRtsp', 'the peer speaks TLS; use rtsps://');
  const start = bytes.toString('latin1', 0, 8);
  if ('HTTP/'.startsWith(start.slice(0, 5)) && bytes.length < 5) return;
  throw new ProbeFailure('notRtsp', start.startsWith('HTTP/') ? 'the peer speaks HTTP' : 'the answer is not RTSP');
}

function parseHead(text: string): Omit<RtspResponse, 'body'> {
  const [statusLine = '', ...lines] = text.split(/\r?\n/);
  const match = /^RTSP\/\d\.\d +(\d{3})(?: +(.*))?$/.exec(statusLine.trimEnd());
  if (!match) throw new ProbeFailure('notRtsp', 'the status line is not RTSP');
  const headers = readHeaders(lines);
  return { status: Number(match[1]), phrase: match[2] ?? '', headers };
}

function bodyLength(headers: ReadonlyMap<string, readonly string[]>): number {
  const text = headers.get('content-length')?.[0] ?? '0';
  if (!/^\d{1,15}$/.test(text)) throw new ProbeFailure('notRtsp', 'Content-Length is no number');
  const bytes = Number(text);
  if (bytes > MAX_BODY_BYTES) throw new ProbeFailure('notRtsp', 'body larger than 256 KiB');
  return bytes;
}
