/** `bad` keeps the gateway from starting, `info` costs a function, `ok` is ok. */
export interface Finding {
  readonly level: 'ok' | 'info' | 'bad';
  readonly text: string;
}
