import Type from 'typebox';
import { DURATION_PATTERN } from '../duration.ts';
import { SEVERITIES } from '../reading.ts';

/** What the sections of a device-type file are made of. Every text and list has a bound: the file may be a stranger's. */

export const NAME_PATTERN = '^[A-Za-z][A-Za-z0-9_]{0,63}$';
const POINTER_PATTERN = '^(/([^/~]|~[01])*)*$';
const CAPTURE_PATTERN = '^\\{[A-Za-z][A-Za-z0-9_]{0,63}\\}$';

export const strict = { additionalProperties: false } as const;

/** Longest text of a definition that people read, and the longest that programs read. */
const PROSE = 400;
const MAX_POINTER = 512;

const prose = Type.String({ minLength: 1, maxLength: PROSE });
export const Title = Type.Object({ zh: prose, en: prose }, strict);
export const Advice = Type.Object(
  { zh: prose, en: Type.Optional(prose) },
  { ...strict, description: 'What to do; shown in the ticket (处置建议).' },
);
export const Duration = Type.String({ pattern: DURATION_PATTERN, description: 'e.g. 30s 5m 12h 30d' });
const text = Type.String({ maxLength: 4_096 });
export const Scalar = Type.Union([text, Type.Number(), Type.Boolean()]);
export const ScalarOrNull = Type.Union([text, Type.Number(), Type.Boolean(), Type.Null()]);
export const OneOrMore = Type.Union([Scalar, Type.Array(Scalar, { minItems: 1, maxItems: 256 })]);
export const Severity = Type.Enum([...SEVERITIES]);
export const Pointer = Type.String({
  pattern: POINTER_PATTERN,
  maxLength: MAX_POINTER,
  description: 'JSON Pointer into the payload; "" is the whole payload.',
});
export const Capture = Type.String({
  pattern: CAPTURE_PATTERN,
  description: 'A part of the topic, e.g. {deviceId}.',
});
const PointerOrPayload = Type.String({ pattern: `${POINTER_PATTERN}|^payload$`, maxLength: MAX_POINTER });

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
  'bcd',
  'bcdText',
  'hexText',
  'ascii',
] as const;

/** Where a frame of bytes is. */
const frameSource = {
  hex: Type.Optional(PointerOrPayload),
  base64: Type.Optional(PointerOrPayload),
  bytes: Type.Optional(Type.Literal('payload')),
};
const Offset = Type.Integer({
  minimum: -4096,
  maximum: 65_535,
  description: 'Bytes from the start; negative from the end.',
});

export const ByteField = Type.Object(
  {
    ...frameSource,
    offset: Offset,
    type: Type.Enum([...BYTE_TYPES], {
      description:
        'bcd: decimal digits in half bytes, as a number; bcdText, hexText, ascii: as text. These four need length.',
    }),
    length: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 64, description: 'Bytes of bcd, bcdText, hexText, ascii.' }),
    ),
    endian: Type.Optional(
      Type.Enum(['big', 'little', 'bigSwapped', 'littleSwapped'], {
        description:
          'bigSwapped: 16-bit words in reverse order (CDAB of Modbus); littleSwapped: bytes of each word swapped (BADC).',
      }),
    ),
    bit: Type.Optional(Type.Integer({ minimum: 0, maximum: 31, description: 'Take this bit as a boolean.' })),
    bits: Type.Optional(
      Type.Object(
        { from: Type.Integer({ minimum: 0, maximum: 31 }), count: Type.Integer({ minimum: 1, maximum: 31 }) },
        { ...strict, description: 'Take these bits as a number; from counts from the lowest bit.' },
      ),
    ),
    minus: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 255, description: 'Taken off every byte first (0x33 of DL/T 645).' }),
    ),
  },
  { ...strict, description: 'A field of a binary frame. Exactly one of hex, base64, bytes says where the frame is.' },
);

export const CHECKSUMS = ['sum8', 'xor8', 'crc16modbus', 'crc16ccitt'] as const;

export const Frame = Type.Object(
  {
    ...frameSource,
    starts: Type.Optional(
      Type.String({ pattern: '^([0-9a-fA-F]{2}){1,16}$', description: 'First bytes of every frame, in hex.' }),
    ),
    minLength: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535 })),
    checksum: Type.Optional(
      Type.Object(
        {
          type: Type.Enum([...CHECKSUMS]),
          from: Type.Optional(Offset),
          to: Offset,
          at: Type.Optional(Offset),
          endian: Type.Optional(Type.Enum(['big', 'little'])),
        },
        {
          ...strict,
          description: 'Over the bytes from (default 0) up to, not including, `to`; it stands at `at` (default: `to`).',
        },
      ),
    ),
  },
  { ...strict, description: 'What a frame must fulfil before any byte field is read from it.' },
);

export const When = Type.Record(Type.String({ pattern: `^/|${NAME_PATTERN}` }), OneOrMore, {
  ...strict,
  maxProperties: 8,
  description: 'Only in messages where each capture (or /pointer) has this value or one of these.',
});

export const TIME_FORMATS = ['iso', 'epochS', 'epochMs', 'epochUs', 'epochNs', 'local'] as const;

export const Time = Type.Object(
  {
    from: Type.Union([
      Pointer,
      Type.Array(Pointer, { minItems: 2, maxItems: 3, description: 'Parts (date, time), joined by a blank.' }),
      ByteField,
    ]),
    format: Type.Enum([...TIME_FORMATS]),
    pattern: Type.Optional(
      Type.String({
        minLength: 2,
        maxLength: 64,
        description: 'How a local time is written: yyyy yy MM M dd d HH H mm m ss s SSS; everything else as it stands.',
      }),
    ),
    zone: Type.Optional(Type.String({ maxLength: 64, description: 'IANA zone of format local, e.g. Asia/Shanghai.' })),
  },
  strict,
);

export const FromText = Type.Union([
  Type.Boolean(),
  Type.Object(
    {
      decimal: Type.Optional(Type.Enum(['.', ','], { description: 'Decimal sign; default "."' })),
      group: Type.Optional(Type.Enum([',', '.', ' ', "'"], { description: 'Sign between thousands.' })),
      units: Type.Optional(
        Type.Record(Type.String({ minLength: 1, maxLength: 16 }), Type.Number(), {
          maxProperties: 16,
          description: 'Units that may stand behind the number → factor: { "°C": 1, kW: 1000 }.',
        }),
      ),
      radix: Type.Optional(Type.Literal(16, { description: 'The number is written in hex, with or without 0x.' })),
    },
    strict,
  ),
]);
