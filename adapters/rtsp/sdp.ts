import { printable } from './failure.ts';

export type SdpFacts = Record<string, string | number>;

/** Static payload types a camera may use without an rtpmap line (RFC 3551). */
const STATIC_CODECS: Record<string, string> = { '26': 'JPEG', '32': 'MPV', '33': 'MP2T', '34': 'H263' };

/** What the first video section says of itself, or undefined when the description offers no video. */
export function videoFacts(sdp: string): SdpFacts | undefined {
  const lines = sdp.split(/\r\n|\r|\n/).map((line) => line.trim());
  const start = lines.findIndex((line) => /^m=video\s/i.test(line));
  if (start < 0) return undefined;
  const length = lines.slice(start + 1).findIndex((line) => /^m=/i.test(line));
  const section = lines.slice(start, length < 0 ? undefined : start + 1 + length);

  const payload = /^m=video\s+\S+\s+\S+\s+(\d{1,3})/i.exec(section[0] ?? '')?.[1];
  const rtpmap = attributeOf(section, 'rtpmap', /^(\d{1,3})\s+([^/\s]+)/);
  const codec = rtpmap?.[2] ?? STATIC_CODECS[payload ?? ''];
  const control = attributeOf(section, 'control', /^(.+)$/)?.[1];
  const size = sizeOf(section);
  const fps = attributeOf(section, 'framerate', /^(\d{1,3}(?:\.\d+)?)/)?.[1];
  return {
    ...(codec ? { codec: codecName(codec) } : {}),
    ...(payload ? { payload: Number(payload) } : {}),
    // Some cameras echo the login of the request in an absolute control URL; printable() drops it.
    ...(control ? { control: printable(control, 120) } : {}),
    ...(size ? { width: size[0], height: size[1] } : {}),
    ...(fps && Number(fps) > 0 ? { fps: Number(fps) } : {}),
  };
}

function attributeOf(section: readonly string[], attribute: string, pattern: RegExp): RegExpExecArray | null {
  const prefix = `a=${attribute}:`;
  const line = section.find((one) => one.toLowerCase().startsWith(prefix));
  return line === undefined ? null : pattern.exec(line.slice(prefix.length).trim());
}

/** H.265 is written H265 or HEVC; the rest of the gateway says H265. */
function codecName(text: string): string {
  const name = printable(text, 24).toUpperCase();
  return name === 'HEVC' ? 'H265' : name;
}

/** Vendors write the size in three ways: framesize (live555), x-dimensions (Hikvision), cliprect (top,left,bottom,right). */
function sizeOf(section: readonly string[]): [number, number] | undefined {
  const direct =
    attributeOf(section, 'framesize', /^\d+\s+(\d{2,5})-(\d{2,5})/) ??
    attributeOf(section, 'x-dimensions', /^(\d{2,5})\s*,\s*(\d{2,5})/);
  if (direct) return [Number(direct[1]), Number(direct[2])];
  const clip = attributeOf(section, 'cliprect', /^\d+,\d+,(\d{2,5}),(\d{2,5})/);
  return clip ? [Number(clip[2]), Number(clip[1])] : undefined;
}
