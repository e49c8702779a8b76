import Type, { type Static } from 'typebox';
import { DURATION_PATTERN } from '../duration.ts';
import { SEVERITIES } from '../reading.ts';
import { REFUSAL_CODES } from './refusals.ts';
import { UNITS } from './units.ts';

/**
 * The grammar of a device-type file. This is its only declaration: `device-schemas/device-type.schema.json` (editor
 * completion) is generated from it, and what JSON Schema cannot say is checked in check.ts.
 */

export const TYPE_ID_PATTERN = '^[a-z0-9][a-z0-9-]*/[a-z0-9][a-z0-9-]*$';
export const NAME_PATTERN = '^[A-Za-z][A-Za-z0-9_]{0,63}$';
const POINTER_PATTERN = '^(/([^/~]|~[01])*)*$';
const CAPTURE_PATTERN = '^\\{[A-Za-z][A-Za-z0-9_]*\\}$';

const strict = { additionalProperties: false } as const;

const Title = Type.Object({ zh: Type.String({ minLength: 1 }), en: Type.String({ minLength: 1 }) }, strict);
const Advice = Type.Object(
  { zh: Type.String({ minLength: 1 }), en: Type.Optional(Type.String({ minLength: 1 })) },
  { ...strict, description: 'What to do; shown in the ticket (处置建议).' },
);
const Duration = Type.String({ pattern: DURATION_PATTERN, description: 'e.g. 30s 5m 12h 30d' });
const Scalar = Type.Union([Type.String(), Type.Number(), Type.Boolean()]);
const ScalarOrNull = Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]);
const Severity = Type.Enum([...SEVERITIES]);
const Pointer = Type.String({
  pattern: POINTER_PATTERN,
  description: 'JSON Pointer into the payload; "" is the whole payload.',
});
const Capture = Type.String({ pattern: CAPTURE_PATTERN, description: 'A part of the topic, e.g. {deviceId}.' });
const PointerOrPayload = Type.String({ pattern: `${POINTER_PATTERN}|^payload$` });

export const BYTE_TYPES = [
  'uint8',
  'int8',
  'uint16',
  'int16',
  'uint24',
  'int24',
  'uint32',
  'int32',
  'float32',
  'float64',
] as const;

const ByteField = Type.Object(
  {
    hex: Type.Optional(PointerOrPayload),
    base64: Type.Optional(PointerOrPayload),
    bytes: Type.Optional(Type.Literal('payload')),
    offset: Type.Integer({
      minimum: -4096,
      maximum: 65_535,
      description: 'Bytes from the start; negative from the end.',
    }),
    type: Type.Enum([...BYTE_TYPES]),
    endian: Type.Optional(Type.Enum(['big', 'little'])),
    bit: Type.Optional(Type.Integer({ minimum: 0, maximum: 31, description: 'Take this bit as a boolean.' })),
  },
  { ...strict, description: 'A field of a binary frame. Exactly one of hex, base64, bytes says where the frame is.' },
);

const When = Type.Record(
  Type.String({ pattern: `^/|${NAME_PATTERN}` }),
  Type.Union([Scalar, Type.Array(Scalar, { minItems: 1 })]),
  {
    ...strict,
    description: 'Only in messages where each capture (or /pointer) has this value or one of these.',
  },
);

const Time = Type.Object(
  {
    from: Pointer,
    format: Type.Enum(['iso', 'epochS', 'epochMs', 'local']),
    zone: Type.Optional(Type.String({ description: 'IANA zone of format local, e.g. Asia/Shanghai.' })),
  },
  strict,
);

const metricFields = {
  title: Title,
  from: Type.Optional(Type.Union([Pointer, Capture, ByteField])),
  when: Type.Optional(When),
  type: Type.Enum(['number', 'text', 'boolean']),
  unit: Type.Optional(Type.Enum(Object.keys(UNITS), { description: 'UCUM code.' })),
  min: Type.Optional(Type.Number()),
  max: Type.Optional(Type.Number()),
  scale: Type.Optional(Type.Number({ description: 'value = raw × scale + offset' })),
  offset: Type.Optional(Type.Number()),
  map: Type.Optional(
    Type.Record(Type.String(), Scalar, { description: 'Raw value (as text) → value; anything else is refused.' }),
  ),
  nulls: Type.Optional(
    Type.Array(ScalarOrNull, { description: 'Raw values that mean "no reading". null always does.' }),
  ),
  values: Type.Optional(
    Type.Record(Type.String(), Title, { description: 'All allowed values of a text metric with their titles.' }),
  ),
  fromText: Type.Optional(Type.Boolean({ description: 'The device sends this number or boolean as text.' })),
  maxLength: Type.Optional(Type.Integer({ minimum: 1, maximum: 4096 })),
  freshWithin: Type.Optional(Duration),
  required: Type.Optional(Type.Boolean()),
};
const Metric = Type.Object(metricFields, strict);

const named = <T extends Parameters<typeof Type.Record>[1]>(value: T) =>
  Type.Record(Type.String({ pattern: NAME_PATTERN }), value, strict);

const Component = Type.Object(
  {
    title: Title,
    from: Type.Optional(Pointer),
    key: Type.Optional(
      Type.Union([Pointer, Capture], {
        description:
          'What names one part: a pointer into it, or a capture. Absent: the list is an object and its keys name the parts.',
      }),
    ),
    when: Type.Optional(When),
    max: Type.Integer({ minimum: 1, maximum: 256 }),
    metrics: named(Metric),
  },
  strict,
);

const Identify = Type.Object(
  { from: Type.Union([Capture, Pointer]), match: Type.Enum(['id', 'serial', 'externalId']) },
  strict,
);

const Topic = Type.Union([
  Type.String({ minLength: 1 }),
  Type.Object(
    {
      topic: Type.String({ minLength: 1 }),
      format: Type.Optional(
        Type.Enum(['json', 'value', 'bytes'], {
          description: 'json (default); value: one bare number, true/false or text; bytes: binary.',
        }),
      ),
      body: Type.Optional(Pointer),
      list: Type.Optional(Type.Boolean({ description: 'The payload may be an array of reports.' })),
    },
    strict,
  ),
]);

const State = Type.Object(
  {
    topic: Type.String({ minLength: 1 }),
    from: Type.Optional(Pointer),
    online: Type.Union([Scalar, Type.Array(Scalar, { minItems: 1 })]),
    offline: Type.Union([Scalar, Type.Array(Scalar, { minItems: 1 })]),
    identify: Type.Optional(Identify),
  },
  strict,
);

const Event = Type.Object(
  {
    title: Title,
    severity: Severity,
    lifeSafety: Type.Optional(Type.Boolean()),
    advice: Type.Optional(Advice),
    from: Type.Optional(Pointer),
    is: Type.Optional(Type.Union([Scalar, Type.Array(Scalar, { minItems: 1 })])),
    when: Type.Optional(When),
  },
  {
    ...strict,
    description: 'from + is: the event happens when this field has this value. Without: the device names the code.',
  },
);

const Alarm = Type.Object(
  {
    title: Title,
    when: Type.String({ minLength: 1 }),
    for: Type.Optional(Duration),
    clear: Type.Optional(Type.String({ minLength: 1 })),
    severity: Severity,
    lifeSafety: Type.Optional(Type.Boolean()),
    advice: Type.Optional(Advice),
  },
  strict,
);

const Health = Type.Object(
  {
    interval: Duration,
    offlineAfter: Type.Optional(Duration),
    hold: Type.Optional(Duration),
    recoverAfter: Type.Optional(Duration),
    retirementCandidateAfter: Type.Optional(Duration),
  },
  strict,
);

const Example = Type.Object(
  {
    name: Type.String({ minLength: 1 }),
    topic: Type.String({ minLength: 1 }),
    payload: Type.Unknown({ description: 'A text is sent as it is, everything else as JSON.' }),
    payloadEncoding: Type.Optional(Type.Enum(['hex', 'base64'])),
    source: Type.Optional(Type.String({ description: 'Where this payload was seen.' })),
    readings: Type.Optional(Type.Record(Type.String(), Scalar)),
    events: Type.Optional(Type.Array(Type.String())),
    unknown: Type.Optional(Type.Array(Type.String())),
    claim: Type.Optional(Type.Enum(['online', 'offline'])),
    identity: Type.Optional(Type.String()),
    time: Type.Optional(Type.String({ description: 'The device time understood, ISO 8601 with offset.' })),
    refused: Type.Optional(
      Type.Enum(REFUSAL_CODES, {
        description: 'Alone: the whole message is refused. With readings: only a part of it.',
      }),
    ),
  },
  strict,
);

export const DeviceTypeSchema = Type.Object(
  {
    id: Type.String({ pattern: TYPE_ID_PATTERN, description: '<vendor>/<model>, also the path of the file.' }),
    title: Title,
    source: Type.Optional(Type.String({ description: 'Where the payload format is documented.' })),
    module: Type.String({ pattern: '^[a-z][a-zA-Z0-9-]*$', description: 'Business module, e.g. charging.' }),
    adapter: Type.String({ pattern: '^[a-z][a-z0-9-]*$' }),
    topics: Type.Optional(Type.Array(Topic)),
    identify: Type.Optional(Identify),
    time: Type.Optional(Time),
    msgId: Type.Optional(Pointer),
    state: Type.Optional(State),
    decode: Type.Optional(
      Type.Boolean({ description: 'A <model>.decode.ts beside this file turns the payload into JSON first.' }),
    ),
    metrics: Type.Optional(named(Metric)),
    components: Type.Optional(named(Component)),
    ignore: Type.Optional(
      Type.Array(Type.String(), { description: 'Names not worth listing as unknown; "*" = all others.' }),
    ),
    events: Type.Optional(named(Event)),
    alarms: Type.Optional(named(Alarm)),
    health: Health,
    examples: Type.Array(Example),
  },
  { ...strict, title: 'chengyun-gateway device type' },
);

export type DeviceTypeDefinition = Static<typeof DeviceTypeSchema>;
export type MetricDefinition = Static<typeof Metric>;
export type ComponentDefinition = Static<typeof Component>;
export type ByteFieldDefinition = Static<typeof ByteField>;
export type TopicDefinition = Static<typeof Topic>;
export type TimeDefinition = Static<typeof Time>;
export type ExampleDefinition = Static<typeof Example>;
export type WhenDefinition = Static<typeof When>;
