import type { ProbeReason } from '../../../../adapters/adapter.ts';
import { PICTURE_FAULTS, type PictureFault } from '../../domain/camera-faults.ts';
import type { DeviceKey } from '../../domain/device.ts';
import type { DiagnosisView } from '../../domain/diagnosis.ts';
import type { Tx } from '../../domain/tx.ts';
import { GatewayError } from '../../errors.ts';
import { type CameraSources, SourceError } from '../source.ts';
import type { Supervisor } from '../supervisor/interface.ts';
import { type ClipResult, watchClip } from './clip.ts';
import type { Finding } from './judge.ts';
import { COMPARED, createKeeper, type KeeperDeps } from './keeper.ts';
import { LOOK_PACE, type LookPace, takeLook, unreachable } from './look.ts';

export interface DiagnosisDeps extends KeeperDeps {
  readonly supervisor: Supervisor;
  readonly sources: CameraSources;
  readonly pace?: Partial<LookPace>;
}

/** What one look found; it is also a probe result whose reason may be a fault of the picture. */
export interface CheckOutcome {
  /** Nothing is wrong with the picture; false also while a finding is unconfirmed, so that the next look comes soon. */
  readonly ok: boolean;
  /** The first finding, or why there was no picture to judge. */
  readonly reason: ProbeReason | PictureFault;
  readonly detail: string;
  readonly rttMs: number;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly findings: readonly Finding[];
  /** Id of the picture; null = none was had or kept. */
  readonly picture: string | null;
  /** Processor time of the look in milliseconds; null = not known. */
  readonly cpuMs: number | null;
}

export interface Diagnosis {
  /**
   * Looks at a camera now and draws the conclusions; a look already under way is shared. Throws NOT_FOUND or
   * UNPROCESSABLE from {@link CameraSources.find}, and what is our own trouble (no place, aborted).
   */
  check(device: DeviceKey, signal: AbortSignal): Promise<CheckOutcome>;
  /** Ten seconds of every frame, for a person who wants to be sure; changes no verdict. Throws like `check`. */
  clip(device: DeviceKey, signal: AbortSignal): Promise<ClipResult>;
  /** For a repair that must prove itself; undefined when the fault is none of a picture. */
  inspect(device: DeviceKey, fault: string): Promise<{ ok: boolean; detail: unknown } | undefined>;
  read(device: DeviceKey): Promise<DiagnosisView>;
  /** A person says that this is the new normal: forgets how the camera used to look and what was found by comparison. */
  reset(device: DeviceKey): Promise<void>;
  /** 换机: nothing that was found or learned is about this camera any more. Part of the caller's transaction. */
  replaced(tx: Tx, device: DeviceKey): Promise<void>;
  /** A look under way is at the box that stood there before, and is given up. */
  connectionChanged(device: DeviceKey): void;
}

/** Milliseconds a repair may wait for its proof. */
const INSPECT_MS = 60_000;

/** Looks at pictures of cameras and says, once it is sure, what is wrong with them. */
export function createDiagnosis(deps: DiagnosisDeps): Diagnosis {
  const running = new Map<DeviceKey, { readonly outcome: Promise<CheckOutcome>; readonly ending: AbortController }>();
  const pace = { ...LOOK_PACE, ...deps.pace };
  const keeper = createKeeper(deps);

  const look = async (device: DeviceKey, signal: AbortSignal): Promise<CheckOutcome> => {
    const startedAt = deps.clock.monotonic();
    const { bands, thresholds } = deps.settings();
    const source = await deps.sources.find(device).catch(asAnswer);
    const seen =
      source instanceof SourceError
        ? unreachable(source)
        : await takeLook(deps, source, { bands, stillBlock: thresholds.stillBlock, pace }, signal);
    signal.throwIfAborted();
    const rttMs = Math.round(deps.clock.monotonic() - startedAt);
    const at = deps.clock.now();
    if (seen.kind === 'unreachable') {
      // No picture is no evidence about the picture: that the camera is away, the probes say.
      const { reason, detail } = seen;
      return { ok: false, reason, detail, rttMs, at, findings: [], picture: null, cpuMs: seen.cpuMs };
    }
    const kept = seen.kind === 'noFrames' ? await keeper.noFrames(device, at) : await keeper.picture(device, seen.look);
    const [first] = kept.findings;
    return {
      ok: !first,
      reason: first?.code ?? 'ok',
      detail: first ? `${first.code} ${first.value} (${first.threshold})` : `luma ${kept.luma ?? '?'}`,
      rttMs,
      at,
      findings: kept.findings,
      picture: kept.picture,
      cpuMs: seen.cpuMs,
    };
  };

  const check = (device: DeviceKey, signal: AbortSignal) => {
    const under = running.get(device);
    if (under) return under.outcome;
    const ending = new AbortController();
    const outcome = look(device, AbortSignal.any([signal, ending.signal])).finally(() => {
      if (running.get(device)?.ending === ending) running.delete(device);
    });
    running.set(device, { outcome, ending });
    return outcome;
  };
  const giveUp = (device: DeviceKey) => {
    running.get(device)?.ending.abort(new GatewayError('UNAVAILABLE', 'the camera was exchanged during the look'));
    running.delete(device);
  };

  return {
    check,
    clip: async (device, signal) => watchClip(deps, await deps.sources.find(device), deps.settings().bands, signal),
    async inspect(device, fault) {
      if (!isPictureFault(fault)) return undefined;
      const { ok, reason, detail, picture, findings } = await check(device, AbortSignal.timeout(INSPECT_MS));
      const gone = ok || (findings.length > 0 && !findings.some(({ code }) => code === fault));
      return { ok: gone, detail: { reason, detail, picture } };
    },
    read: (device) => deps.store.view(deps.db.autocommit, device),
    reset: (device) => deps.db.transaction((tx) => keeper.forget(tx, device, 'newNormal', COMPARED)),
    async replaced(tx, device) {
      giveUp(device);
      await keeper.forget(tx, device, 'replaced');
    },
    connectionChanged: giveUp,
  };
}

const isPictureFault = (code: string): code is PictureFault => (PICTURE_FAULTS as readonly string[]).includes(code);

/** That the camera is the reason is an answer; the rest is trouble of our own. */
function asAnswer(error: unknown): SourceError {
  if (error instanceof SourceError) return error;
  throw error;
}
