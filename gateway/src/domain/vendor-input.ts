import { type Static, Type } from 'typebox';
import { Contact } from './catalogue-input.ts';
import { Name, ObjectId } from './device-input.ts';
import { PASSWORD_MAX_LENGTH } from './password-policy.ts';
import type { VendorClosed, VendorState } from './vendor-access.ts';
import { type VendorQuotas, VendorQuotasInput, type VendorUsage } from './vendor-quota.ts';

const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);
const closed = { additionalProperties: false } as const;
const Day = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' });
const ModuleIds = Type.Array(ObjectId, { maxItems: 50 });
const Reason = Type.String({ minLength: 1, maxLength: 500 });
const Username = Type.String({ minLength: 2, maxLength: 64, pattern: '^[\\p{L}\\p{N}][\\p{L}\\p{N}._@-]*$' });
const CreditCode = Type.String({ minLength: 18, maxLength: 18 });

const Contract = Type.Object(
  {
    no: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
    from: Type.Optional(Day),
    to: Type.Optional(Day),
  },
  closed,
);
const Agreement = Type.Object({ signedOn: Day, expiresOn: Day }, closed);

const vendor = {
  contact: Type.Optional(Nullable(Contact)),
  topics: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { maxItems: 100 })),
  /** Grants these topics although another vendor's overlap with them. */
  shareTopics: Type.Optional(Type.Boolean()),
  creditCode: Type.Optional(Nullable(CreditCode)),
  moduleIds: Type.Optional(ModuleIds),
  contract: Type.Optional(Nullable(Contract)),
  /** 保密协议 */
  agreement: Type.Optional(Nullable(Agreement)),
  agreementRequired: Type.Optional(Type.Boolean()),
  quotas: Type.Optional(VendorQuotasInput),
};

/** Body of `POST /vendors`. `topics` are MQTT filters its login may publish to beside its devices' own. */
export const VendorInput = Type.Object({ id: Type.Optional(ObjectId), name: Name, ...vendor }, closed);
export type VendorInput = Static<typeof VendorInput>;

/** Body of `PATCH /vendors/{id}`; what is not named stays, `quotas` are replaced as a whole. */
export const VendorPatch = Type.Object({ name: Type.Optional(Name), ...vendor }, closed);
export type VendorPatch = Static<typeof VendorPatch>;

/** Body of `PATCH /vendors/me`: how to reach them, nothing else. */
export const VendorSelfPatch = Type.Object({ contact: Contact }, closed);
export type VendorSelfPatch = Static<typeof VendorSelfPatch>;

/** Body of `POST /vendors/{id}/approve|reject|suspend|resume|end`; `username` only for the first user of an approval. */
export const VendorTurnInput = Type.Object({ reason: Reason }, closed);
export const VendorApproval = Type.Object({ reason: Reason, username: Type.Optional(Username) }, closed);
export type VendorApproval = Static<typeof VendorApproval>;

/** Body of `POST /vendors/{id}/invitations`. */
export const InvitationInput = Type.Object(
  {
    email: Type.Optional(Type.String({ maxLength: 200, pattern: '^[^@\\s]+@[^@\\s]+$' })),
    /** Epoch milliseconds; 7 days when absent, 30 at most. */
    expiresAt: Type.Optional(Type.Number({ minimum: 0 })),
  },
  closed,
);
export type InvitationInput = Static<typeof InvitationInput>;

/** Body of `POST /vendors/invitations`: a vendor that is not known yet. */
export const VendorInvitationInput = Type.Object(
  {
    ...InvitationInput.properties,
    /** Made by the gateway when absent. It stands in the vendor's login and before the names of its device types. */
    id: Type.Optional(ObjectId),
    name: Name,
    topics: vendor.topics,
    shareTopics: vendor.shareTopics,
    moduleIds: Type.Optional(ModuleIds),
    contract: vendor.contract,
    agreement: vendor.agreement,
  },
  closed,
);
export type VendorInvitationInput = Static<typeof VendorInvitationInput>;

/** Body of `POST /vendors/accept-invitation`. */
export const InvitationAcceptance = Type.Object(
  {
    token: Type.String({ minLength: 1, maxLength: 200 }),
    username: Username,
    name: Name,
    password: Type.String({ minLength: 1, maxLength: PASSWORD_MAX_LENGTH }),
    contact: Type.Optional(Contact),
    creditCode: Type.Optional(CreditCode),
  },
  closed,
);
export type InvitationAcceptance = Static<typeof InvitationAcceptance>;

/** Body of `POST /vendors/applications`. */
export const VendorApplication = Type.Object(
  {
    company: Name,
    /** 统一社会信用代码 */
    creditCode: CreditCode,
    contact: Type.Object(
      { name: Name, phone: Type.String({ pattern: '^[0-9+ -]{5,20}$' }), email: Contact.properties.email },
      closed,
    ),
    purpose: Type.String({ minLength: 2, maxLength: 1_000 }),
  },
  closed,
);
export type VendorApplication = Static<typeof VendorApplication>;

export interface VendorAgreement {
  /** `YYYY-MM-DD`. */
  readonly signedOn: string;
  /** Last day it holds, `YYYY-MM-DD`. */
  readonly expiresOn: string;
  /** The scan on record; null until it is uploaded. */
  readonly file: {
    readonly name: string;
    readonly sha256: string;
    readonly bytes: number;
    readonly mediaType: string;
    /** Epoch milliseconds. */
    readonly at: number;
  } | null;
}

/** A vendor as it is stored. */
export interface Vendor {
  readonly id: string;
  readonly name: string;
  readonly contact: Contact | null;
  readonly topics: readonly string[];
  /** Whether it has a key that still works. */
  readonly hasKey: boolean;
  readonly state: VendorState;
  readonly stateReason: string | null;
  /** Epoch milliseconds. */
  readonly stateAt: number;
  /** 统一社会信用代码; null when it was never told. */
  readonly creditCode: string | null;
  /** What an applicant wants to connect, in its own words. */
  readonly purpose: string | null;
  /** Modules it is meant for; information for whoever approves, not a limit. */
  readonly moduleIds: readonly string[];
  readonly contract: Static<typeof Contract> | null;
  readonly agreement: VendorAgreement | null;
  readonly agreementRequired: boolean;
  readonly quotas: VendorQuotasInput;
  readonly createdAt: number;
}

/** A vendor's login as its people and administrators see it. */
export interface VendorStanding {
  readonly open: boolean;
  /** Why it is not; null while it is open. */
  readonly reason: VendorClosed | null;
  /** The last day it holds by contract and agreement, `YYYY-MM-DD`; null = no end on record. */
  readonly endsOn: string | null;
  readonly daysLeft: number | null;
}

export interface VendorLinkState {
  readonly state: 'up' | 'down' | 'never';
  readonly reason: string | null;
  readonly since: number | null;
  readonly sessions: number;
}

export interface VendorShown extends Vendor {
  readonly access: VendorStanding;
  readonly flags: readonly 'agreementMissing'[];
  /** The MQTT login `vendor:<id>` on this process. */
  readonly link: VendorLinkState;
}

export interface VendorSelf extends VendorShown {
  readonly limits: VendorQuotas;
  readonly usage: VendorUsage & { readonly day: string; readonly devices: number; readonly quarantine: number };
}

/** An invitation as it is listed: never its token. Times in epoch milliseconds. */
export interface VendorInvitation {
  readonly id: string;
  readonly vendorId: string;
  readonly email: string | null;
  readonly createdBy: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly usedAt: number | null;
  readonly revokedAt: number | null;
}
