import Type from 'typebox';
import { TYPE_VERSION_STATES } from '../../domain/device-type-version.ts';
import { SEVERITIES } from '../../domain/reading.ts';
import { Anything, Dict, Enum, List, Named, Nullable, Strict, TimeOut, Title } from '../schema.ts';

const Text = Type.String();
export const DeviceTypeView = Named(
  'DeviceType',
  Type.Object({
    id: Text,
    title: Title,
    module: Text,
    adapter: Text,
    builtIn: Type.Boolean(),
    approved: Type.Boolean({ description: 'false: only devices on trial of its own vendor may be of this type' }),
  }),
);
export const DeviceTypeDetail = Named(
  'DeviceTypeDetail',
  Type.Object({ ...DeviceTypeView.properties, definition: Anything }),
);
export const TypeReportView = Type.Object({
  topics: Type.Integer(),
  metrics: Type.Integer(),
  events: Type.Integer(),
  alarms: Type.Integer(),
  commands: Type.Integer(),
  examples: Type.Integer(),
});
export const TypeVersionView = Named(
  'DeviceTypeVersion',
  Type.Object({
    typeId: Text,
    version: Type.Integer(),
    state: Enum(TYPE_VERSION_STATES),
    author: Text,
    checksum: Type.String({ description: 'SHA-256 of the text' }),
    report: TypeReportView,
    restoredFrom: Nullable(Type.Integer()),
    createdAt: TimeOut,
    updatedAt: TimeOut,
    submittedAt: Nullable(TimeOut),
    decidedAt: Nullable(TimeOut),
    decidedBy: Nullable(Text),
    reason: Nullable(Text),
  }),
);
export const TypeVersionSourceView = Named(
  'DeviceTypeVersionSource',
  Type.Object({ ...TypeVersionView.properties, source: Text }),
);
export const SavedTypeView = Named(
  'SavedDeviceType',
  Type.Object({ ...DeviceTypeDetail.properties, version: TypeVersionView }),
);
export const UploadedTypeView = Named(
  'UploadedDeviceType',
  Type.Object({
    id: Text,
    vendorId: Nullable(Text),
    shared: Type.Boolean(),
    retiredAt: Nullable(TimeOut),
    retiredReason: Nullable(Text),
  }),
);

const message = {
  topic: Type.String({ minLength: 1, maxLength: 1_000 }),
  payload: Anything,
  payloadEncoding: Type.Optional(Enum(['json', 'text', 'base64', 'hex'], { default: 'json' })),
};
export const DecodeBody = Strict({
  ...message,
  version: Type.Optional(Type.Integer({ minimum: 1, description: 'A version of it instead of what is served' })),
});
const Source = Type.String({ minLength: 1, maxLength: 65_536, description: 'The text of a type, YAML or JSON' });
export const DecodeSourceBody = Strict({ ...message, source: Source });
export const CheckBody = Strict({ source: Source });

export const FaultView = Type.Object({
  path: Text,
  code: Text,
  message: Type.String({ description: 'The rule and the remedy' }),
  line: Type.Optional(Type.Integer()),
  column: Type.Optional(Type.Integer()),
});
export const CheckResult = Named(
  'DeviceTypeCheck',
  Type.Object({
    ok: Type.Boolean(),
    id: Nullable(Text),
    faults: List(FaultView),
    notGranted: Type.Array(Text, {
      description:
        "Topics of the text the caller's vendor was not granted: only devices with a login of their own may use them",
    }),
  }),
);

const Refusal = Type.Object({
  code: Text,
  path: Type.Optional(Text),
  detail: Text,
  told: Title,
  title: Title,
  remedy: Title,
});
const DecodedEvent = Type.Object({
  code: Text,
  component: Type.Optional(Text),
  severity: Enum(SEVERITIES),
  lifeSafety: Type.Boolean(),
  time: Type.Optional(TimeOut),
  data: Type.Optional(Anything),
});
const DecodedItem = Type.Object({
  identity: Nullable(Type.Object({ match: Text, value: Text })),
  device: Nullable(
    Type.Object({
      id: Text,
      lifecycle: Text,
      type: Text,
      stored: Type.Boolean({ description: 'Whether a message of this type would be stored for it' }),
    }),
  ),
  msgId: Nullable(Text),
  time: Type.Object({
    given: Type.Unsafe<unknown>({ description: 'As it stands in the message' }),
    zone: Nullable(Text),
    device: Nullable(TimeOut),
    utc: Nullable(Text),
    stored: TimeOut,
    skew: Type.Boolean({ description: 'Beyond belief: stored under the receive time' }),
  }),
  readings: List(Type.Object({ metric: Text, value: Anything, unit: Nullable(Text), title: Nullable(Title) })),
  events: List(DecodedEvent),
  claim: Nullable(Enum(['online', 'offline'])),
  refused: List(Refusal),
  unknown: List(Text),
  alarms: List(
    Type.Object({
      code: Text,
      title: Title,
      severity: Enum(SEVERITIES),
      lifeSafety: Type.Boolean(),
      forMs: Type.Integer({ description: 'How long the condition must hold, milliseconds' }),
    }),
  ),
});
export const DecodeResult = Named(
  'DecodeResult',
  Type.Object({
    accepted: Type.Boolean({ description: 'Whether anything of it would be stored' }),
    readings: Dict(Anything),
    events: List(DecodedEvent),
    refused: List(Refusal),
    items: List(DecodedItem),
    faults: List(FaultView),
  }),
);
