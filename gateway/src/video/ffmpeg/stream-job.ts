import type { ProbeReason } from '../../../../adapters/adapter.ts';
import { type CameraStream, SourceError, type StreamAccess } from '../source.ts';
import { type Finished, type Job, ProcessFailure, type Supervisor } from '../supervisor/interface.ts';

export interface StreamJob extends Omit<Job, 'args' | 'deadlineMs' | 'signal'> {
  readonly supervisor: Supervisor;
  readonly stream: CameraStream;
  /** Milliseconds of the process, the way to the camera included; waiting for a place is extra. */
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
  readonly maxOutput?: number;
  /** Arguments for the loopback URL. */
  readonly compose: (url: string) => readonly string[];
}

/**
 * Opens the way to a camera once there is a place, runs one process on it and closes it again. Throws {@link SourceError}
 * when the camera is the reason; {@link ProcessFailure} `busy`, `aborted`, `stopped`, `spawn` and `output` are ours.
 */
export async function runOnStream(job: StreamJob): Promise<Finished> {
  const { supervisor, stream, compose, maxOutput, ...rest } = job;
  let access: StreamAccess | undefined;
  const over = new AbortController();
  try {
    return await supervisor.run(
      {
        ...rest,
        async args(signal) {
          const opened = await stream.open({ signal });
          // The job may have been given up while the way was opened.
          if (over.signal.aborted) opened.close();
          access = opened;
          return compose(opened.url);
        },
      },
      maxOutput === undefined ? {} : { maxOutput },
    );
  } catch (error) {
    throw blame(error, access, job.deadlineMs);
  } finally {
    over.abort();
    access?.close();
  }
}

/**
 * Whether ffmpeg wrote a picture it had to patch up, as it says from log level `warning` on. Read afterwards: `-xerror`
 * would end at the broken frames a good camera may begin with, `-err_detect explode` at private SEI of good cameras.
 * Random bits can also make a picture without a fault; RTP payloads that are no H.26x at all give them away, for a lost
 * packet never looks like one.
 */
export function showsDamage(stderr: string): boolean {
  return /corrupt decoded frame|Undefined type \(\d+\)|nal size exceeds length|Illegal temporal ID/.test(stderr);
}

/** Whose fault it was: what the camera answered counts before what ffmpeg says of it. */
function blame(error: unknown, access: StreamAccess | undefined, deadlineMs: number): unknown {
  if (!(error instanceof ProcessFailure)) return error;
  if (error.kind !== 'exit' && error.kind !== 'deadline') return error;
  const refused = access?.failure() ?? null;
  if (refused !== null) return new SourceError(refused, `the camera refused: ${refused}`, error);
  if (error.kind === 'deadline') return new SourceError('timeout', `no frame in ${deadlineMs} ms`, error);
  if (OUR_MISTAKE.test(error.stderr)) return error;
  const [reason = 'connectionLost'] = SAID.find(([, said]) => said.test(error.stderr)) ?? [];
  const detail = reason === 'timeout' ? `in ${deadlineMs} ms` : `: ${lastLine(error.stderr)}`;
  return new SourceError(reason, `no frame ${detail}`.replace(' :', ':'), error);
}

/** A call we composed wrongly is nothing a camera did. */
const OUR_MISTAKE =
  /unrecognized option|option .*not found|no such filter|unknown encoder|error initializing|splitting the argument/i;

/** What ffmpeg 4 to 7 print for it; only asked when the relay knows nothing. */
const SAID: readonly (readonly [ProbeReason, RegExp])[] = [
  ['wrongPassword', /\b401\b|unauthorized/i],
  ['noSuchStream', /\b404\b|\b454\b|not found/i],
  ['sessionLimit', /\b453\b|not enough bandwidth/i],
  ['serverError', /\b5\d\d\b|5xx/i],
  ['portClosed', /connection refused/i],
  ['timeout', /timed out/i],
];

function lastLine(stderr: string): string {
  return (
    stderr
      .trim()
      .split(/[\r\n]+/)
      .at(-1)
      ?.slice(0, 200) ?? ''
  );
}
