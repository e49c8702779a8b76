import { readFileSync } from 'node:fs';

export type ClipCodec = 'h264' | 'h265';

/** A short film, cut into pictures, that a simulated camera plays in a loop. */
export interface Clip {
  readonly codec: ClipCodec;
  /** H.265 only. */
  readonly vps?: Buffer;
  readonly sps: Buffer;
  readonly pps: Buffer;
  readonly fps: number;
  /** Told in the SDP when known. */
  readonly size?: { readonly width: number; readonly height: number };
  /** NAL units of each picture, without start codes; a key picture carries its parameter sets. */
  readonly pictures: readonly Picture[];
}

export interface Picture {
  readonly key: boolean;
  readonly nals: readonly Buffer[];
}

type NalKind = 'slice' | 'keySlice' | 'vps' | 'sps' | 'pps' | 'other';

let bundled: Clip | undefined;

/** 640×360, 25 pictures a second, four seconds, 37 KB; made by ffmpeg's testsrc, so the simulator needs no ffmpeg. */
export function bundledClip(): Clip {
  bundled ??= {
    ...parseClip(readFileSync(new URL('./testdata/street.h264', import.meta.url)), 25),
    size: { width: 640, height: 360 },
  };
  return bundled;
}

/** Cuts an Annex B byte stream into pictures. Throws when it lacks a parameter set or does not begin with a key picture. */
export function parseClip(stream: Buffer, fps: number, codec: ClipCodec = 'h264'): Clip {
  const pictures: { key: boolean; nals: Buffer[] }[] = [];
  const sets: Partial<Record<'vps' | 'sps' | 'pps', Buffer>> = {};
  let pending: Buffer[] = [];
  for (const nal of splitNals(stream)) {
    const kind = kindOf(nal, codec);
    if (kind === 'vps' || kind === 'sps' || kind === 'pps') sets[kind] ??= nal;
    const slice = kind === 'slice' || kind === 'keySlice';
    // H.264's first_mb_in_slice = 0 and H.265's first_slice_segment_in_pic_flag are the top bit behind the header.
    const continues = slice && ((nal[codec === 'h264' ? 1 : 2] ?? 0) & 0x80) === 0;
    if (continues) pictures.at(-1)?.nals.push(nal);
    else if (slice) {
      pictures.push({ key: kind === 'keySlice', nals: [...pending, nal] });
      pending = [];
    } else pending.push(nal);
  }
  const { vps, sps, pps } = sets;
  if (!sps || !pps || (codec === 'h265' && !vps) || !pictures[0]?.key) {
    throw new Error(`the clip must be ${codec} Annex B that starts with a key picture`);
  }
  return { codec, ...(vps && { vps }), sps, pps, fps, pictures };
}

function kindOf(nal: Buffer, codec: ClipCodec): NalKind {
  if (codec === 'h264') {
    const type = (nal[0] ?? 0) & 0x1f;
    return ({ 1: 'slice', 5: 'keySlice', 7: 'sps', 8: 'pps' } as const)[type] ?? 'other';
  }
  const type = ((nal[0] ?? 0) >> 1) & 0x3f;
  if (type < 32) return type >= 16 && type <= 23 ? 'keySlice' : 'slice';
  return ({ 32: 'vps', 33: 'sps', 34: 'pps' } as const)[type] ?? 'other';
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

/** The key picture at or before a moment (epoch ms): every viewer of a camera meets the same second of its film. */
export function keyPictureAt(clip: Clip, now: number): number {
  let index = Math.floor((now / 1_000) * clip.fps) % clip.pictures.length;
  while (index > 0 && !clip.pictures[index]?.key) index -= 1;
  return index;
}
