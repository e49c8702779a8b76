export interface RtspRequest {
  readonly method: string;
  readonly uri: string;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
}

const MAX_REQUEST_BYTES = 16 * 1024;

/** Reads requests out of a byte stream, skipping the viewer's interleaved RTCP. Throws on garbage. */
export function createRequestReader(): (chunk: Buffer) => RtspRequest[] {
  let pending: Buffer = Buffer.alloc(0);
  return (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    const requests: RtspRequest[] = [];
    for (;;) {
      if (pending[0] === 0x24) {
        if (pending.length < 4 || pending.length < 4 + pending.readUInt16BE(2)) break;
        pending = pending.subarray(4 + pending.readUInt16BE(2));
        continue;
      }
      const end = pending.indexOf('\r\n\r\n');
      if (end < 0) break;
      const request = parse(pending.toString('utf8', 0, end));
      const body = Number(request.headers.get('content-length') ?? 0) || 0;
      if (pending.length < end + 4 + body) break;
      pending = pending.subarray(end + 4 + body);
      requests.push(request);
    }
    if (pending.length > MAX_REQUEST_BYTES) throw new Error('request too large');
    return requests;
  };
}

function parse(text: string): RtspRequest {
  const [first = '', ...lines] = text.trimStart().split('\r\n');
  const [method = '', uri = '', version = ''] = first.split(' ');
  if (!version.startsWith('RTSP/')) throw new Error('not RTSP');
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()] as const;
    }),
  );
  return { method, uri, headers };
}
