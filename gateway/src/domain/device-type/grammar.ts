import Type, { type Static } from 'typebox';
import {
  Advice,
  ByteField,
  Capture,
  Duration,
  Frame,
  FromText,
  NAME_PATTERN,
  OneOrMore,
  Pointer,
  Scalar,
  ScalarOrNull,
  Severity,
  strict,
  Time,
  Title,
  When,
} from './grammar-parts.ts';
import { REFUSAL_CODES } from './refusals.ts';
import { UNITS } from './units.ts';

export { NAME_PATTERN } from './grammar-parts.ts';

/**
 * The grammar of a device-type file. This is its only declaration: `device-schemas/device-type.schema.json` (editor
 * completion) is generated from it, and what JSON Schema cannot say is checked in check.ts.
 */

/** The first part is a vendor's id when the vendor wrote the type. */
export const TYPE_ID_PATTERN = '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}/[a-z0-9][a-z0-9._-]{0,63}$';

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
    Type.Record(Type.String({ maxLength: 256 }), Scalar, {
      maxProperties: 512,
      description: 'Raw value (as text) → value; anything else is refused.',
    }),
  ),
  nulls: Type.Optional(
    Type.Array(ScalarOrNull, { maxItems: 64, description: 'Raw values that mean "no reading". null always does.' }),
  ),
  values: Type.Optional(
    Type.Record(Type.String({ maxLength: 256 }), Title, {
      maxProperties: 256,
      description: 'All allowed values of a text metric with their titles.',
    }),
  ),
  fromText: Type.Optional(
    Type.Union([...FromText.anyOf], {
      description: 'The device sends this number or boolean as text; how, if not plainly.',
    }),
  ),
  maxLength: Type.Optional(Type.Integer({ minimum: 1, maximum: 4096 })),
  freshWithin: Type.Optional(Duration),
  required: Type.Optional(Type.Boolean()),
};
const Metric = Type.Object(metricFields, strict);

const named = <T extends Parameters<typeof Type.Record>[1]>(value: T, maxProperties: number) =>
  Type.Record(Type.String({ pattern: NAME_PATTERN }), value, { ...strict, maxProperties });

const Component = Type.Object(
  {
    title: Title,
    from: Type.Optional(
      Type.String({
        pattern: '^(/([^/~]|~[01])*)*$',
        maxLength: 512,
        description: 'JSON Pointer to the parts; a level * goes through a list of lists: /groups/*/ports.',
      }),
    ),
    key: Type.Optional(
      Type.Union([Pointer, Capture], {
        description:
          'What names one part: a pointer into it, or a capture. Absent: the list is an object and its keys name the parts.',
      }),
    ),
    index: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 1_000,
        description: 'The list has no keys: its parts are numbered from here.',
      }),
    ),
    when: Type.Optional(When),
    max: Type.Integer({ minimum: 1, maximum: 256 }),
    metrics: named(Metric, 64),
  },
  strict,
);

const Identify = Type.Object(
  { from: Type.Union([Capture, Pointer, ByteField]), match: Type.Enum(['id', 'serial', 'externalId']) },
  strict,
);

const TopicText = Type.String({ minLength: 1, maxLength: 256 });
const Topic = Type.Union([
  TopicText,
  Type.Object(
    {
      topic: TopicText,
      format: Type.Optional(
        Type.Enum(['json', 'value', 'bytes', 'text'], {
          description:
            'json (default); value: one bare number, true/false or text; bytes: binary; text: cut apart as `split` says.',
        }),
      ),
      split: Type.Optional(
        Type.Object(
          {
            by: Type.String({ minLength: 1, maxLength: 4 }),
            assign: Type.Optional(Type.String({ minLength: 1, maxLength: 4 })),
          },
          {
            ...strict,
            description: 'format text: `by` separates the parts (/0, /1 …); with `assign` they are name=value.',
          },
        ),
      ),
      inner: Type.Optional(
        Type.Object(
          { from: Pointer, encoding: Type.Optional(Type.Enum(['text', 'base64', 'hex'])) },
          { ...strict, description: 'The text at this pointer is JSON itself and is read in its place.' },
        ),
      ),
      body: Type.Optional(Pointer),
      pairs: Type.Optional(
        Type.Object(
          { from: Type.Optional(Pointer), key: Pointer, value: Pointer },
          { ...strict, description: 'A list of { key, value } becomes one object: [{n: temp, v: 23}] → { temp: 23 }.' },
        ),
      ),
      list: Type.Optional(
        Type.Union([Type.Boolean(), Pointer], {
          description: 'The payload may be an array of reports; or the pointer to it.',
        }),
      ),
    },
    strict,
  ),
]);

const State = Type.Object(
  {
    topic: TopicText,
    from: Type.Optional(Pointer),
    online: OneOrMore,
    offline: OneOrMore,
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
    is: Type.Optional(OneOrMore),
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
    when: Type.String({ minLength: 1, maxLength: 1_000 }),
    for: Type.Optional(Duration),
    clear: Type.Optional(Type.String({ minLength: 1, maxLength: 1_000 })),
    severity: Severity,
    lifeSafety: Type.Optional(Type.Boolean()),
    advice: Type.Optional(Advice),
  },
  strict,
);

const Param = Type.Object(
  {
    title: Title,
    type: Type.Enum(['number', 'text', 'boolean']),
    unit: Type.Optional(Type.Enum(Object.keys(UNITS), { description: 'UCUM code.' })),
    min: Type.Optional(Type.Number()),
    max: Type.Optional(Type.Number()),
    integer: Type.Optional(Type.Boolean()),
    values: Type.Optional(Type.Array(Scalar, { minItems: 1, maxItems: 64 })),
    maxLength: Type.Optional(Type.Integer({ minimum: 1, maximum: 4096 })),
    required: Type.Optional(Type.Boolean()),
  },
  strict,
);

const Command = Type.Object(
  {
    title: Title,
    params: Type.Optional(named(Param, 32)),
    timeout: Type.Optional(Duration),
    danger: Type.Optional(
      Type.Boolean({ description: 'May hurt or lock somebody in: needs a reason and is never open to vendors.' }),
    ),
  },
  { ...strict, description: 'A command the device understands; its answer comes on cgw/v1/{deviceId}/command/ack.' },
);

const Health = Type.Object(
  {
    interval: Type.Optional({
      ...Duration,
      description: 'How often the device speaks. Without it, `learn: true` is needed.',
    }),
    learn: Type.Optional(
      Type.Boolean({ description: 'The deadline follows the rhythm of each device (median and p99 of its gaps).' }),
    ),
    offlineAfter: Type.Optional(Duration),
    hold: Type.Optional(Duration),
    recoverAfter: Type.Optional(Duration),
    retirementCandidateAfter: Type.Optional(Duration),
  },
  strict,
);

const Example = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 200 }),
    topic: Type.String({ minLength: 1, maxLength: 1_000 }),
    payload: Type.Unknown({ description: 'A text is sent as it is, everything else as JSON.' }),
    payloadEncoding: Type.Optional(Type.Enum(['hex', 'base64'])),
    source: Type.Optional(Type.String({ maxLength: 1_000, description: 'Where this payload was seen.' })),
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
    source: Type.Optional(Type.String({ maxLength: 1_000, description: 'Where the payload format is documented.' })),
    module: Type.String({ pattern: '^[a-z][a-zA-Z0-9-]{0,63}$', description: 'Business module, e.g. charging.' }),
    adapter: Type.String({ pattern: '^[a-z][a-z0-9-]{0,31}$' }),
    topics: Type.Optional(Type.Array(Topic, { maxItems: 64 })),
    identify: Type.Optional(Identify),
    frame: Type.Optional(Type.Union([Frame, Type.Array(Frame, { minItems: 1, maxItems: 8 })])),
    time: Type.Optional(Time),
    msgId: Type.Optional(Pointer),
    state: Type.Optional(State),
    decode: Type.Optional(
      Type.Boolean({ description: 'A <model>.decode.ts beside this file turns the payload into JSON first.' }),
    ),
    metrics: Type.Optional(named(Metric, 256)),
    components: Type.Optional(named(Component, 16)),
    ignore: Type.Optional(
      Type.Array(Type.String({ maxLength: 256 }), {
        maxItems: 256,
        description: 'Names not worth listing as unknown; "*" = all others.',
      }),
    ),
    events: Type.Optional(named(Event, 128)),
    alarms: Type.Optional(named(Alarm, 64)),
    commands: Type.Optional(named(Command, 32)),
    health: Health,
    examples: Type.Array(Example, { maxItems: 64 }),
  },
  { ...strict, title: 'chengyun-gateway device type' },
);

export type DeviceTypeDefinition = Static<typeof DeviceTypeSchema>;
export type MetricDefinition = Static<typeof Metric>;
export type ComponentDefinition = Static<typeof Component>;
export type ByteFieldDefinition = Static<typeof ByteField>;
export type FrameDefinition = Static<typeof Frame>;
export type CommandDefinition = Static<typeof Command>;
export type IdentifyDefinition = Static<typeof Identify>;
export type TopicDefinition = Static<typeof Topic>;
export type TimeDefinition = Static<typeof Time>;
export type ExampleDefinition = Static<typeof Example>;
export type WhenDefinition = Static<typeof When>;
