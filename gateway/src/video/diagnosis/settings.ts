import type { Thresholds } from '../../domain/picture-thresholds.ts';
import type { ConfirmSettings } from './confirm.ts';
import type { ClockBands } from './features.ts';

/** What may be changed while the gateway runs. */
export interface DiagnosisSettings extends ConfirmSettings {
  readonly bands: ClockBands;
  readonly thresholds: Thresholds;
  /** Good looks before a reference counts. */
  readonly leastSamples: number;
}
