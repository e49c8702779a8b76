import Ffmpeg from 'fluent-ffmpeg';
import { GatewayError } from '../../errors.ts';
import { checkMedia, isInside, type Media } from './media.ts';

/** What we use of fluent-ffmpeg: its argument builder. It never runs anything (docs/decisions/014). */
interface Composer {
  input(source: string): Composer;
  inputOptions(options: string[]): Composer;
  complexFilter(filters: string[]): Composer;
  output(target: string): Composer;
  format(format: string): Composer;
  noAudio(): Composer;
  noVideo(): Composer;
  audioCodec(codec: string): Composer;
  videoCodec(codec: string): Composer;
  videoFilters(filters: string[]): Composer;
  frames(count: number): Composer;
  duration(seconds: number): Composer;
  outputOptions(options: string[]): Composer;
  /** Private in the library, stable since 2015. */
  _getArguments(): (string | number)[];
}

export interface MediaInput {
  /** `rtsp(s)://127.0.0.1:port/…` without a login, or an absolute path below `ownDirectory`. */
  readonly url: string;
  /** Where files may lie; absent = no file is read. */
  readonly ownDirectory?: string;
  /** How long the peer may be silent, in milliseconds (default 5,000). A peer that trickles needs the job's deadline. */
  readonly silenceMs?: number;
  /** How much is looked at to learn the format (defaults 500 ms and 1,000,000 bytes). */
  readonly analyzeMs?: number;
  readonly probeBytes?: number;
  /** Decodes key frames only: a tenth of the work. */
  readonly keyFramesOnly?: boolean;
  /** Stops reading after so much of the medium. */
  readonly durationMs?: number;
  /** Reads a file as slowly as it plays. */
  readonly realTime?: boolean;
}

export interface MediaOutput {
  /** `pipe:1`, `null` (nothing is kept: filters print), or an absolute path below `ownDirectory`. */
  readonly target: string;
  readonly ownDirectory?: string;
  /** Muxer, e.g. `image2pipe`, `mp4`, `hls`, `rawvideo`. */
  readonly format: string;
  /** `copy`, an encoder, or null for none. */
  readonly video: string | null;
  /** `copy`, an encoder, or null (default) for none. */
  readonly audio?: string | null;
  /** Filters in order; ours, never a user's text (`filterText` quotes one). */
  readonly filters?: readonly string[];
  readonly frames?: number;
  readonly durationMs?: number;
  /** Further options of this output, name and value apart. */
  readonly options?: readonly string[];
}

export interface FfmpegSpec {
  readonly inputs: readonly [MediaInput, ...MediaInput[]];
  readonly outputs: readonly [MediaOutput, ...MediaOutput[]];
  readonly complexFilter?: readonly string[];
  /** Decoder and filter threads; default 1. */
  readonly threads?: number;
  /** Default `error`; filters such as blackdetect speak at `info`. */
  readonly logLevel?: 'error' | 'warning' | 'info';
}

const STREAM_PROTOCOLS = 'rtsp,rtp,tcp,udp,tls';
const FILE_PROTOCOLS = 'file,crypto';
const SILENCE_MS = 5_000;
const ANALYZE_MS = 500;
const PROBE_BYTES = 1_000_000;
/** 8192 × 4320: more is a header made to eat memory. */
const MAX_PIXELS = 35_389_440;

/** Arguments of one ffmpeg. Throws INTERNAL for a source or target that is not ours. */
export function composeFfmpeg(spec: FfmpegSpec): string[] {
  const threads = String(spec.threads ?? 1);
  const composer = Ffmpeg() as unknown as Composer;
  for (const input of spec.inputs) {
    const media = checkMedia(input.url, input.ownDirectory);
    composer.input(input.url).inputOptions([...inputOptions(input, media), '-threads', threads]);
  }
  if (spec.complexFilter) composer.complexFilter([...spec.complexFilter]);
  for (const output of spec.outputs) addOutput(composer, output, threads);
  const shared = ['-nostdin', '-hide_banner', '-nostats', '-loglevel', spec.logLevel ?? 'error', '-y'];
  return [
    ...shared,
    '-filter_threads',
    threads,
    '-filter_complex_threads',
    threads,
    ...composer._getArguments().map(String),
  ];
}

/** Arguments of one ffprobe that prints what it found as JSON. */
export function composeFfprobe(input: MediaInput): string[] {
  const media = checkMedia(input.url, input.ownDirectory);
  return [
    ...['-hide_banner', '-loglevel', 'error'],
    ...inputOptions(input, media),
    ...['-print_format', 'json', '-show_streams', '-show_format'],
    ...['-i', input.url],
  ];
}

function inputOptions(input: MediaInput, media: Media): string[] {
  const limits = [
    ...['-protocol_whitelist', media.kind === 'stream' ? STREAM_PROTOCOLS : FILE_PROTOCOLS],
    ...['-analyzeduration', String((input.analyzeMs ?? ANALYZE_MS) * 1_000)],
    ...['-probesize', String(input.probeBytes ?? PROBE_BYTES)],
    ...['-max_pixels', String(MAX_PIXELS)],
  ];
  // `-timeout` in microseconds is the one RTSP heeds; `-rw_timeout` it ignores, `-stimeout` is gone.
  const stream = ['-rtsp_transport', 'tcp', '-timeout', String((input.silenceMs ?? SILENCE_MS) * 1_000)];
  return [
    ...limits,
    ...(media.kind === 'stream' ? stream : []),
    ...(input.keyFramesOnly ? ['-skip_frame', 'nokey'] : []),
    ...(input.realTime ? ['-re'] : []),
    ...(input.durationMs === undefined ? [] : ['-t', seconds(input.durationMs)]),
  ];
}

function addOutput(composer: Composer, output: MediaOutput, threads: string): void {
  const { target, format, video, audio = null, filters, frames, durationMs, options } = output;
  const isFile = output.ownDirectory !== undefined && isInside(target, output.ownDirectory);
  if (target !== 'pipe:1' && target !== 'null' && !isFile) {
    throw new GatewayError('INTERNAL', 'ffmpeg writes only to its pipe and to files below its own directory');
  }
  // The null muxer opens no file, whatever it is told to write to.
  composer.output(target === 'null' ? '-' : target).format(target === 'null' ? 'null' : format);
  if (audio === null) composer.noAudio();
  else composer.audioCodec(audio);
  if (video === null) composer.noVideo();
  else composer.videoCodec(video);
  if (filters && filters.length > 0) composer.videoFilters([...filters]);
  if (frames !== undefined) composer.frames(frames);
  composer.outputOptions([
    '-threads',
    threads,
    ...(durationMs === undefined ? [] : ['-t', seconds(durationMs)]),
    ...(options ?? []),
  ]);
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(3);
}
