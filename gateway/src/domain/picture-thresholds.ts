import Type from 'typebox';

/**
 * Where a picture stops being good. What is absolute holds for every camera; what is a ratio or a distance is measured
 * against the camera's own reference and needs one. Where the numbers come from: docs/decisions/016.
 */
export const PICTURE_THRESHOLDS = {
  /** Mean U above, or mean saturation above in a flat picture: the blue of a recorder without a signal. */
  noSignalU: 180,
  noSignalSaturation: 77,
  /** Mean luma below / above. */
  dark: 22,
  bright: 200,
  /** Nothing moved: change of the busiest block between two key pictures below; only then every frame is looked at. */
  stillBlock: 3,
  /** Median change from frame to frame below; and change of the busiest block between looks minutes apart, below. */
  frozenPulse: 0.002,
  frozenAcross: 3,
  /** Snow changes from key picture to key picture (above) and makes edges sharper (blurdetect below, or over the usual). */
  noiseChange: 15,
  noiseBlur: 4.5,
  noiseChangeUsual: 8,
  noiseRatio: 0.95,
  /** blurdetect over the usual, above. */
  blurRatio: 1.18,
  /** Chroma: mean of both planes from the usual, and distance in the plane, above. */
  castGreenMagenta: 6,
  castDistance: 10,
  /** Share of blocks that lost their edges, above. */
  coveredShare: 0.4,
  /** Standard deviation of luma below: nothing is seen at all, also without a reference. */
  flatContrast: 2.5,
  /** Agreement of edges in place over the usual agreement, below. */
  shiftedLikeness: 0.5,
} as const;

/** Thresholds that differ from the ones above; what is left out stays. */
export const PictureThresholdsInput = Type.Partial(
  Type.Object(
    Object.fromEntries(
      Object.keys(PICTURE_THRESHOLDS).map((name) => [name, Type.Number({ minimum: 0, maximum: 255 })]),
    ) as Record<ThresholdName, ReturnType<typeof Type.Number>>,
  ),
  { additionalProperties: false },
);

export type ThresholdName = keyof typeof PICTURE_THRESHOLDS;
export type Thresholds = Readonly<Record<ThresholdName, number>>;
