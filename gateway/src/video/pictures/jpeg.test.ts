import { describe, expect, it } from 'vitest';
import { JpegError, MAX_JPEG_BYTES, readJpeg, withoutMetadata } from './jpeg.ts';
import { solidJpeg } from './testing.ts';

const segment = (marker: number, ...body: number[]) => [
  0xff,
  marker,
  (body.length + 2) >> 8,
  (body.length + 2) & 255,
  ...body,
];
const frame = (width: number, height: number, marker = 0xc0) =>
  segment(marker, 8, height >> 8, height & 255, width >> 8, width & 255, 1, 1, 0x11, 0);
const scan = [...segment(0xda, 1, 1, 0, 0, 63, 0), 0x12, 0xff, 0x00, 0xff, 0xd0, 0x34];
const END = [0xff, 0xd9];
const jpeg = (...parts: number[][]) => Uint8Array.from([0xff, 0xd8, ...parts.flat()]);
const fault = (bytes: Uint8Array) => {
  try {
    return readJpeg(bytes);
  } catch (error) {
    return error instanceof JpegError ? error.fault : error;
  }
};

describe('a JPEG is read by its markers', () => {
  it('of a real encoder: size and length', () => {
    const bytes = solidJpeg('#3050a0', 320, 240);
    expect(readJpeg(bytes)).toEqual({ width: 320, height: 240, length: bytes.length });
  });

  it('with fill bytes, stuffed data, restart markers, comments and several scans', () => {
    const bytes = jpeg(segment(0xfe, 0x3c, 0x3e), [0xff, 0xff], frame(640, 480, 0xc2), scan, scan, END);
    expect(fault(bytes)).toEqual({ width: 640, height: 480, length: bytes.length });
  });

  it('without its metadata is the same picture', () => {
    const exif = segment(0xe1, ...Buffer.from('Exif thumbnail'));
    const bytes = jpeg(segment(0xe0, 1), exif, segment(0xfe, 2), segment(0xee, 3), frame(8, 8), exif, scan, END);
    const expected = jpeg(segment(0xe0, 1), segment(0xee, 3), frame(8, 8), scan, END);
    expect(Buffer.from(withoutMetadata(bytes)).equals(Buffer.from(expected))).toBe(true);
  });

  it('leaves out what stands behind its end: a ZIP, a script, a second picture', () => {
    const picture = jpeg(frame(8, 8), scan, END);
    for (const tail of [Buffer.from('PK\x03\x04…'), Buffer.from('<script>alert(1)</script>'), picture]) {
      expect(fault(Buffer.concat([picture, tail]))).toMatchObject({ length: picture.length });
    }
  });

  it.each([
    ['an empty answer', new Uint8Array(), 'notJpeg'],
    ['an error page', Buffer.from('<html>401 Unauthorized</html>'), 'notJpeg'],
    ['a PNG', Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), 'notJpeg'],
    ['only the beginning', Uint8Array.from([0xff, 0xd8]), 'notJpeg'],
    ['nothing between beginning and end', jpeg(END), 'broken'],
    ['no scan', jpeg(frame(8, 8), END), 'broken'],
    ['a scan without a frame', jpeg(scan, END), 'broken'],
    ['two frames', jpeg(frame(8, 8), frame(9, 9), scan, END), 'broken'],
    ['a picture inside a picture', jpeg(frame(8, 8), [0xff, 0xd8], scan, END), 'broken'],
    ['a length that leads into nowhere', jpeg([0xff, 0xe1, 0xff, 0xff], frame(8, 8), scan, END), 'truncated'],
    ['a length of zero', jpeg([0xff, 0xe1, 0, 0], frame(8, 8), scan, END), 'broken'],
    ['a short frame header', jpeg(segment(0xc0, 8, 0, 8), scan, END), 'broken'],
    ['0×0', jpeg(frame(0, 0), scan, END), 'dimensions'],
    ['a height that comes later', jpeg(frame(8, 0), scan, segment(0xdc, 0, 8), END), 'dimensions'],
    ['65535×65535', jpeg(frame(65_535, 65_535), scan, END), 'dimensions'],
    ['16000×16000', jpeg(frame(16_000, 16_000), scan, END), 'dimensions'],
    ['a thousand scans', jpeg(frame(8, 8), ...Array.from({ length: 1_000 }, () => scan), END), 'broken'],
    ['more bytes than we take', new Uint8Array(MAX_JPEG_BYTES + 1), 'tooLarge'],
  ])('%s is refused', (_name, bytes, expected) => {
    expect(fault(bytes)).toBe(expected);
  });

  it('cut off anywhere is refused', () => {
    const whole = solidJpeg('#a03050', 32, 32);
    for (let length = 0; length < whole.length; length++) {
      expect([length, typeof fault(whole.subarray(0, length))]).toEqual([length, 'string']);
    }
  });

  it('never throws anything else and never reads on for ever, whatever the bytes', () => {
    const whole = solidJpeg('#a03050', 32, 32);
    let state = 1;
    for (let round = 0; round < 5_000; round++) {
      const bytes = Uint8Array.from(whole);
      for (let change = 0; change < 3; change++) {
        state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
        bytes[2 + (state % (bytes.length - 2))] = (state >> 8) & 255;
      }
      const result = fault(bytes);
      expect(result instanceof Error).toBe(false);
    }
  });
});
