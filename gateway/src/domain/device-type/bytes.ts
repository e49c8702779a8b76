import { compileFrame, type FrameChecks, type FrameScope } from './frames.ts';
import type { ByteFieldDefinition } from './grammar.ts';
import { isRefusal, type Refusal, refusal } from './json.ts';

export type { FrameScope } from './frames.ts';

const SIZES = {
  uint8: 1,
  int8: 1,
  uint16: 2,
  int16: 2,
  uint24: 3,
  int24: 3,
  uint32: 4,
  int32: 4,
  float32: 4,
  float64: 8,
} as const;

type NumberType = keyof typeof SIZES;
const NO_CHECKS: FrameChecks = new Map();

/** Reads one field of a binary frame; undefined when the message carries no frame. */
export function compileBytes(
  definition: ByteFieldDefinition,
  checks: FrameChecks = NO_CHECKS,
): (scope: FrameScope) => unknown {
  const { type, offset, bit, bits, minus } = definition;
  const frame = compileFrame(definition, checks);
  const size = isNumber(type) ? SIZES[type] : (definition.length ?? 1);
  const endian = definition.endian ?? 'big';
  const plain = minus === undefined && (endian === 'big' || endian === 'little');
  return (scope) => {
    const view = frame(scope);
    if (view === undefined || isRefusal(view)) return view;
    const start = offset < 0 ? view.byteLength + offset : offset;
    if (start < 0 || start + size > view.byteLength) {
      return refusal('BAD_BYTES', `the frame has ${view.byteLength} bytes, ${type} at ${offset} needs more`);
    }
    if (!isNumber(type)) return readDigits(view, start, size, definition);
    const value = plain
      ? readAt(view, start, type, endian === 'little')
      : readAt(arranged(view, start, size, definition), 0, type, false);
    if (bits) return (value >>> bits.from) & (2 ** bits.count - 1);
    return bit === undefined ? value : ((value >>> bit) & 1) === 1;
  };
}

function isNumber(type: ByteFieldDefinition['type']): type is NumberType {
  return Object.hasOwn(SIZES, type);
}

/** The bytes of a field in big-endian order, each less `minus`. */
function arranged(view: DataView, start: number, size: number, { endian, minus = 0 }: ByteFieldDefinition): DataView {
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i++) {
    const from =
      endian === 'little'
        ? size - 1 - i
        : endian === 'bigSwapped'
          ? size - 2 - (i & ~1) + (i & 1)
          : endian === 'littleSwapped'
            ? i ^ 1
            : i;
    bytes[i] = (view.getUint8(start + from) - minus) & 0xff;
  }
  return new DataView(bytes.buffer);
}

function readDigits(
  view: DataView,
  start: number,
  size: number,
  definition: ByteFieldDefinition,
): string | number | Refusal {
  const { type } = definition;
  const ordered = arranged(view, start, size, definition);
  const bytes = Buffer.from(ordered.buffer);
  if (type === 'ascii') return bytes.toString('latin1').replace(/[\0\s]{1,64}$/, '');
  const digits = bytes.toString('hex');
  if (type === 'hexText') return digits.toUpperCase();
  if (!/^\d+$/.test(digits)) return refusal('BAD_BYTES', `${digits} is no BCD: only the digits 0 to 9 may occur`);
  return type === 'bcdText' ? digits : Number(digits);
}

function readAt(view: DataView, at: number, type: NumberType, little: boolean): number {
  switch (type) {
    case 'uint8':
      return view.getUint8(at);
    case 'int8':
      return view.getInt8(at);
    case 'uint16':
      return view.getUint16(at, little);
    case 'int16':
      return view.getInt16(at, little);
    case 'uint24':
      return uint24(view, at, little);
    case 'int24':
      return (uint24(view, at, little) << 8) >> 8;
    case 'uint32':
      return view.getUint32(at, little);
    case 'int32':
      return view.getInt32(at, little);
    case 'float32':
      // Seven digits are all a float32 has; 23.4 must not become 23.399999618530273.
      return Number(view.getFloat32(at, little).toPrecision(7));
    default:
      return view.getFloat64(at, little);
  }
}

function uint24(view: DataView, at: number, little: boolean): number {
  const [high, low] = little ? [at + 2, at] : [at, at + 2];
  return (view.getUint8(high) << 16) | (view.getUint8(at + 1) << 8) | view.getUint8(low);
}
