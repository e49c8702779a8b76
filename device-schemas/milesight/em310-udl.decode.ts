import type { Decode } from '../decode.ts';

/** Reads the TLV frame of an EM310-UDL into the object that ChirpStack's codec would have made. */
export const decode: Decode = ({ json }) => {
  if (typeof json !== 'object' || json === null || 'object' in json || !('data' in json)) return json;
  const frame = Buffer.from(String(json.data), 'base64');
  const object: Record<string, unknown> = {};
  for (let at = 0; at + 2 < frame.length; ) {
    const field = frame.readUInt16BE(at);
    at += 2;
    if (field === 0x0175) {
      object.battery = frame.readUInt8(at);
      at += 1;
    } else if (field === 0x0382) {
      object.distance = frame.readUInt16LE(at);
      at += 2;
    } else if (field === 0x0400) {
      object.position = frame.readUInt8(at) === 0 ? 'normal' : 'tilt';
      at += 1;
    } else throw new Error(`unknown channel 0x${field.toString(16)}`);
  }
  if (Object.keys(object).length === 0) throw new Error('no field in the frame');
  return { ...json, object };
};
