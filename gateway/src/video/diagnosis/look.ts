import type { Clock, ProbeReason } from '../../../../adapters/adapter.ts';
import { runOnStream, showsDamage } from '../ffmpeg/stream-job.ts';
import { type CameraSource, type CameraStream, SourceError } from '../source.ts';
import { ProcessFailure, type Supervisor } from '../supervisor/interface.ts';
import { checkArguments, pulseArguments } from './command.ts';
import type { ClockBands } from './features.ts';
import { type Look, readLook, readPulse } from './measure.ts';

/** Milliseconds a look takes and waits. */
export interface LookPace {
  /** Stream between the two key pictures, at least; and how much of it is watched until one key picture must do. */
  readonly apartMs: number;
  readonly lookMs: number;
  /** Stream of which every frame is looked at when nothing moved. */
  readonly pulseMs: number;
  /** A camera may be silent for so long; shorter than the deadline, so that ffmpeg can still say that nothing came. */
  readonly silenceMs: number;
  /** Wall clock of one process, the way to the camera included; waiting for a place is extra. */
  readonly deadlineMs: number;
}

export const LOOK_PACE: LookPace = {
  apartMs: 1_500,
  lookMs: 8_000,
  pulseMs: 2_000,
  silenceMs: 6_000,
  deadlineMs: 16_000,
};

export interface LookSettings {
  readonly bands: ClockBands;
  /** Change of the busiest block below which every frame is looked at. */
  readonly stillBlock: number;
  readonly pace: LookPace;
}

/** Two JPEG pictures of 1,280 pixels and two small grey ones stay far below. */
const MAX_OUTPUT = 8 * 1024 * 1024;

export type Seen =
  | { readonly kind: 'look'; readonly look: Look; readonly cpuMs: number | null }
  /** The camera describes its stream and plays it, and no key picture comes. */
  | { readonly kind: 'noFrames'; readonly cpuMs: number | null }
  | { readonly kind: 'unreachable'; readonly reason: ProbeReason; readonly detail: string; readonly cpuMs: null };

export const unreachable = ({ reason, message }: SourceError): Seen => ({
  kind: 'unreachable',
  reason,
  detail: message,
  cpuMs: null,
});

/** The smaller stream shows the same scene for a fraction of the work. */
export function streamToWatch({ streams }: CameraSource): CameraStream | undefined {
  return streams.find(({ role }) => role === 'sub') ?? streams[0];
}

/** One look at a camera. Throws {@link ProcessFailure} for trouble of our own. */
export async function takeLook(
  deps: { readonly supervisor: Supervisor; readonly clock: Clock },
  source: CameraSource,
  settings: LookSettings,
  signal: AbortSignal,
): Promise<Seen> {
  const { bands, stillBlock, pace } = settings;
  const stream = streamToWatch(source);
  if (!stream) return { kind: 'unreachable', reason: 'noSuchStream', detail: 'no stream is known', cpuMs: null };
  try {
    const { stdout, stderr, cpuMs } = await runOnStream({
      supervisor: deps.supervisor,
      stream,
      kind: 'check',
      program: 'ffmpeg',
      label: source.deviceId,
      deadlineMs: pace.deadlineMs,
      maxOutput: MAX_OUTPUT,
      signal,
      compose: (url) => checkArguments(url, { bands, ...pace }),
    });
    // Noise behind a right header comes out as a grey picture, which must not be judged as what the camera sees.
    if (showsDamage(stderr)) return { kind: 'noFrames', cpuMs };
    const look = readLook({ stdout, stderr }, deps.clock.now(), bands);
    if (!look) return { kind: 'noFrames', cpuMs };
    const { moved } = look.numbers;
    if (moved === null || moved >= stillBlock) return { kind: 'look', look, cpuMs };
    const pulse = await takePulse(deps, source, stream, settings, signal);
    return {
      kind: 'look',
      look: { ...look, numbers: { ...look.numbers, pulse: pulse.median } },
      cpuMs: cpuMs === null || pulse.cpuMs === null ? null : cpuMs + pulse.cpuMs,
    };
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    if (wasConnected(error)) return { kind: 'noFrames', cpuMs: null };
    return unreachable(error);
  }
}

/** Every frame of a moment; a camera that cannot show it just now is not told to be frozen. */
async function takePulse(
  deps: { readonly supervisor: Supervisor },
  source: CameraSource,
  stream: CameraStream,
  { bands, pace }: LookSettings,
  signal: AbortSignal,
): Promise<{ median: number | null; cpuMs: number | null }> {
  try {
    const { stderr, cpuMs } = await runOnStream({
      supervisor: deps.supervisor,
      stream,
      kind: 'check',
      program: 'ffmpeg',
      label: source.deviceId,
      deadlineMs: pace.deadlineMs,
      signal,
      compose: (url) => pulseArguments(url, { bands, lookMs: pace.pulseMs, silenceMs: pace.silenceMs }),
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
