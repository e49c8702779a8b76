import { isWholeJpeg } from '../pictures/jpeg.ts';
import { type CameraStream, SourceError } from '../source.ts';
import type { JobKind, Supervisor } from '../supervisor/interface.ts';
import { composeFfmpeg } from './compose.ts';
import { runOnStream, showsDamage } from './stream-job.ts';

export interface KeyFrame {
  readonly jpeg: Uint8Array;
  /** What the picture cost; null = not known. */
  readonly cpuMs: number | null;
  readonly wallMs: number;
}

export interface KeyFrameOptions {
  readonly supervisor: Supervisor;
  readonly stream: CameraStream;
  readonly kind: JobKind;
  /** Milliseconds for opening, connecting, waiting for a key frame and decoding it. */
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
  /** Pixels; larger pictures are made smaller, smaller ones stay. Default: as it comes. */
  readonly width?: number;
  readonly whenFull?: 'queue' | 'refuse';
  /** For logs, e.g. the device id. */
  readonly label?: string;
}

/** 8K at the best quality stays below. */
const MAX_JPEG = 16 * 1024 * 1024;
/** The longest silence is shorter than the deadline, so that ffmpeg can still say what it waited for. */
const SILENCE_SHARE = 0.9;
/** With less of the deadline left a damaged picture is not tried again. */
const AGAIN_SHARE = 0.4;

/**
 * One key frame of a camera as JPEG. Throws {@link SourceError}: what the camera refused with, or `timeout` with "no frame
 * in N ms" when it describes its stream and sends no frame, or none that can be decoded whole; {@link ProcessFailure} when we are the reason.
 */
export async function grabKeyFrame(options: KeyFrameOptions): Promise<KeyFrame> {
  const { width, deadlineMs, label = 'key frame', whenFull = 'queue', ...shared } = options;
  const grab = (deadlineMs: number) =>
    runOnStream({
      ...shared,
      program: 'ffmpeg',
      label,
      whenFull,
      deadlineMs,
      maxOutput: MAX_JPEG,
      compose: (url) => keyFrameArgs(url, { silenceMs: deadlineMs * SILENCE_SHARE, width }),
    });
  let finished = await grab(deadlineMs);
  // A packet may be lost once; a camera that sends noise does it again.
  const left = deadlineMs - finished.wallMs;
  if (showsDamage(finished.stderr) && left > deadlineMs * AGAIN_SHARE) finished = await grab(Math.round(left));
  if (showsDamage(finished.stderr)) throw new SourceError('timeout', 'no whole frame: the picture is damaged');
  // ffmpeg ends well without a frame when the stream ends before the first key frame.
  if (!isWholeJpeg(finished.stdout)) throw new SourceError('timeout', 'the stream ended without a key frame');
  return { jpeg: finished.stdout, cpuMs: finished.cpuMs, wallMs: finished.wallMs };
}

function keyFrameArgs(url: string, options: { silenceMs: number; width: number | undefined }): string[] {
  const { silenceMs, width } = options;
  return composeFfmpeg({
    logLevel: 'warning',
    inputs: [{ url, silenceMs: Math.round(silenceMs), keyFramesOnly: true }],
    outputs: [
      {
        target: 'pipe:1',
        format: 'image2pipe',
        video: 'mjpeg',
        filters: width === undefined ? [] : [`scale='min(${width},iw)':-2`],
        frames: 1,
        options: ['-q:v', '3', '-pix_fmt', 'yuvj420p'],
      },
    ],
  });
}
