import { type Static, Type } from 'typebox';

const Part = Type.Number({ minimum: 0, maximum: 1 });

/** Parts of width and height, 0..1 from the upper left corner. */
const Rectangle = Type.Object(
  { shape: Type.Literal('rectangle'), x: Part, y: Part, width: Part, height: Part },
  { additionalProperties: false },
);
const Polygon = Type.Object(
  {
    shape: Type.Literal('polygon'),
    points: Type.Array(Type.Unsafe<readonly [number, number]>(Type.Array(Part, { minItems: 2, maxItems: 2 })), {
      minItems: 3,
      maxItems: 32,
    }),
  },
  { additionalProperties: false },
);

/** An area of the picture that nobody may see. */
export const MaskArea = Type.Union([Rectangle, Polygon]);
export type MaskArea = Static<typeof MaskArea>;

export const MAX_AREAS = 16;
export const MasksInput = Type.Object(
  { areas: Type.Array(MaskArea, { maxItems: MAX_AREAS }), reason: Type.Optional(Type.String({ maxLength: 200 })) },
  { additionalProperties: false },
);
export type MasksInput = Static<typeof MasksInput>;

/** What is masked on one camera; no areas = nothing. */
export interface CameraMasks {
  readonly areas: readonly MaskArea[];
  /** Grows with every change; 0 = never set. */
  readonly revision: number;
  /** Epoch milliseconds; null = never set. */
  readonly updatedAt: number | null;
  readonly updatedBy: string | null;
}
export const NO_MASKS: CameraMasks = { areas: [], revision: 0, updatedAt: null, updatedBy: null };
