import type { Clock, ProbeReason } from '../../../../adapters/adapter.ts';
import { runOnStream } from '../ffmpeg/stream-job.ts';
import { type CameraSource, type CameraStream, SourceError } from '../source.ts';
import { ProcessFailure, type Supervisor } from '../supervisor/interface.ts';
import { checkArguments, pulseArguments } from './command.ts';
import type { ClockBands } from './features.ts';
import { type Look, readLook, readPulse } from './measure.ts';

/** Wall clock of one look, the way to the camera included; waiting for a place is extra. */
const DEADLINE_MS = 16_000;
/** Shorter, so that ffmpeg can still say that it was connected and nothing came. */
const SILENCE_MS = 6_000;
const LOOK_MS = 8_000;
const APART_MS = 1_500;
const PULSE_MS = 2_000;
/** Two JPEG pictures of 1,280 pixels and two small grey ones stay far below. */
const MAX_OUTPUT = 8 * 1024 * 1024;

export type Seen =
  | { readonly kind: 'look'; readonly look: Look; readonly cpuMs: number | null }
  /** The camera describes its stream and plays it, and no key picture comes. */
  | { readonly kind: 'noFrames'; readonly cpuMs: number | null }
  | { readonly kind: 'unreachable'; readonly reason: ProbeReason; readonly detail: string; readonly cpuMs: null };

/** The smaller stream shows the same scene for a fraction of the work. */
export function streamToWatch({ streams }: CameraSource): CameraStream | undefined {
  return streams.find(({ role }) => role === 'sub') ?? streams[0];
}

/** One look at a camera. Throws {@link ProcessFailure} for trouble of our own. */
export async function takeLook(
  deps: { readonly supervisor: Supervisor; readonly clock: Clock },
  source: CameraSource,
  { bands, stillBlock }: { readonly bands: ClockBands; readonly stillBlock: number },
  signal: AbortSignal,
): Promise<Seen> {
  const stream = streamToWatch(source);
  if (!stream) return { kind: 'unreachable', reason: 'noSuchStream', detail: 'no stream is known', cpuMs: null };
  try {
    const { stdout, stderr, cpuMs } = await runOnStream({
      supervisor: deps.supervisor,
      stream,
      kind: 'check',
      program: 'ffmpeg',
      label: source.deviceId,
      deadlineMs: DEADLINE_MS,
      maxOutput: MAX_OUTPUT,
      signal,
      compose: (url) => checkArguments(url, { bands, apartMs: APART_MS, lookMs: LOOK_MS, silenceMs: SILENCE_MS }),
    });
    const look = readLook({ stdout, stderr }, deps.clock.now(), bands);
    if (!look) return { kind: 'noFrames', cpuMs };
    const { moved } = look.numbers;
    if (moved === null || moved >= stillBlock) return { kind: 'look', look, cpuMs };
    const pulse = await takePulse(deps, source, stream, bands, signal);
    return {
      kind: 'look',
      look: { ...look, numbers: { ...look.numbers, pulse: pulse.median } },
      cpuMs: cpuMs === null || pulse.cpuMs === null ? null : cpuMs + pulse.cpuMs,
    };
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    if (wasConnected(error)) return { kind: 'noFrames', cpuMs: null };
    return { kind: 'unreachable', reason: error.reason, detail: error.message, cpuMs: null };
  }
}

/** Every frame of a moment; a camera that cannot show it just now is not told to be frozen. */
async function takePulse(
  deps: { readonly supervisor: Supervisor },
  source: CameraSource,
  stream: CameraStream,
  bands: ClockBands,
  signal: AbortSignal,
): Promise<{ median: number | null; cpuMs: number | null }> {
  try {
    const { stderr, cpuMs } = await runOnStream({
      supervisor: deps.supervisor,
      stream,
      kind: 'check',
      program: 'ffmpeg',
      label: source.deviceId,
      deadlineMs: DEADLINE_MS,
      signal,
      compose: (url) => pulseArguments(url, { bands, lookMs: PULSE_MS, silenceMs: SILENCE_MS }),
    });
    return { median: readPulse(stderr), cpuMs };
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return { median: null, cpuMs: null };
  }
}

const SILENT: readonly ProbeReason[] = ['timeout', 'connectionLost'];

/** ffmpeg names its input once the session plays; before that nothing is known of frames. */
function wasConnected({ reason, cause }: SourceError): boolean {
  return SILENT.includes(reason) && cause instanceof ProcessFailure && /^Input #0, rtsp/m.test(cause.stderr);
}
