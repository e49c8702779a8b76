import type { DeviceKey } from '../../domain/device.ts';
import type { DiagnosisLook, DiagnosisState, DiagnosisTurnRecord, DiagnosisView } from '../../domain/diagnosis.ts';
import type { Tx } from '../../domain/tx.ts';
import type { Reference } from './reference.ts';

/** What a look starts from. */
export interface KnownOfDevice {
  readonly states: readonly DiagnosisState[];
  /** Small grey copy of the newest look, when it stood still. */
  readonly still: Uint8Array | null;
}

/** Rows of diagnosis (`store/diagnosis.ts`). */
export interface DiagnosisStore {
  known(tx: Tx, device: DeviceKey): Promise<KnownOfDevice>;
  /** References of the given hours of the day that exist. */
  references(tx: Tx, device: DeviceKey, hours: readonly number[]): Promise<readonly Reference[]>;
  saveReference(tx: Tx, device: DeviceKey, reference: Reference): Promise<void>;
  /** Writes the newest look, puts the states in place of the old ones and adds the turns. */
  saveLook(
    tx: Tx,
    device: DeviceKey,
    look: {
      readonly last: DiagnosisLook;
      readonly still: Uint8Array | null;
      readonly states: readonly DiagnosisState[];
      readonly turns: readonly DiagnosisTurnRecord[];
    },
  ): Promise<void>;
  /** Takes states away and says in the history that they ended. */
  endStates(tx: Tx, device: DeviceKey, codes: readonly string[], at: number): Promise<void>;
  /** Forgets how the camera usually looks; answers how many hours were known. */
  forgetReferences(tx: Tx, device: DeviceKey): Promise<number>;
  view(tx: Tx, device: DeviceKey): Promise<DiagnosisView>;
}

/** Keeps pictures (`video/pictures`). */
export interface PicturePort {
  /** Rejects when there is no room; a check goes on without its picture. */
  save(picture: {
    readonly device: DeviceKey;
    readonly jpeg: Uint8Array;
    /** Epoch milliseconds. */
    readonly takenAt: number;
    readonly origin: 'keyFrame';
    readonly purpose: 'check' | 'reference' | 'evidence';
  }): Promise<{ readonly id: string; readonly sha256: string }>;
  /** Turns pictures into evidence or references, kept as long as those; answers how many are still there. */
  keep(ids: readonly string[], purpose: 'evidence' | 'reference'): Promise<number>;
}
