/** Another process of this gateway. */
export interface Peer {
  readonly id: string;
  /** Where its HTTP side is reached; null as long as it has not said. */
  readonly url: string | null;
  readonly state: 'live' | 'away' | 'left';
}

/** Which process does what only one can do, and what proves that a request was handed on by one of ours. */
export interface ForwardPort {
  readonly self: string;
  /** Nobody else is there to hand anything to. */
  alone(): boolean;
  /** Who works on a device (by its key), or keeps what a person started (by his id); undefined = nobody does that work. */
  owner(key: string | number): Peer | undefined;
  peer(id: string): Peer | undefined;
  sign(text: string): string;
  check(text: string, signature: string): 'valid' | 'forged' | 'otherKey';
}
