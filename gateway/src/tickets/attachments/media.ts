/** Bytes of one picture or document. */
export const ATTACHMENT_BYTES = 15 * 1024 * 1024;

const startsWith = (bytes: Uint8Array, at: number, ...expected: number[]) =>
  expected.every((byte, index) => bytes[at + index] === byte);
const text = (bytes: Uint8Array, from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to));

/** Brands of still pictures coded with HEVC. */
const HEIC = ['heic', 'heix', 'heim', 'heis', 'hevc', 'mif1', 'msf1'];

const KINDS: readonly { readonly mediaType: string; readonly extension: string; is(bytes: Uint8Array): boolean }[] = [
  { mediaType: 'image/jpeg', extension: 'jpg', is: (b) => startsWith(b, 0, 0xff, 0xd8, 0xff) },
  {
    mediaType: 'image/png',
    extension: 'png',
    is: (b) => startsWith(b, 0, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
  },
  { mediaType: 'image/webp', extension: 'webp', is: (b) => text(b, 0, 4) === 'RIFF' && text(b, 8, 12) === 'WEBP' },
  { mediaType: 'image/heic', extension: 'heic', is: (b) => text(b, 4, 8) === 'ftyp' && HEIC.includes(text(b, 8, 12)) },
  { mediaType: 'application/pdf', extension: 'pdf', is: (b) => text(b, 0, 5) === '%PDF-' },
];

/** What a file is by how it begins; nobody's word is taken for it. undefined = nothing that is kept. */
export function mediaOf(bytes: Uint8Array): { readonly mediaType: string; readonly extension: string } | undefined {
  return KINDS.find((kind) => kind.is(bytes));
}

/** The last part of a path, without anything a header or a file system could stumble over. */
export function plainName(name: string | undefined, extension: string): string {
  const last = (name ?? '').split(/[\\/]/).at(-1) ?? '';
  const plain = last.replace(/[^\p{L}\p{N}._ ()-]/gu, '_').slice(-100);
  return plain === '' || /^[. ]+$/.test(plain) ? `file.${extension}` : plain;
}
