import type { StreamRole, VideoCodec } from '../../domain/camera.ts';

/** What the viewer gets: the stream as it is, the sub stream as it is, re-encoded, re-encoded with masks, or pictures. */
export type Delivery = 'copy' | 'sub' | 'transcode' | 'masked' | 'snapshots';

/** Stable codes of why it is that; their words stand in the message catalogue under `live.why.<code>`. */
export type Why =
  | 'h264Direct'
  | 'h265Direct'
  | 'subRequested'
  | 'subInstead'
  | 'h265Transcoded'
  | 'mjpegTranscoded'
  | 'otherTranscoded'
  | 'masked'
  | 'transcodersBusy'
  | 'maskedTranscodersBusy';

/** One way of showing a camera. */
export interface Plan {
  readonly mode: Delivery;
  readonly role: StreamRole;
  /** What reaches the viewer. */
  readonly codec: VideoCodec;
  /** Takes one of the few places for re-encoding. */
  readonly transcodes: boolean;
  readonly why: Why;
}

export interface Question {
  /** Streams the camera has, main first. */
  readonly streams: readonly { readonly role: StreamRole; readonly codec: VideoCodec }[];
  readonly wanted: StreamRole;
  /** The viewer says it can play H.265. */
  readonly h265: boolean;
  /** Some area must not be seen. */
  readonly masked: boolean;
}

/**
 * Ways to show a camera, best first; each is tried when those before it find no free place. A masked camera never gets a
 * way that hands out its own stream.
 */
export function waysToShow({ streams, wanted, h265, masked }: Question): readonly Plan[] {
  const main = streams.find((s) => s.role === 'main') ?? streams[0];
  const sub = streams.find((s) => s.role === 'sub');
  const asked = wanted === 'sub' && sub ? sub : main;
  if (!asked) return [];
  const subAsked = wanted === 'sub' && asked === sub;
  if (masked) {
    // Re-encoding the small stream costs a quarter, and a masked view is no evidence in any case.
    const source = sub?.codec === 'H264' || !main ? (sub ?? asked) : main;
    return [
      { mode: 'masked', role: source.role, codec: 'H264', transcodes: true, why: 'masked' },
      pictures(source.role, 'maskedTranscodersBusy'),
    ];
  }
  if (asked.codec === 'H264') {
    const mode = subAsked ? 'sub' : 'copy';
    return [direct(mode, asked, subAsked ? 'subRequested' : 'h264Direct')];
  }
  if (asked.codec === 'H265' && h265) return [direct(subAsked ? 'sub' : 'copy', asked, 'h265Direct')];
  if (sub?.codec === 'H264') return [direct('sub', sub, 'subInstead')];
  return [
    { mode: 'transcode', role: asked.role, codec: 'H264', transcodes: true, why: reasonToEncode(asked.codec) },
    pictures(asked.role, 'transcodersBusy'),
  ];
}

function direct(mode: Delivery, stream: { role: StreamRole; codec: VideoCodec }, why: Why): Plan {
  return { mode, role: stream.role, codec: stream.codec, transcodes: false, why };
}

function pictures(role: StreamRole, why: Why): Plan {
  return { mode: 'snapshots', role, codec: 'MJPEG', transcodes: false, why };
}

function reasonToEncode(codec: VideoCodec): Why {
  if (codec === 'H265') return 'h265Transcoded';
  return codec === 'MJPEG' ? 'mjpegTranscoded' : 'otherTranscoded';
}
