import type { CameraStage } from '../../domain/camera-archive.ts';
import { type DeviceBrief, type DeviceKey, LIFECYCLE_RIGHTS } from '../../domain/device.ts';
import type { ProbeEvidence } from '../../domain/evidence.ts';
import type { Tx } from '../../domain/tx.ts';
import type { DirectoryChange } from '../directory.ts';
import { createActivation } from './activation.ts';
import { mainCodec } from './archive.ts';
import { createCameraRounds } from './camera-rounds.ts';
import { type Cameras, createCameras } from './cameras.ts';
import { createCodecWatch } from './codec-watch.ts';
import { type CameraFactReader, createCameraFacts } from './facts.ts';
import { createNationalCodes, type NationalCodes } from './national-codes.ts';
import { createNearby } from './nearby.ts';
import type { CamerasDeps, Described } from './ports.ts';

/** Milliseconds a camera gets to say what it offers to somebody who waits for its picture. */
const DESCRIBE_MS = 10_000;

export interface CameraRegistryDeps extends CamerasDeps {
  readonly directory: {
    all(): Iterable<DeviceBrief>;
    onChange(listener: (changes: readonly DirectoryChange[]) => void): () => void;
  };
}

/** Everything the gateway keeps of cameras beside their devices, and the work that keeps it true. */
export interface CameraRegistry {
  readonly cameras: Cameras & Pick<CameraFactReader, 'refresh'> & NationalCodes & ReturnType<typeof createNearby>;
  /** A frame of this camera was seen at this time (epoch milliseconds). */
  firstFrame(device: DeviceKey, at: number): Promise<void>;
  /** New, or reached another way: facts and a first frame are wanted at once. */
  connectionChanged(device: DeviceKey): void;
  /** Asks what the camera offers and keeps it; null = it may not be connected. */
  describe(device: DeviceKey): Promise<Described | null>;
  /** In the transaction of a 换机. */
  onReplaced(tx: Tx, device: DeviceKey): Promise<void>;
  /** Every probe passes here; see the codec. */
  onProbe(evidence: ProbeEvidence): void;
  /** One look at these cameras, as their turn in the hour brings it. */
  visit(devices: readonly DeviceKey[], signal: AbortSignal): Promise<void>;
  countByStage(): Promise<Partial<Record<CameraStage, number>>>;
  start(): void;
  stop(): Promise<void>;
}

export function createCameraRegistry(input: CameraRegistryDeps): CameraRegistry {
  const { db, store, clock } = input;
  // The first frame proves that the camera can be reached: what it says of itself is asked then, if it was not yet.
  const deps: CameraRegistryDeps = {
    ...input,
    onFirstFrame(ms, device) {
      input.onFirstFrame(ms, device);
      rounds.connectionChanged(device);
    },
  };
  const codecs = createCodecWatch(deps);
  const activation = createActivation(deps);
  const facts = createCameraFacts({
    ...deps,
    async onFacts(device, read) {
      await codecs.inFacts(device, mainCodec(read));
      await rounds.onFacts(device, read);
    },
  });
  const rounds = createCameraRounds({ ...deps, facts: () => facts, codecs, everyone: deps.directory.all });
  const cameras = createCameras({
    ...deps,
    onArchive(camera) {
      activation.consider([camera.device.key]);
      codecs.onArchive(camera);
    },
  });
  let unsubscribe: (() => void) | undefined;

  const followDirectory = (changes: readonly DirectoryChange[]) => {
    const types = new Set(deps.cameraTypes());
    const ours = changes.filter(({ after }) => types.has(after.type) && LIFECYCLE_RIGHTS[after.lifecycle].judged);
    activation.consider(ours.map(({ after }) => after.key));
    for (const { before, after } of ours) if (before === null) rounds.connectionChanged(after.key);
  };

  return {
    cameras: { ...cameras, ...createNationalCodes(deps), ...createNearby(deps), refresh: facts.refresh },
    firstFrame: activation.firstFrame,
    connectionChanged(device) {
      activation.anew(device);
      rounds.connectionChanged(device);
    },
    async describe(device) {
      const [target] = await deps.targets([device]);
      return target ? facts.read(target, AbortSignal.timeout(DESCRIBE_MS)) : null;
    },
    async onReplaced(tx, device) {
      const [found] = await store.byKeys(tx, [device]);
      const { archive = {}, prefilled = [] } = found?.camera ?? {};
      // What the old box said of itself goes with it; what a person wrote of the point stays.
      const kept = Object.fromEntries(Object.entries(archive).filter(([field]) => !prefilled.includes(field)));
      await store.restart(tx, device, clock.now(), kept);
    },
    onProbe({ device, facts: seen }) {
      if (typeof seen?.codec === 'string') codecs.inProbe(device, seen.codec);
    },
    visit: rounds.visit,
    countByStage: () => store.countByStage(db.autocommit, deps.cameraTypes()),
    start() {
      // Devices that were read before the start are found by the sweep; only what turns from now on comes this way.
      unsubscribe = deps.directory.onChange(followDirectory);
      activation.start();
      rounds.start();
    },
    async stop() {
      unsubscribe?.();
      await activation.stop();
      await rounds.stop();
    },
  };
}
