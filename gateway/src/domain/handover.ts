import { type Static, Type } from 'typebox';
import { ObjectId, Reason } from './device-input.ts';

export const HANDOVER_KINDS = ['custody', 'maintenance'] as const;
export type HandoverKind = (typeof HANDOVER_KINDS)[number];
export const HANDOVER_STATES = ['draft', 'handed', 'accepted', 'refused', 'withdrawn'] as const;
export type HandoverState = (typeof HANDOVER_STATES)[number];
export const HANDOVER_ACTIONS = ['hand', 'withdraw', 'accept', 'refuse'] as const;
export type HandoverAction = (typeof HANDOVER_ACTIONS)[number];

/** draft → handed → accepted | refused; the giver may withdraw until it is decided. */
export const HANDOVER_NEXT: Readonly<Record<HandoverState, Partial<Record<HandoverAction, HandoverState>>>> = {
  draft: { hand: 'handed', withdraw: 'withdrawn' },
  handed: { accept: 'accepted', refuse: 'refused', withdraw: 'withdrawn' },
  accepted: {},
  refused: {},
  withdrawn: {},
};

export const MAX_HANDOVER_DEVICES = 2_000;

/** Body of `POST /handovers`. `custody` changes who keeps the devices, `maintenance` who mends them. */
export const HandoverInput = Type.Object(
  {
    kind: Type.Enum([...HANDOVER_KINDS]),
    fromOrgId: ObjectId,
    toOrgId: ObjectId,
    deviceIds: Type.Array(ObjectId, { minItems: 1, maxItems: MAX_HANDOVER_DEVICES, uniqueItems: true }),
    date: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' }),
    note: Type.Optional(Reason),
  },
  { additionalProperties: false },
);
export type HandoverInput = Static<typeof HandoverInput>;

/** Body of hand, withdraw, accept, refuse; a refusal needs its reason. */
export const HandoverStep = Type.Object({ reason: Type.Optional(Reason) }, { additionalProperties: false });
export type HandoverStep = Static<typeof HandoverStep>;

export const HandoverQuery = Type.Object(
  {
    state: Type.Optional(Type.Enum([...HANDOVER_STATES])),
    deviceId: Type.Optional(ObjectId),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
    cursor: Type.Optional(Type.String({ maxLength: 500 })),
  },
  { additionalProperties: false },
);
export type HandoverQuery = Static<typeof HandoverQuery>;

/** Who did a step, and when. */
export interface Step {
  readonly at: number;
  readonly by: string;
  readonly byName: string;
}

/** A device as it was when the list was written. */
export interface HandedDevice {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly serial: string | null;
  readonly nationalCode: string | null;
  readonly address: string | null;
  readonly lifecycle: string;
  readonly healthState: string;
}

/** 移交单. */
export interface Handover {
  readonly id: string;
  readonly no: string;
  readonly kind: HandoverKind;
  readonly state: HandoverState;
  readonly fromOrgId: string;
  readonly fromOrgName: string;
  readonly toOrgId: string;
  readonly toOrgName: string;
  /** `YYYY-MM-DD`. */
  readonly date: string;
  readonly note: string | null;
  readonly deviceCount: number;
  readonly created: Step;
  readonly handed: Step | null;
  readonly decided: (Step & { readonly reason: string | null; readonly onBehalf: boolean }) | null;
}

export interface HandoverWithDevices extends Handover {
  readonly devices: readonly HandedDevice[];
}
