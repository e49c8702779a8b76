import { OnvifError } from './client.ts';

/** The picture when it is a whole JPEG. Cameras answer 200 with an error page, with half a file, or with nothing. */
export function requireJpeg(body: Buffer): Uint8Array {
  if (body.length < 100 || body.readUIntBE(0, 3) !== 0xffd8ff) {
    throw new OnvifError('serverError', `the snapshot is no JPEG (${body.length} bytes)`);
  }
  // Some cameras pad the file behind its end marker.
  const end = body.lastIndexOf(Buffer.from([0xff, 0xd9]));
  if (
    end === -1 ||
    body.subarray(end + 2).some((byte) => byte !== 0 && byte !== 0xff && byte !== 0x0d && byte !== 0x0a)
  ) {
    throw new OnvifError('connectionLost', `the snapshot breaks off after ${body.length} bytes`);
  }
  return body;
}
