import { readFileSync } from 'node:fs';

/** A short H.264 film, cut into pictures, that a simulated camera plays in a loop. */
export interface Clip {
  readonly sps: Buffer;
  readonly pps: Buffer;
  readonly fps: number;
  /** Told in the SDP when known. */
  readonly size?: { readonly width: number; readonly height: number };
  /** NAL units of each picture, without start codes; a key picture carries its SPS and PPS. */
  readonly pictures: readonly Picture[];
}

export interface Picture {
  readonly key: boolean;
  readonly nals: readonly Buffer[];
}

const NAL = { slice: 1, keySlice: 5, sps: 7, pps: 8 } as const;
const CLOCK_RATE = 90_000;
/** RTP payload that fits an Ethernet frame, as cameras send it. */
const MAX_PAYLOAD = 1_400;

let bundled: Clip | undefined;

/** 640×360, 25 pictures a second, four seconds, 37 KB; made by ffmpeg's testsrc, so the simulator needs no ffmpeg. */
export function bundledClip(): Clip {
  bundled ??= {
    ...parseClip(readFileSync(new URL('./testdata/street.h264', import.meta.url)), 25),
    size: { width: 640, height: 360 },
  };
  return bundled;
}

/** Cuts an Annex B byte stream into pictures. Throws when it holds no SPS, PPS or key picture. */
export function parseClip(stream: Buffer, fps: number): Clip {
  const pictures: { key: boolean; nals: Buffer[] }[] = [];
  let pending: Buffer[] = [];
  let sps: Buffer | undefined;
  let pps: Buffer | undefined;
  for (const nal of splitNals(stream)) {
    const type = (nal[0] ?? 0) & 0x1f;
    if (type === NAL.sps) sps ??= nal;
    if (type === NAL.pps) pps ??= nal;
    const slice = type === NAL.slice || type === NAL.keySlice;
    // first_mb_in_slice = 0 is coded as a single 1 bit and begins a new picture.
    const continues = slice && ((nal[1] ?? 0) & 0x80) === 0;
    if (continues) pictures.at(-1)?.nals.push(nal);
    else if (slice) {
      pictures.push({ key: type === NAL.keySlice, nals: [...pending, nal] });
      pending = [];
    } else pending.push(nal);
  }
  if (!sps || !pps || !pictures[0]?.key)
    throw new Error('the clip must be H.264 Annex B that starts with a key picture');
  return { sps, pps, fps, pictures };
}

function splitNals(stream: Buffer): Buffer[] {
  const nals: Buffer[] = [];
  const code = Buffer.from([0, 0, 1]);
  let start = stream.indexOf(code);
  while (start >= 0) {
    const next = stream.indexOf(code, start + 3);
    let end = next < 0 ? stream.length : next;
    while (end > start + 3 && stream[end - 1] === 0) end -= 1;
    if (end > start + 3) nals.push(stream.subarray(start + 3, end));
    start = next;
  }
  return nals;
}

/** One viewer's RTP stream: numbers and time stamps rise over every loop of the clip. */
export interface RtpStream {
  readonly ssrc: number;
  readonly sequence: number;
  /** RTP packets of a picture shown `index` pictures after the start. */
  packets(picture: Picture, index: number): Buffer[];
}

export function createRtpStream(fps: number, ssrc: number, firstSequence: number): RtpStream {
  let sequence = firstSequence & 0xffff;
  const packet = (payload: Buffer, time: number, last: boolean): Buffer => {
    const header = Buffer.alloc(12);
    header[0] = 0x80;
    header[1] = (last ? 0x80 : 0) | 96;
    header.writeUInt16BE(sequence, 2);
    header.writeUInt32BE(time, 4);
    header.writeUInt32BE(ssrc, 8);
    sequence = (sequence + 1) & 0xffff;
    return Buffer.concat([header, payload]);
  };
  return {
    ssrc,
    get sequence() {
      return sequence;
    },
    packets(picture, index) {
      const time = Math.round((index * CLOCK_RATE) / fps) % 2 ** 32;
      return picture.nals.flatMap((nal, n) => {
        const lastNal = n === picture.nals.length - 1;
        const parts = fragment(nal);
        return parts.map((part, m) => packet(part, time, lastNal && m === parts.length - 1));
      });
    },
  };
}

/** RFC 6184: a NAL unit as it is, or cut into FU-A fragments when it does not fit. */
function fragment(nal: Buffer): Buffer[] {
  if (nal.length <= MAX_PAYLOAD) return [nal];
  const head = nal[0] ?? 0;
  const parts: Buffer[] = [];
  for (let at = 1; at < nal.length; at += MAX_PAYLOAD - 2) {
    const piece = nal.subarray(at, at + MAX_PAYLOAD - 2);
    const first = at === 1 ? 0x80 : 0;
    const last = at + MAX_PAYLOAD - 2 >= nal.length ? 0x40 : 0;
    parts.push(Buffer.concat([Buffer.from([(head & 0xe0) | 28, first | last | (head & 0x1f)]), piece]));
  }
  return parts;
}
