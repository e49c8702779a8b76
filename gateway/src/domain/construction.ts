import { type Static, Type } from 'typebox';
import { NearbyInput } from './camera-requests.ts';
import type { Title } from './device-type/types.ts';
import { ExportPurpose } from './export-mark.ts';
import type { Point } from './geo.ts';

const Line = (max: number) => Type.String({ minLength: 1, maxLength: max, pattern: '^\\S(.*\\S)?$' });

/** Body of `POST /cameras/duplicate-construction`: a proposed camera and who wants it for what. */
export const ConstructionInput = Type.Object(
  {
    ...NearbyInput.properties,
    location: Type.Object(
      { ...NearbyInput.properties.location.properties, address: Type.Optional(Line(200)) },
      { additionalProperties: false },
    ),
    /** What the point is called. */
    name: Type.Optional(Line(100)),
    /** 申请单位. */
    applicant: Line(100),
    /** 建设用途. */
    purpose: ExportPurpose,
  },
  { additionalProperties: false },
);
export type ConstructionInput = Static<typeof ConstructionInput>;

export const CONSTRUCTION_DECISIONS = ['build', 'reuse', 'refuse'] as const;
export type ConstructionDecisionCode = (typeof CONSTRUCTION_DECISIONS)[number];

/** Body of the decision: 同意新建, 利旧 or 不同意, with the opinion. */
export const ConstructionDecisionInput = Type.Object(
  {
    decision: Type.Union(CONSTRUCTION_DECISIONS.map((one) => Type.Literal(one))),
    opinion: Type.String({ minLength: 2, maxLength: 500, pattern: '\\S\\s*\\S' }),
  },
  { additionalProperties: false },
);
export type ConstructionDecisionInput = Static<typeof ConstructionDecisionInput>;

/** What a second person said of a review. */
export interface ConstructionDecision {
  readonly at: number;
  readonly by: string;
  readonly byName: string;
  readonly decision: ConstructionDecisionCode;
  readonly opinion: string;
}

/** A camera that stood near the point when it was asked. */
export interface ReviewedCamera {
  readonly id: string;
  readonly name: string;
  readonly nickname: string | null;
  readonly nationalCode: string | null;
  readonly lat: number;
  readonly lon: number;
  /** Metres. */
  readonly distance: number;
  /** Degrees clockwise from north, seen from the point. */
  readonly bearing: number;
  readonly direction: Title | null;
  readonly azimuth: number | null;
  readonly sameDirection: boolean | null;
  readonly lifecycle: string;
  readonly healthState: string;
  readonly stage: string;
  readonly orgId: string | null;
  readonly orgName: string | null;
  readonly maintenanceUnit: string | null;
  readonly advice: Title & { readonly code: string };
}

/** 比对审核单: what was asked and what was found, as it was then. */
export interface ConstructionReview {
  readonly id: string;
  readonly no: string;
  readonly at: number;
  readonly by: string;
  readonly byName: string;
  readonly orgId: string | null;
  /** Null = nobody has decided yet. */
  readonly decided: ConstructionDecision | null;
  readonly review: {
    readonly name: string | null;
    readonly applicant: string;
    readonly purpose: string;
    readonly address: string | null;
    readonly location: Point & { readonly crs: 'wgs84' };
    readonly radius: number;
    /** Degrees within which two cameras look the same way. */
    readonly angle: number;
    readonly direction: Title | null;
    readonly azimuth: number | null;
    readonly items: readonly ReviewedCamera[];
    /** Cameras nearby that the asking person may not see. */
    readonly hidden: number;
    readonly conclusion: Title & { readonly code: 'duplicate' | 'review' | 'clear' };
  };
}
