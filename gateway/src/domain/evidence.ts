import type { DeviceKey } from './device.ts';
import type { DeviceEvent, Value } from './reading.ts';

/**
 * What the monitor learns of one committed message. Judgement uses receive times only; a message whose own time lies
 * further back than its freshness window (补报) arrives with `late: true` and never changes health.
 */
export interface MessageEvidence {
  readonly device: DeviceKey;
  /** Ingest path whose observed clock judges this device. */
  readonly path: string;
  readonly receivedAt: number;
  readonly late: boolean;
  readonly values: ReadonlyMap<string, Value> | Readonly<Record<string, Value>>;
  readonly events: readonly DeviceEvent[];
  /** `online`/`offline` said on the state topic or by a will. */
  readonly claim?: 'online' | 'offline';
  /** Device clock minus gateway clock in milliseconds, when the message carried a time. */
  readonly skewMs?: number;
}

/** Something came from the device that is no reading: an ONVIF event, a picture. */
export type SignEvidence = Pick<LinkEvidence, 'device' | 'path' | 'at'>;

/** A session of a device's own login went up or down. */
export interface LinkEvidence {
  readonly device: DeviceKey;
  readonly path: string;
  readonly state: 'up' | 'down';
  readonly reason: string;
  readonly at: number;
  readonly session: string;
}

/** A vendor's own login went up or down: a fact about the vendor's link and about no device of its. */
export interface VendorLinkEvidence {
  readonly vendorId: string;
  readonly state: 'up' | 'down';
  /** Several connections of one vendor are told apart by it. */
  readonly session: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly reason: string;
}

/** Result of one probe of a device. */
export interface ProbeEvidence {
  readonly device: DeviceKey;
  readonly path: string;
  readonly at: number;
  readonly ok: boolean;
  readonly reason: string;
  readonly detail: string;
  /** Round trip of the whole probe in milliseconds. */
  readonly rttMs?: number;
  /** What the peer said of itself, e.g. `{ codec: 'H264' }`. */
  readonly facts?: Readonly<Record<string, string | number | boolean>>;
}

/**
 * A fault another stage has already confirmed (a picture, a clock, a default password): the monitor makes no second
 * judgement, it opens or ends the incident. Repeating the same state is allowed and changes nothing but the evidence.
 */
export interface ConditionEvidence {
  readonly device: DeviceKey;
  readonly path: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** A key of `CAMERA_FAULTS`. */
  readonly code: string;
  readonly active: boolean;
  /** Numbers, thresholds and ids of pictures (`picture`, `reference`) that prove it. */
  readonly evidence: Readonly<Record<string, unknown>>;
}
