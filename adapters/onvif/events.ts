import type { CameraEventCode } from './topics.ts';

/** A pull point at a camera. Plain data: it may be kept, and given up by forgetting it. */
export interface OnvifSubscription {
  /** As the camera named it; only its path (and the port on the dialled host) is used. */
  readonly address: string;
  /** Reference parameters to repeat in every header, with the namespaces they need; '' = none. */
  readonly parameters: { readonly xml: string; readonly namespaces: string };
  /** The camera lets it lapse then, if nothing prolongs it; epoch milliseconds of our clock. */
  readonly until: number;
  /** Device clock minus ours when it was made, in milliseconds; null = not told. */
  readonly clockOffsetMs: number | null;
  /** Tokens of other picture sources of the same device: what they say is not about this camera. */
  readonly foreign: readonly string[];
}

/** What a camera says has happened, in our words. */
export interface OnvifEvent {
  readonly code: CameraEventCode;
  /** Whether it is so now; null = the camera said neither. */
  readonly state: boolean | null;
  /** `initialized`: how things stood when the subscription began; no news. `deleted`: the source is gone. */
  readonly operation: 'initialized' | 'changed' | 'deleted';
  /** Token of the picture source, input or disk as the camera names it; null = not named. */
  readonly source: string | null;
  /** Epoch milliseconds of our clock, the camera's offset taken out; null = not told. */
  readonly at: number | null;
}

export interface OnvifPull {
  readonly events: readonly OnvifEvent[];
  /** Messages of topics nobody here knows, and of other picture sources. */
  readonly ignored: number;
  /** There may be more at once. */
  readonly full: boolean;
  /** The subscription as it is now. */
  readonly subscription: OnvifSubscription;
}
