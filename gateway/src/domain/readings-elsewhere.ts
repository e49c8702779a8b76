import type { TrialMetric } from './acceptance.ts';
import type { DeviceKey } from './device.ts';
import type { RepeatProbe } from './ingest-rows.ts';
import type { Tx } from './tx.ts';

/** What one metric of a device delivered in a span of time. */
export interface MetricSum {
  readonly device: DeviceKey;
  readonly metric: string;
  readonly readings: number;
  /** Readings that carry the mark of a wrong clock. */
  readonly skewed: number;
  readonly numbers: number;
  /** Null without numbers. */
  readonly least: number | null;
  readonly most: number | null;
  readonly texts: number;
  /** Texts that are one of those asked for. */
  readonly chosen: number;
}

/**
 * What the statements of the database ask of the readings, answered by a store outside of it; without one they look
 * themselves. `tx` is only for looking up devices. All calls reject with UNAVAILABLE when the store is away.
 */
export interface ReadingsElsewhere {
  /** By index: moments (epoch ms) in the window before the receive time at which all values of the probe stand together. */
  twins(tx: Tx, probes: readonly RepeatProbe[], windowMs: number): Promise<readonly { i: number; time: number }[]>;
  /** Readings received since, by metric; `*` stands for any part of a name, `most` is counted to. */
  received(
    tx: Tx,
    asks: readonly { readonly key: DeviceKey; readonly metric: string; readonly since: number }[],
    of: { readonly most: number; readonly lateMs: number },
  ): Promise<TrialMetric[]>;
  /** From inclusive to exclusive. */
  sums(
    tx: Tx,
    devices: readonly DeviceKey[],
    span: { readonly from: number; readonly to: number },
    texts: readonly string[],
  ): Promise<MetricSum[]>;
}
