import type { ProbeReason } from '../adapter.ts';

export type FailureReason = Exclude<ProbeReason, 'ok'>;

/** A verdict that ends a probe early. Internal to this adapter: callers of the probe see a result, never this. */
export class ProbeFailure extends Error {
  readonly reason: FailureReason;
  constructor(reason: FailureReason, detail: string) {
    super(detail);
    this.name = 'ProbeFailure';
    this.reason = reason;
  }
}

/** What a peer said, fit for a log line and a page: printable, one line, short. */
export function printable(text: string, limit = 80): string {
  const clean = text
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .replace(/(\w+:\/\/)[^\s/@]*@/g, '$1')
    .trim();
  return clean.length > limit ? `${clean.slice(0, limit - 1)}…` : clean;
}
