import { SYSTEM } from '../domain/actor.ts';
import type { AuditEntry, AuditPort } from '../domain/audit.ts';
import type { DeviceBrief, DeviceKey } from '../domain/device.ts';
import { type EffectivePolicy, effectivePolicy, learningTerms } from '../domain/health-policy.ts';
import type { LearnedRow } from '../domain/health-rows.ts';
import { addGap, createGaps, LEAST_GAP_MS, type LearnedDeadline, learnDeadline } from '../domain/learned-deadline.ts';
import type { Transactor } from '../domain/tx.ts';
import type { Clocks } from './clocks.ts';
import type { DeviceMemory, Learning, Memory } from './memory.ts';
import { type Directory, type HealthStore, type MonitoredType, type TypeSource, typeOf } from './ports.ts';

/** Used while a device's type is not known (a file that was taken away): its silence is still judged. */
const DEFAULT_HEALTH = { interval: 60_000, offlineAfter: 180_000, hold: null, recoverAfter: null };
/** So many new gaps are worth another look, and a row. */
const STUDY_EVERY = 20;
const CHUNK = 2_000;

/** The policy a device is judged by, with what was learned of it while its deadline is to be learned. */
export function policyOf(
  memory: DeviceMemory,
  type: Pick<MonitoredType, 'health'> | undefined,
  brief: Pick<DeviceBrief, 'healthPolicy'>,
): EffectivePolicy {
  const health = type?.health ?? DEFAULT_HEALTH;
  const learned = memory.learning?.learned?.offlineAfter ?? null;
  const counts = learned !== null && learningTerms(type?.health, brief.healthPolicy) !== null;
  return effectivePolicy(health, brief.healthPolicy, counts ? learned : null);
}

export interface Learner {
  /** A sign of life at an observed time, before memory takes it in. */
  heard(device: DeviceMemory, brief: DeviceBrief, observed: number): void;
  /** Draws conclusions and writes them with their audit; returns the devices whose deadline changed. */
  study(): Promise<readonly DeviceKey[]>;
  /** Writes what was learned since; for the stop. */
  save(): Promise<void>;
  load(): Promise<void>;
}

export interface LearnerOptions {
  readonly memory: Memory;
  readonly clocks: Pick<Clocks, 'breaks'>;
  readonly directory: Directory;
  readonly types: TypeSource;
  readonly store: HealthStore;
  readonly transactor: Transactor;
  readonly audit: AuditPort | undefined;
  readonly wall: () => number;
  /** False when the device was part of a group outage since (epoch ms) or is under maintenance: that is not its rhythm. */
  readonly mayLearn: (device: DeviceBrief, since: number) => boolean;
}

interface Lesson {
  readonly device: DeviceMemory;
  readonly learning: Learning;
  readonly learned: LearnedDeadline | null;
  readonly entry: AuditEntry | null;
}

export function createLearner(options: LearnerOptions): Learner {
  const { memory, clocks, directory, types, store, transactor, wall } = options;
  const due = new Set<DeviceMemory>();

  function lessonOf(device: DeviceMemory, learning: Learning): Lesson {
    const brief = directory.get(device.key);
    const type = brief && typeOf(types, brief);
    const terms = brief ? learningTerms(type?.health, brief.healthPolicy) : null;
    const { gaps, learned: was } = learning;
    const learned = terms && learnDeadline({ gaps, was, ...terms, wall: wall() });
    if (!brief || !terms || !learned) return { device, learning, learned: was, entry: null };
    const { offlineAfter, median, p99 } = learned;
    const entry: AuditEntry = {
      at: wall(),
      actor: SYSTEM,
      action: 'learnDeadline',
      resource: 'devices',
      resourceId: brief.id,
      before: { offlineAfterMs: was?.offlineAfter ?? terms.offlineAfter },
      after: { offlineAfterMs: offlineAfter, medianMs: median, p99Ms: p99, samples: gaps.samples },
    };
    return { device, learning, learned, entry };
  }

  async function write(devices: readonly DeviceMemory[]): Promise<readonly DeviceKey[]> {
    const lessons = devices.flatMap((device) => (device.learning ? [lessonOf(device, device.learning)] : []));
    if (lessons.length === 0) return [];
    const rows = lessons.map(({ device, learning: { gaps }, learned }): LearnedRow => {
      return { device: device.key, gaps: gaps.ring, samples: gaps.samples, learned };
    });
    const entries = lessons.flatMap(({ entry }) => entry ?? []);
    await transactor.transaction(async (tx) => {
      await store.saveLearned(tx, rows);
      if (entries.length > 0) await options.audit?.append(tx, entries);
    });
    for (const { learning, learned } of lessons) {
      learning.learned = learned;
      learning.unsaved = 0;
    }
    return lessons.flatMap(({ device, entry }) => (entry ? [device.key] : []));
  }

  return {
    heard(device, brief, observed) {
      const type = typeOf(types, brief);
      if (!brief.healthPolicy?.learn && type?.health.learn !== true) {
        device.learning = null;
        return;
      }
      if (learningTerms(type?.health, brief.healthPolicy) === null) {
        device.learning = null;
        return;
      }
      const gap = observed - device.seen;
      if (device.learning && gap < LEAST_GAP_MS) return;
      device.learning ??= { gaps: createGaps(), learned: null, clean: false, breaks: -1, unsaved: 0 };
      const { learning } = device;
      const breaks = clocks.breaks(device.path);
      const sound = !device.linkBad && !device.flapping && options.mayLearn(brief, wall() - gap);
      // The gap that ended a failure is none of the rhythm, nor is one in which we could not hear.
      if (sound && learning.clean && learning.breaks === breaks && device.seen > 0) {
        addGap(learning.gaps, gap);
        learning.unsaved += 1;
        if (learning.unsaved >= STUDY_EVERY) due.add(device);
      }
      learning.clean = sound;
      learning.breaks = breaks;
    },
    async study() {
      const devices = [...due].slice(0, CHUNK);
      if (devices.length === 0) return [];
      const changed = await write(devices);
      for (const device of devices) due.delete(device);
      return changed;
    },
    async save() {
      const left = [...memory.all()].filter((device) => (device.learning?.unsaved ?? 0) > 0);
      for (let from = 0; from < left.length; from += CHUNK) await write(left.slice(from, from + CHUNK));
    },
    async load() {
      for (let after = -1, more = true; more; ) {
        const rows = await store.learned(transactor.autocommit, after, CHUNK);
        for (const row of rows) {
          const device = memory.get(row.device);
          const gaps = { ...createGaps(), samples: row.samples };
          gaps.ring.set(row.gaps.subarray(0, gaps.ring.length));
          if (device) device.learning = { gaps, learned: row.learned, clean: false, breaks: -1, unsaved: 0 };
        }
        after = rows.at(-1)?.device ?? after;
        more = rows.length === CHUNK;
      }
    },
  };
}
