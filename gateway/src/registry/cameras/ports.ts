import type { CameraConnection, Clock, Logger } from '../../../../adapters/adapter.ts';
import type { Actor } from '../../domain/actor.ts';
import type { AuditPort } from '../../domain/audit.ts';
import type { CameraFacts } from '../../domain/camera.ts';
import type { CameraStage, OwnArchive } from '../../domain/camera-archive.ts';
import type { CameraDevice, CameraQuery, CameraWatch, StreetCode, WaitingCamera } from '../../domain/camera-record.ts';
import type { DeviceKey } from '../../domain/device.ts';
import type { DevicePatch } from '../../domain/device-input.ts';
import type { DeviceTurn } from '../../domain/device-record.ts';
import type { ConditionEvidence } from '../../domain/evidence.ts';
import type { Point } from '../../domain/geo.ts';
import type { Scope } from '../../domain/scope.ts';
import type { Transactor, Tx } from '../../domain/tx.ts';
import type { Change } from '../turns.ts';

/** The path whose observed clock judges what probes find. */
export const PATH = 'rtsp';

/** `types` are the device types that are cameras. */
export interface CameraStore {
  get(tx: Tx, id: string, types: readonly string[], scope: Scope): Promise<CameraDevice | undefined>;
  byKeys(tx: Tx, keys: readonly DeviceKey[]): Promise<CameraDevice[]>;
  list(
    tx: Tx,
    query: CameraQuery & { limit: number },
    types: readonly string[],
    scope: Scope,
  ): Promise<{ items: CameraDevice[]; nextCursor: string | null; total: number | null }>;
  saveArchive(tx: Tx, device: DeviceKey, content: { archive: OwnArchive; prefilled: readonly string[] }): Promise<void>;
  saveFacts(tx: Tx, device: DeviceKey, facts: CameraFacts): Promise<void>;
  saveFactsError(tx: Tx, device: DeviceKey, error: string): Promise<void>;
  /** Changes only what is named. */
  saveWatch(tx: Tx, device: DeviceKey, change: CameraWatch): Promise<void>;
  /** 换机: nothing is known of the new box but what a person wrote of the point. */
  restart(tx: Tx, device: DeviceKey, since: number, archive: OwnArchive): Promise<void>;
  /** Milliseconds from registration (or 换机) to the frame; null when it was not the first. */
  firstFrame(tx: Tx, device: DeviceKey, seenAt: number): Promise<number | null>;
  noteInUse(tx: Tx, keys: readonly DeviceKey[], now: number): Promise<DeviceKey[]>;
  waiting(tx: Tx, keys: readonly DeviceKey[] | null): Promise<WaitingCamera[]>;
  codecs(tx: Tx): Promise<{ device: DeviceKey; codec: string; deviates: boolean }[]>;
  countByStage(tx: Tx, types: readonly string[]): Promise<Partial<Record<CameraStage, number>>>;
}

/** Where cameras stand. */
export interface CameraPlaceStore {
  streets(tx: Tx): Promise<StreetCode[]>;
  street(tx: Tx, street: string): Promise<StreetCode | undefined>;
  putStreet(tx: Tx, row: StreetCode): Promise<void>;
  /** Division codes of an organisation and those above it, the nearest first. */
  divisions(tx: Tx, orgId: string): Promise<string[]>;
  /** Takes the next serial under 14 digits for good; null when all are taken. */
  takeSerial(tx: Tx, prefix: string): Promise<number | null>;
  inBox(
    tx: Tx,
    box: { centre: Point; dLat: number; dLon: number; limit: number },
    types: readonly string[],
    scope: Scope,
  ): Promise<CameraDevice[]>;
  placeOfSite(tx: Tx, siteId: string): Promise<Point | null>;
}

/** What the device registry does for an archive: one change of the device within a larger transaction. */
export interface DeviceChanges {
  change(tx: Tx, actor: Actor, id: string, patch: DevicePatch): Promise<Change>;
  follow(changes: readonly Change[]): Promise<void>;
}

/** A camera as it is dialled, its password opened. Never logged. */
export interface CameraTarget {
  readonly deviceKey: DeviceKey;
  readonly deviceId: string;
  readonly connection: CameraConnection;
}

export interface CallOptions {
  /** Milliseconds from the call. */
  readonly deadline: number;
  readonly signal: AbortSignal;
}

export type Described =
  | { readonly ok: true; readonly facts: CameraFacts }
  /** `reason` is one of a probe; neither holds a credential. */
  | { readonly ok: false; readonly reason: string; readonly detail: string };

/** The camera itself. Refusals of the camera are answers; what is thrown is trouble of our own. */
export interface CameraAccess {
  /** A login that was refused a short while ago is not tried again, unless a person insists. */
  describe(target: CameraTarget, options: CallOptions & { readonly insist?: boolean }): Promise<Described>;
  /** Device clock minus ours in milliseconds; null = not told or not reachable. */
  clockOffset(target: CameraTarget, options: CallOptions): Promise<number | null>;
  /** Whether another login would be let in. `locked` ends every further try until a person acts; `unknown` = no answer. */
  tryLogin(
    target: CameraTarget,
    login: { readonly username: string; readonly password: string },
    options: CallOptions,
  ): Promise<'accepted' | 'refused' | 'locked' | 'unknown'>;
  /**
   * Takes one picture for the first frame; answers its capture time in epoch milliseconds, or null when the camera gave
   * none.
   */
  takeFirstFrame(device: DeviceKey, signal: AbortSignal): Promise<number | null>;
}

export interface CamerasDeps {
  readonly db: Transactor;
  readonly store: CameraStore & CameraPlaceStore;
  readonly history: { addTurns(tx: Tx, turns: readonly DeviceTurn[]): Promise<void> };
  readonly devices: DeviceChanges;
  /** Those of the devices that may be dialled now. */
  readonly targets: (keys: readonly DeviceKey[]) => Promise<readonly CameraTarget[]>;
  /** Whether this process looks after a camera; others do after the rest. */
  readonly mine: (device: DeviceKey) => boolean;
  readonly access: CameraAccess;
  readonly audit: AuditPort;
  /** A confirmed fault, or its end; see the monitor. */
  readonly condition: (evidence: ConditionEvidence) => void | Promise<void>;
  /** The newest picture of each camera; absent = none is kept. */
  readonly pictures?: (
    tx: Tx,
    keys: readonly DeviceKey[],
  ) => Promise<ReadonlyMap<DeviceKey, { readonly id: string; readonly at: number }>>;
  /** Ids of the device types that are cameras. */
  readonly cameraTypes: () => readonly string[];
  readonly settings: () => {
    readonly defaultPasswordCheck: boolean;
    /** Metres around a proposed camera, and degrees within which two look the same way. */
    readonly duplicateRadius: number;
    readonly duplicateAngle: number;
  };
  /** Milliseconds from registration (or 换机) to the first frame. */
  readonly onFirstFrame: (ms: number, device: DeviceKey) => void;
  readonly clock: Clock;
  readonly log: Logger;
}
