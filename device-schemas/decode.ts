/**
 * Types of a `<model>.decode.ts`, the way out for payloads that YAML cannot describe. Such a file exports one pure function
 * named `decode`; what it returns is then read by the pointers of the YAML file beside it. No imports but this one, no I/O,
 * no clock, no state; it may throw, and then the message is refused with DECODER_FAILED.
 */
export interface DecodeFrame {
  readonly topic: string;
  readonly captures: Readonly<Record<string, string>>;
  readonly payload: Uint8Array;
  /** The parsed payload; undefined on topics of format `bytes`. */
  readonly json: unknown;
}

export type Decode = (frame: DecodeFrame) => unknown;
