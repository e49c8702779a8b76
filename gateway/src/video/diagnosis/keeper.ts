import type { Clock, Logger } from '../../../../adapters/adapter.ts';
import { PICTURE_FAULTS, type PictureFault } from '../../domain/camera-faults.ts';
import type { DeviceKey } from '../../domain/device.ts';
import type { DiagnosisState, DiagnosisTurnRecord } from '../../domain/diagnosis.ts';
import type { ConditionEvidence } from '../../domain/evidence.ts';
import type { Transactor, Tx } from '../../domain/tx.ts';
import { ANY_HOUR, chooseReference, hoursToRead } from './choose.ts';
import { step } from './confirm.ts';
import { changeBetween } from './features.ts';
import { type Finding, judgePicture } from './judge.ts';
import type { Look } from './measure.ts';
import { shown } from './numbers.ts';
import type { DiagnosisStore, KnownOfDevice, PicturePort } from './ports.ts';
import { learn, type Reference } from './reference.ts';
import type { DiagnosisSettings } from './settings.ts';

export interface KeeperDeps {
  readonly store: DiagnosisStore;
  readonly db: Transactor;
  readonly pictures: PicturePort;
  /** Takes a verdict; may be told the same again. When it rejects, the next look tells it. */
  readonly condition: (evidence: ConditionEvidence) => Promise<void> | void;
  /** A camera showed a picture in which something is seen; told at every good look. */
  readonly firstFrame: (device: DeviceKey, at: number) => Promise<void> | void;
  /** Hour of the day, 0–23, of a time in epoch milliseconds, where the cameras stand. */
  readonly hourOf: (time: number) => number;
  readonly settings: () => DiagnosisSettings;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What one look left behind. */
interface Kept {
  readonly findings: readonly Finding[];
  readonly picture: string | null;
  /** Mean luma; null without a picture. */
  readonly luma: number | null;
}

interface Seen {
  readonly at: number;
  readonly findings: readonly Finding[];
  readonly judged: ReadonlySet<PictureFault>;
  readonly picture: string | null;
  /** The good picture it was compared with. */
  readonly reference: string | null;
  /** The picture is another than the one that stood still before. */
  readonly otherStill: boolean;
}

/** Whose observed clock judges what is seen: the same as for probes of cameras. */
const PATH = 'rtsp';
/** Faults that are found by comparison and so end with the reference. */
export const COMPARED: readonly PictureFault[] = ['blurred', 'noise', 'covered', 'colourCast', 'sceneShifted'];
const NO_FRAMES: Finding = { code: 'noFrames', value: 0, threshold: 1, numbers: {} };

/** Judges looks, remembers what they add up to, tells verdicts and learns from good pictures. */
export function createKeeper(deps: KeeperDeps) {
  /** The states after a look, the turns they took, and what is told of them. */
  const conclude = (known: KnownOfDevice, seen: Seen, shownNow: DiagnosisState['numbers']) => {
    const settings = deps.settings();
    const states: DiagnosisState[] = [];
    const turns: DiagnosisTurnRecord[] = [];
    for (const code of PICTURE_FAULTS) {
      const before = known.states.find((state) => state.code === code) ?? null;
      const finding = seen.findings.find((each) => each.code === code);
      if (!finding && (!before || !seen.judged.has(code))) {
        if (before) states.push(before);
        continue;
      }
      const again = code === 'frozen' && seen.otherStill;
      const look = { code, seen: finding !== undefined, again, at: seen.at };
      const { next, turn } = step(before, look, code === 'frozen' ? forFrozen(settings) : settings);
      const proof = proofOf(seen, finding, before);
      if (next) states.push({ ...next, ...proof });
      if (turn) {
        const numbers = ofTurn(turn, proof.numbers, shownNow);
        const { reference } = proof;
        turns.push({ at: seen.at, code, turn, numbers, picture: seen.picture, reference });
      }
    }
    return { states, turns };
  };

  const tell = async (
    device: DeviceKey,
    seen: Seen,
    states: readonly DiagnosisState[],
    turns: readonly DiagnosisTurnRecord[],
  ) => {
    for (const { code, numbers, threshold, picture, reference, since } of states.filter(
      (s) => s.state === 'confirmed',
    )) {
      const turned = turns.some((turn) => turn.code === code);
      if (turned) await keepAsEvidence([picture, reference]);
      const evidence = { numbers, threshold, picture, reference, since };
      await deps.condition({ device, path: PATH, at: seen.at, code, active: true, evidence });
    }
    for (const { code, numbers, picture, reference } of turns.filter(({ turn }) => turn === 'cleared')) {
      await keepAsEvidence([picture]);
      const evidence = { numbers, picture, reference };
      await deps.condition({ device, path: PATH, at: seen.at, code, active: false, evidence });
    }
  };

  const keepAsEvidence = async (ids: readonly (string | null)[]) => {
    const there = ids.filter((id) => id !== null);
    if (there.length > 0) await deps.pictures.keep(there, 'evidence');
  };

  /** A full disk costs the picture, never the verdict. */
  const savePicture = async (device: DeviceKey, { jpeg, numbers }: Look): Promise<string | null> => {
    try {
      const { id } = await deps.pictures.save({
        device,
        jpeg,
        takenAt: numbers.at,
        origin: 'keyFrame',
        purpose: 'check',
      });
      return id;
    } catch (error) {
      deps.log.warn({ device, error }, 'the picture of a check was not kept');
      return null;
    }
  };

  const settle = async (
    device: DeviceKey,
    known: KnownOfDevice,
    seen: Seen,
    rest: { numbers: Readonly<Record<string, number | null>>; still: Uint8Array | null; learned: readonly Reference[] },
  ) => {
    const { states, turns } = conclude(known, seen, rest.numbers);
    // Told before it is written: a verdict that did not get through is told again by the next look.
    await tell(device, seen, states, turns);
    const findings = seen.findings.map(({ code, value, threshold }) => ({ code, value, threshold }));
    await deps.db.transaction(async (tx) => {
      const last = { at: seen.at, findings, numbers: rest.numbers, picture: seen.picture };
      await deps.store.saveLook(tx, device, { last, still: rest.still, states, turns });
      if (states.length > 0) return;
      for (const reference of rest.learned) await deps.store.saveReference(tx, device, reference);
    });
  };

  return {
    async noFrames(device: DeviceKey, at: number): Promise<Kept> {
      const known = await deps.store.known(deps.db.autocommit, device);
      const usual = await deps.store.references(deps.db.autocommit, device, hoursToRead(deps.hourOf(at)));
      const reference = usual.find(({ picture }) => picture)?.picture ?? null;
      const findings = [NO_FRAMES];
      const judged = new Set<PictureFault>(['noFrames']);
      const seen = { at, findings, judged, picture: null, reference, otherStill: false };
      await settle(device, known, seen, { numbers: {}, still: known.still, learned: [] });
      return { findings, picture: null, luma: null };
    },

    async picture(device: DeviceKey, look: Look): Promise<Kept> {
      const { numbers } = look;
      const { bands, thresholds, leastSamples } = deps.settings();
      const hour = deps.hourOf(numbers.at);
      const tx = deps.db.autocommit;
      const known = await deps.store.known(tx, device);
      const references = await deps.store.references(tx, device, hoursToRead(hour));
      const chosen = chooseReference(references, numbers, hour, leastSamples);
      const { findings, judged } = judgePicture(numbers, chosen, thresholds, bands);
      const picture = await savePicture(device, look);
      const stoodStill = findings.some(({ code }) => code === 'frozen');
      const across = known.still && changeBetween(known.still, numbers.fine, bands).moved;
      const seen: Seen = {
        at: numbers.at,
        findings,
        judged,
        picture,
        reference: chosen?.reference.picture ?? references.find(({ picture: id }) => id)?.picture ?? null,
        otherStill: stoodStill && across !== null && across > thresholds.frozenAcross,
      };
      const good = findings.length === 0;
      const learned = good
        ? [hour, ANY_HOUR].map((at) =>
            learn(references.find((each) => each.hour === at) ?? null, numbers, at, picture, bands),
          )
        : [];
      await settle(device, known, seen, {
        numbers: findings[0]?.numbers ?? shown(numbers),
        // The first of a row stays: light that creeps by too little from look to look adds up.
        still: stoodStill ? (seen.otherStill ? numbers.fine : (known.still ?? numbers.fine)) : null,
        learned,
      });
      if (good) await deps.firstFrame(device, numbers.at);
      return { findings, picture, luma: numbers.luma };
    },

    /** Takes away what was learned, and the states of the given codes (absent = all); verdicts among them are told to be over. */
    async forget(
      tx: Tx,
      device: DeviceKey,
      reason: 'newNormal' | 'replaced',
      codes?: readonly PictureFault[],
    ): Promise<void> {
      const at = deps.clock.now();
      const { states } = await deps.store.known(tx, device);
      const ended = states.filter(({ code }) => codes === undefined || codes.includes(code));
      for (const { code, state, reference } of ended) {
        if (state !== 'confirmed') continue;
        await deps.condition({ device, path: PATH, at, code, active: false, evidence: { reason, reference } });
      }
      await deps.store.forgetReferences(tx, device);
      const names = ended.map(({ code }) => code);
      await deps.store.endStates(tx, device, names, at);
    },
  };
}

/** A quiet street at a low bit rate looks frozen for a while: one look more, in which somebody may pass. */
const forFrozen = (settings: DiagnosisSettings) => ({
  ...settings,
  looks: settings.looks + 1,
  endLooks: settings.looks,
});

/** The end of a fault is proved by the picture that is good, not by the last one that was not. */
const ofTurn = <T>(turn: DiagnosisTurnRecord['turn'], ofFault: T, now: T): T => (turn === 'cleared' ? now : ofFault);

/** Numbers and pictures of the newest look that saw a fault, and the good picture from before the first. */
function proofOf(
  seen: Seen,
  finding: Finding | undefined,
  before: DiagnosisState | null,
): Pick<DiagnosisState, 'numbers' | 'threshold' | 'picture' | 'reference'> {
  const reference = before?.reference ?? seen.reference;
  if (finding) return { numbers: finding.numbers, threshold: finding.threshold, picture: seen.picture, reference };
  const { numbers = {}, threshold = null, picture = null } = before ?? {};
  return { numbers, threshold, picture, reference };
}
