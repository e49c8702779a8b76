import { redact } from './redact.ts';

/** Bytes kept of what a program says on stderr. */
const KEPT = 16 * 1024;

export interface Tail {
  add(chunk: Buffer): void;
  /** Redacted; after a cut it begins with a whole line, for half a URL cannot be told to be one. */
  text(): string;
}

export function createTail(secrets: readonly string[]): Tail {
  let kept = Buffer.alloc(0);
  let cut = false;
  return {
    add(chunk) {
      kept = Buffer.concat([kept, chunk.subarray(-KEPT)]);
      if (chunk.length > KEPT || kept.length > KEPT) {
        cut = true;
        // A copy: a view would keep the whole chunk alive.
        kept = Buffer.from(kept.subarray(-KEPT));
      }
    },
    text() {
      const text = kept.toString('utf8');
      return redact(cut ? text.slice(lineStart(text)) : text, secrets);
    },
  };
}

function lineStart(text: string): number {
  const end = text.search(/[\r\n]/);
  return end < 0 ? text.length : end + 1;
}
