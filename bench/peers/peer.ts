/** Where a peer's rows go, and the numbers it needs for them. */
export interface Street {
  readonly url: string;
  readonly devices: Readonly<Record<string, number>>;
  readonly metrics: Readonly<Record<string, number>>;
}

export interface Peer {
  readonly pid: number;
  stop(): Promise<void>;
}
