/** One message as it came in. Strings are well-formed Unicode of at most 65,535 bytes. */
export interface SpoolEntry {
  via: string;
  /** `device:<id>`, `vendor:<id>` or `broker:<name>`. */
  principal: string;
  topic: string;
  payload: Uint8Array;
  /** Epoch milliseconds, may carry a microsecond fraction; kept exactly. */
  receivedAt: number;
  dup: boolean;
  retained: boolean;
  /** Code of a message recorded as refused; its payload may be empty. */
  refused?: string;
}

export interface SpoolRecord extends SpoolEntry {
  /** Number of the message in this spool, from 1; never used twice, over trims and restarts. */
  seq: number;
}

/** Records `first`…`last` were acknowledged once and are gone. */
export interface LostFact {
  readonly first: number;
  readonly last: number;
  readonly reason: 'missing' | 'corrupt';
}
