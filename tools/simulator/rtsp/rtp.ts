import type { Clip, ClipCodec, Picture } from './clip.ts';

const CLOCK_RATE = 90_000;
const PAYLOAD_TYPE = 96;
/** RTP payload that fits an Ethernet frame, as cameras send it. */
const MAX_PAYLOAD = 1_400;

/** One viewer's RTP stream; its numbers rise over every loop of the clip. */
export interface RtpStream {
  readonly ssrc: number;
  /** RTP packets of a picture shown `elapsedMs` after the start. */
  packets(picture: Picture, codec: ClipCodec, elapsedMs: number): Buffer[];
}

export function createRtpStream(ssrc: number, firstSequence: number): RtpStream {
  let sequence = firstSequence & 0xffff;
  const packet = (payload: Buffer, time: number, last: boolean): Buffer => {
    const header = Buffer.alloc(12);
    header[0] = 0x80;
    header[1] = (last ? 0x80 : 0) | PAYLOAD_TYPE;
    header.writeUInt16BE(sequence, 2);
    header.writeUInt32BE(time, 4);
    header.writeUInt32BE(ssrc, 8);
    sequence = (sequence + 1) & 0xffff;
    return Buffer.concat([header, payload]);
  };
  return {
    ssrc,
    packets(picture, codec, elapsedMs) {
      const time = Math.round((elapsedMs * CLOCK_RATE) / 1_000) % 2 ** 32;
      return picture.nals.flatMap((nal, n) => {
        const lastNal = n === picture.nals.length - 1;
        const parts = codec === 'h264' ? fragmentH264(nal) : fragmentH265(nal);
        return parts.map((part, m) => packet(part, time, lastNal && m === parts.length - 1));
      });
    },
  };
}

/** RFC 6184: a NAL unit as it is, or cut into FU-A fragments when it does not fit. */
function fragmentH264(nal: Buffer): Buffer[] {
  if (nal.length <= MAX_PAYLOAD) return [nal];
  const head = nal[0] ?? 0;
  return cut(nal, 1, (edge) => [(head & 0xe0) | 28, edge | (head & 0x1f)]);
}

/** RFC 7798: the same with the two-byte header of H.265, layer and temporal id kept. */
function fragmentH265(nal: Buffer): Buffer[] {
  if (nal.length <= MAX_PAYLOAD) return [nal];
  const head = nal[0] ?? 0;
  return cut(nal, 2, (edge) => [(head & 0x81) | (49 << 1), nal[1] ?? 0, edge | ((head >> 1) & 0x3f)]);
}

function cut(nal: Buffer, from: number, header: (edge: number) => number[]): Buffer[] {
  const parts: Buffer[] = [];
  const room = MAX_PAYLOAD - header(0).length;
  for (let at = from; at < nal.length; at += room) {
    const first = at === from ? 0x80 : 0;
    const last = at + room >= nal.length ? 0x40 : 0;
    parts.push(Buffer.concat([Buffer.from(header(first | last)), nal.subarray(at, at + room)]));
  }
  return parts;
}

/** The session description that DESCRIBE answers with. */
export function describeClip(clip: Clip): string {
  const lines = [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=Simulated camera',
    't=0 0',
    'a=control:*',
    'a=range:npt=0-',
    `m=video 0 RTP/AVP ${PAYLOAD_TYPE}`,
    'c=IN IP4 0.0.0.0',
    ...format(clip),
    ...(clip.size ? [`a=framesize:${PAYLOAD_TYPE} ${clip.size.width}-${clip.size.height}`] : []),
    `a=framerate:${clip.fps}`,
    'a=control:trackID=0',
  ];
  return `${lines.join('\r\n')}\r\n`;
}

function format(clip: Clip): string[] {
  const [sps, pps] = [clip.sps.toString('base64'), clip.pps.toString('base64')];
  if (clip.codec === 'h265') {
    const vps = clip.vps?.toString('base64') ?? '';
    const sets = `sprop-vps=${vps};sprop-sps=${sps};sprop-pps=${pps}`;
    return [`a=rtpmap:${PAYLOAD_TYPE} H265/${CLOCK_RATE}`, `a=fmtp:${PAYLOAD_TYPE} ${sets}`];
  }
  const profile = clip.sps.toString('hex', 1, 4);
  const terms = `packetization-mode=1;profile-level-id=${profile};sprop-parameter-sets=${sps},${pps}`;
  return [`a=rtpmap:${PAYLOAD_TYPE} H264/${CLOCK_RATE}`, `a=fmtp:${PAYLOAD_TYPE} ${terms}`];
}
