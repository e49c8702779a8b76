import type { Aedes, Client } from 'aedes';

/**
 * What this adapter uses of aedes 1.2.0 beyond its published types. The version is pinned exactly; `broker.test.ts` fails
 * when one of these changes its meaning.
 */
export type AedesBroker = Omit<Aedes, 'publish'> & {
  /** The protocol handlers hand every accepted message (and will) to this after the acknowledgement. */
  publish: (packet: object, clientOrDone?: unknown, done?: (error?: Error | null) => void) => void;
  /** Takes a client out of the list of live ones. */
  deleteClient(clientId: string): void;
};

export type BrokerClient = Client & {
  /** Filters granted to this client. */
  readonly subscriptions: Readonly<Record<string, object>>;
};

export interface ConnectPacket {
  readonly username?: string;
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
