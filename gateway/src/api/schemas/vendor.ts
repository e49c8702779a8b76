import Type from 'typebox';
import { VENDOR_STATES } from '../../domain/vendor-access.ts';
import { InvitationInput, VendorInvitationInput } from '../../domain/vendor-input.ts';
import { VendorQuotas, VendorQuotasInput } from '../../domain/vendor-quota.ts';
import { Enum, List, Named, Nullable, Secret, Strict, TimeIn, TimeOut } from '../schema.ts';
import { ContactView } from './catalogue.ts';

const Text = Type.String();
const Day = Type.String({ format: 'date' });
const Count = Type.Integer({ minimum: 0 });

const CLOSED = [
  ...VENDOR_STATES.filter((state) => state !== 'active'),
  'contractEnded',
  'agreementEnded',
  'agreementMissing',
  'unknown',
] as const;

const vendor = {
  id: Text,
  name: Text,
  contact: ContactView,
  topics: List(Text),
  hasKey: Type.Boolean(),
  state: Enum(VENDOR_STATES),
  stateReason: Nullable(Text),
  stateAt: TimeOut,
  creditCode: Nullable(Type.String({ description: '统一社会信用代码' })),
  purpose: Nullable(Text),
  moduleIds: List(Text),
  contract: Nullable(Type.Object({ no: Type.Optional(Text), from: Type.Optional(Day), to: Type.Optional(Day) })),
  agreement: Nullable(
    Type.Object(
      {
        signedOn: Day,
        expiresOn: Day,
        file: Nullable(Type.Object({ name: Text, sha256: Text, bytes: Type.Integer(), mediaType: Text, at: TimeOut })),
      },
      { description: '保密协议' },
    ),
  ),
  agreementRequired: Type.Boolean(),
  quotas: VendorQuotasInput,
  access: Type.Object(
    {
      open: Type.Boolean(),
      reason: Nullable(Enum(CLOSED)),
      endsOn: Nullable(Day),
      daysLeft: Nullable(Type.Integer()),
    },
    { description: 'Whether it may work today; the last day of contract and agreement is included' },
  ),
  flags: List(Enum(['agreementMissing'] as const)),
  link: Type.Object(
    {
      state: Enum(['up', 'down', 'never'] as const),
      reason: Nullable(Text),
      since: Nullable(TimeOut),
      sessions: Count,
    },
    { description: 'The MQTT login `vendor:<id>`: one fact about the vendor, none about its devices' },
  ),
  createdAt: TimeOut,
};

export const VendorView = Named('Vendor', Type.Object(vendor));

export const VendorSelfView = Named(
  'VendorSelf',
  Type.Object({
    ...vendor,
    limits: VendorQuotas,
    usage: Type.Object({
      day: Day,
      messages: Count,
      refused: Count,
      requests: Count,
      devices: Count,
      quarantine: Count,
    }),
  }),
);

export const VendorTurned = Type.Object({
  vendor: VendorView,
  username: Type.Optional(Text),
  password: Secret('Of the first user; made by the gateway, shown once, changed at first login'),
});

export const InvitationView = Named(
  'VendorInvitation',
  Type.Object({
    id: Text,
    vendorId: Text,
    email: Nullable(Text),
    createdBy: Text,
    createdAt: TimeOut,
    expiresAt: TimeOut,
    usedAt: Nullable(TimeOut),
    revokedAt: Nullable(TimeOut),
  }),
);

const TOKEN = 'Handed to the vendor; opens one account, once; shown once';
export const NewInvitation = Type.Object({ invitation: InvitationView, token: Secret(TOKEN) });
export const NewVendorInvitation = Type.Object({
  vendor: VendorView,
  invitation: InvitationView,
  token: Secret(TOKEN),
});

const { expiresAt: _own, ...invitationFields } = InvitationInput.properties;
const { expiresAt: _new, ...vendorInvitationFields } = VendorInvitationInput.properties;
const until = { expiresAt: Type.Optional(TimeIn) };
export const InvitationBody = Strict({ ...invitationFields, ...until });
export const VendorInvitationBody = Strict({ ...vendorInvitationFields, ...until });
