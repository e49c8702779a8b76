import type { DiagnosisPort } from '../api/ports/diagnosis.ts';
import type { DeviceKey } from '../domain/device.ts';
import type { ConditionEvidence } from '../domain/evidence.ts';
import { requireRight } from '../domain/permission.ts';
import { PICTURE_THRESHOLDS } from '../domain/picture-thresholds.ts';
import { GatewayError, isGatewayError } from '../errors.ts';
import { type CheckOutcome, createDiagnosis } from '../video/diagnosis/diagnosis.ts';
import type { PicturePort } from '../video/diagnosis/ports.ts';
import { type CameraSources, SourceError } from '../video/source.ts';
import { ProcessFailure, type Supervisor } from '../video/supervisor/interface.ts';
import type { Foundation } from './foundation.ts';
import type { Identity } from './identity.ts';

/** Looks that count lie at least this share of the confirming cadence apart: its slots jitter. */
const GAP_SHARE = 0.6;
const LEAST_SAMPLES = 3;

interface DiagnosisNeighbours {
  readonly sources: CameraSources;
  readonly supervisor: Supervisor;
  readonly pictures: PicturePort;
  readonly condition: (evidence: ConditionEvidence) => void;
  readonly firstFrame: (device: DeviceKey, at: number) => Promise<void> | void;
  /** Every look, of the rounds and of people; those closer than `gapMs` say the same. */
  readonly looked: (device: DeviceKey, seen: CheckOutcome, gapMs: number) => void;
}

/** What is wrong with pictures, for the rounds and for people. */
export function createPictureDiagnosis(base: Foundation, { registry, settings }: Identity, near: DiagnosisNeighbours) {
  const { config, log, clock, store, db } = base;
  const hours = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', hourCycle: 'h23', timeZone: config.timeZone });
  const gapMs = () => settings.ms('pictureConfirm') * GAP_SHARE;
  const diagnosis = createDiagnosis({
    ...near,
    store: store.diagnosis,
    db,
    clock,
    log,
    hourOf: (time) => Number(hours.format(time)),
    settings: () => {
      const { pictureLooks, pictureClockBands, pictureThresholds } = settings.current();
      return {
        looks: pictureLooks,
        gapMs: gapMs(),
        bands: pictureClockBands,
        thresholds: { ...PICTURE_THRESHOLDS, ...pictureThresholds },
        leastSamples: LEAST_SAMPLES,
      };
    },
  });

  const check = async (device: DeviceKey, signal: AbortSignal) => {
    const seen = await diagnosis.check(device, signal);
    near.looked(device, seen, gapMs());
    return seen;
  };

  const port: DiagnosisPort = {
    async read(actor, deviceId) {
      requireRight(actor, 'cameras', 'read');
      return diagnosis.read((await registry.devices.get(actor, deviceId)).key);
    },
    async check(actor, deviceId, { deep, signal }) {
      requireRight(actor, 'cameras', 'operate');
      const { key, id: resourceId } = await registry.devices.get(actor, deviceId);
      const entry = {
        at: clock.now(),
        actor,
        action: 'checkPicture',
        resource: 'cameras',
        resourceId,
        after: { deep },
      };
      await store.audit.append(db.autocommit, [entry]);
      const seen = await ours(check(key, signal));
      const clip = deep ? await ours(diagnosis.clip(key, signal).catch(withoutCamera)) : null;
      return { ...seen, clip };
    },
    async accept(actor, deviceId) {
      requireRight(actor, 'cameras', 'operate');
      const device = await registry.devices.get(actor, deviceId);
      await diagnosis.reset(device.key);
      await db.transaction((tx) =>
        store.audit.append(tx, [
          { at: clock.now(), actor, action: 'acceptPicture', resource: 'devices', resourceId: device.id },
        ]),
      );
      return diagnosis.read(device.key);
    },
  };
  return { diagnosis: port, pictureChecks: { ...diagnosis, check } };
}

function withoutCamera(error: unknown): null {
  if (error instanceof SourceError) return null;
  throw error;
}

/** No place for a process is said as such; the rest of our trouble stays what it is. */
async function ours<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (isGatewayError(error) || !(error instanceof ProcessFailure)) throw error;
    throw new GatewayError('UNAVAILABLE', error.message, { cause: error });
  }
}
