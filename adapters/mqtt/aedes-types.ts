import type { Aedes, Client } from 'aedes';

/**
 * What this adapter uses of aedes 1.2.0 beyond its published types. The version is pinned exactly; `broker.test.ts` fails
 * when one of these changes its meaning.
 */
export type AedesBroker = Omit<Aedes, 'publish' | 'persistence'> & {
  /** The protocol handlers hand every accepted message (and will) to this after the acknowledgement. */
  publish: (packet: object, clientOrDone?: unknown, done?: (error?: Error | null) => void) => void;
  /** Takes a client out of the list of live ones. */
  deleteClient(clientId: string): void;
  /** There once it listens. */
  readonly persistence: {
    /** What waits for a client that was away: read once at its login, by `stream.pipeline`. */
    outgoingStream: (client: object) => Iterable<object>;
    /** What is retained below the filters of a subscription. */
    createRetainedStreamCombi: (filters: readonly string[]) => { pipe(to: object): unknown };
  };
};

export type BrokerClient = Client & {
  /** Filters granted to this client. */
  readonly subscriptions: Readonly<Record<string, object>>;
};

export interface ConnectPacket {
  readonly username?: string;
  /** Taken out when it was read: the parser keeps the packet as long as the connection. */
  password?: Buffer | undefined;
  clientId: string;
  clean: boolean;
  readonly keepalive: number;
  readonly protocolVersion: number;
  readonly will?: Will;
}

export interface Will {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: number;
  retain: boolean;
}
