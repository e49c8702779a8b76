import { ProbeFailure } from './failure.ts';
import { endOfHeader, readHeaders } from './head.ts';

/** One RTSP request or response as it stands on the wire. */
export interface RtspMessage {
  /** Request or status line. */
  readonly start: string;
  /** Names in lower case; a repeated header keeps every value. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly body: string;
}

export interface FramingHandlers {
  message(message: RtspMessage): void;
  /** Whole interleaved frames that stand side by side, as they came. */
  frames(run: Buffer): void;
  /** Called once a frame, before its run; RTP and RTCP differ by channel. */
  frame?(channel: number): void;
}

export interface FramingCaps {
  readonly headerBytes: number;
  readonly bodyBytes: number;
}

const DOLLAR = 0x24;

/**
 * Takes a byte stream of RTSP messages and interleaved frames apart. Frames are handed on whole, so that a message may
 * be put between any two runs. What is buffered never exceeds one frame or one capped message.
 * The returned function throws {@link ProbeFailure} for what is no RTSP.
 */
export function createFraming(handlers: FramingHandlers, caps: FramingCaps): (chunk: Buffer) => void {
  /** What has come and is not handed on yet, and how far into it we are. */
  let data: Buffer = Buffer.alloc(0);
  let at = 0;
  /** Header of a message whose body is not complete yet. */
  let head: { message: Omit<RtspMessage, 'body'>; bodyBytes: number } | undefined;
  /** Where the search for the end of a header goes on, so a trickle of single bytes costs no rescan. */
  let searched = 0;

  /** Each step hands something on and returns true, or waits for more bytes. */
  const body = (waiting: NonNullable<typeof head>): boolean => {
    if (data.length - at < waiting.bodyBytes) return false;
    const text = data.toString('utf8', at, at + waiting.bodyBytes);
    at += waiting.bodyBytes;
    head = undefined;
    handlers.message({ ...waiting.message, body: text });
    return true;
  };
  const frames = (): boolean => {
    const start = at;
    while (data[at] === DOLLAR && at + 4 <= data.length && at + 4 + data.readUInt16BE(at + 2) <= data.length) {
      handlers.frame?.(data[at + 1] ?? 0);
      at += 4 + data.readUInt16BE(at + 2);
    }
    if (at > start) handlers.frames(data.subarray(start, at));
    return at > start;
  };
  const header = (): boolean => {
    const end = endOfHeader(data, Math.max(at, searched));
    const size = (end?.at ?? data.length) - at;
    if (size > caps.headerBytes) throw new ProbeFailure('notRtsp', `header larger than ${caps.headerBytes} bytes`);
    if (!end) {
      searched = Math.max(at, data.length - 3);
      return false;
    }
    const message = parseHead(data.toString('latin1', at, end.at));
    head = { message, bodyBytes: bodyLength(message.headers, caps.bodyBytes) };
    at = end.start;
    return true;
  };
  const step = (): boolean => {
    if (head) return body(head);
    // Blank lines stand between messages.
    while (data[at] === 13 || data[at] === 10) at += 1;
    if (at >= data.length) return false;
    return data[at] === DOLLAR ? frames() : header();
  };

  return (chunk) => {
    data = data.length === 0 ? chunk : Buffer.concat([data, chunk]);
    while (step()) searched = 0;
    if (at === 0) return;
    // A copy, so that a few bytes never hold a whole read buffer.
    data = at >= data.length ? Buffer.alloc(0) : Buffer.from(data.subarray(at));
    searched = Math.max(0, searched - at);
    at = 0;
  };
}

function parseHead(text: string): Omit<RtspMessage, 'body'> {
  const [start = '', ...lines] = text.split(/\r?\n/);
  if (!/^(?:RTSP\/\d\.\d \d{3}|[A-Z_]{1,20} \S+ RTSP\/\d\.\d$)/.test(start.trimEnd())) {
    throw new ProbeFailure('notRtsp', 'the first line is not RTSP');
  }
  const headers = readHeaders(lines);
  return { start: start.trimEnd(), headers };
}

function bodyLength(headers: ReadonlyMap<string, readonly string[]>, cap: number): number {
  const text = headers.get('content-length')?.[0] ?? '0';
  if (!/^\d{1,15}$/.test(text)) throw new ProbeFailure('notRtsp', 'Content-Length is no number');
  if (Number(text) > cap) throw new ProbeFailure('notRtsp', `body larger than ${cap} bytes`);
  return Number(text);
}
