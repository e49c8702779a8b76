import type { VideoCodec } from '../../domain/camera.ts';
import { type CameraStream, SourceError } from '../source.ts';
import type { JobKind, Supervisor } from '../supervisor/interface.ts';
import { composeFfprobe } from './compose.ts';
import { runOnStream } from './stream-job.ts';

export interface StreamProbe {
  readonly codec: VideoCodec;
  /** Pixels; null = not said. */
  readonly width: number | null;
  readonly height: number | null;
  /** Frames a second; null = not said or nonsense. */
  readonly fps: number | null;
  /** e.g. `High`, `Main`; null = not said. */
  readonly profile: string | null;
  /** e.g. 31 for 3.1; null = not said. */
  readonly level: number | null;
  /** Whether it carries sound as well, and in which codec. */
  readonly audio: string | null;
  readonly cpuMs: number | null;
  readonly wallMs: number;
}

const CODECS: Readonly<Record<string, VideoCodec>> = { h264: 'H264', hevc: 'H265', mjpeg: 'MJPEG' };
const MAX_JSON = 256 * 1024;
/** Enough to count frames. */
const ANALYZE_MS = 1_000;
const SILENCE_SHARE = 0.9;

/** What a stream is made of, by ffprobe. Throws like `grabKeyFrame`. */
export async function probeStream(options: {
  readonly supervisor: Supervisor;
  readonly stream: CameraStream;
  readonly kind: JobKind;
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
  readonly whenFull?: 'queue' | 'refuse';
  readonly label?: string;
}): Promise<StreamProbe> {
  const { label = 'probe', deadlineMs, ...shared } = options;
  const silenceMs = Math.round(deadlineMs * SILENCE_SHARE);
  const { stdout, cpuMs, wallMs } = await runOnStream({
    ...shared,
    program: 'ffprobe',
    label,
    deadlineMs,
    maxOutput: MAX_JSON,
    compose: (url) => composeFfprobe({ url, silenceMs, analyzeMs: ANALYZE_MS }),
  });
  return { ...readProbe(stdout.toString('utf8')), cpuMs, wallMs };
}

/** Reads ffprobe's JSON. Throws SourceError when there is no picture in it. */
export function readProbe(json: string): Omit<StreamProbe, 'cpuMs' | 'wallMs'> {
  const streams = streamsOf(json);
  const video = streams.find((each) => each.codec_type === 'video');
  if (!video) throw new SourceError('noSuchStream', 'the stream holds no video');
  const name = text(video.codec_name) ?? 'unknown';
  return {
    codec: CODECS[name] ?? name,
    width: positive(video.width),
    height: positive(video.height),
    fps: rate(video.avg_frame_rate) ?? rate(video.r_frame_rate),
    profile: text(video.profile),
    level: positive(video.level),
    audio: text(streams.find((each) => each.codec_type === 'audio')?.codec_name),
  };
}

function streamsOf(json: string): readonly Readonly<Record<string, unknown>>[] {
  try {
    const { streams } = JSON.parse(json) as { streams?: unknown };
    return Array.isArray(streams) ? streams.filter((each) => typeof each === 'object' && each !== null) : [];
  } catch (error) {
    throw new SourceError('notRtsp', 'ffprobe gave no readable answer', error);
  }
}

function positive(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : null;
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** `25/1`, `30000/1001`; `0/0` and the 90,000 of a stream without timing are no rates. */
function rate(value: unknown): number | null {
  const [, over = '0', under = '0'] = /^(\d+)\/(\d+)$/.exec(String(value)) ?? [];
  const fps = Number(over) / Number(under);
  return Number.isFinite(fps) && fps > 0 && fps <= 240 ? Math.round(fps * 100) / 100 : null;
}
