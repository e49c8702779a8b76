/** Parts of the gateway a process can run. */
export type NodeRole = 'ingest' | 'monitor' | 'api' | 'video';

/** One process of the gateway, as the database knows it. Times are epoch milliseconds of the database's clock. */
export interface NodeRow {
  /** Lies in its data directory, so that it stays over restarts. */
  readonly id: string;
  /** Of one run. */
  readonly session: string;
  readonly roles: readonly NodeRole[];
  /** Where other processes reach its HTTP side; null before it listens. */
  readonly url: string | null;
  readonly startedAt: number;
  readonly seenAt: number;
  /** Milliseconds since its last sign of life. */
  readonly silentMs: number;
  /** It ended properly. */
  readonly left: boolean;
  /** Messages in its spool that were not in the database at its last sign of life. */
  readonly undrained: number;
  /** When the oldest of them was received; null = none. */
  readonly oldestUndrainedAt: number | null;
}

/** `left`: ended properly. `away`: says nothing any more, what it has in its spool waits on its disk. */
export type NodeState = 'live' | 'away' | 'left';

/** A process as the others see it now. */
export interface NodeView extends Omit<NodeRow, 'session' | 'left' | 'silentMs'> {
  readonly state: NodeState;
  /**
   * No message in its spool is older than this; null = it has none. Of one that is away, what it took after its last sign
   * of life is unknown, so its time counts.
   */
  readonly backlogSince: number | null;
}

/** Which processes are alive and which of them owns what. */
export interface Membership {
  readonly self: { readonly id: string; readonly roles: readonly NodeRole[] };
  /** All that are known, also those that are away or left. */
  all(): readonly NodeView[];
  /** Those that are alive and do this work, ordered by id; ourselves among them. */
  live(role: NodeRole): readonly NodeView[];
  /** Who does this work for a device (or anything that has a name); undefined when nobody does it. */
  owner(key: string | number, role: NodeRole): NodeView | undefined;
  /** Whether that is us. */
  mine(key: string | number, role: NodeRole): boolean;
  /** Told when a process came, went, or does other work. Returns the unsubscriber. */
  changed(listener: () => void): () => void;
}

/** What a process still has to bring into the database. */
export interface Backlog {
  readonly undrained: number;
  /** Epoch milliseconds; null = nothing. */
  readonly oldestUndrainedAt: number | null;
}
