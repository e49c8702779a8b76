import type { MqttConfig } from './config.ts';

/** Counts connections in all and by address, before a byte is read. */
export interface Admission {
  /** Null = refused; otherwise what is told when the login is done and when the socket is closed. */
  admit(address: string): Place | null;
}

/** Connections in all, and those that count by address while there are any. */
interface Office {
  total: number;
  readonly open: Map<string, Counts>;
}

interface Counts {
  readonly address: string;
  connections: number;
  pending: number;
}

/** What one connection takes of the counts. */
export class Place {
  readonly #office: Office;
  readonly #here: Counts;
  #pending = true;
  #gone = false;

  constructor(office: Office, here: Counts) {
    this.#office = office;
    this.#here = here;
    office.total += 1;
    here.connections += 1;
    here.pending += 1;
    office.open.set(here.address, here);
  }

  loggedIn(): void {
    if (this.#pending) this.#here.pending -= 1;
    this.#pending = false;
  }

  closed(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.loggedIn();
    this.#office.total -= 1;
    this.#here.connections -= 1;
    if (this.#here.connections === 0) this.#office.open.delete(this.#here.address);
  }
}

export function createAdmission(config: MqttConfig): Admission {
  const office: Office = { total: 0, open: new Map() };

  return {
    admit(address) {
      const here = office.open.get(address) ?? { address, connections: 0, pending: 0 };
      const full =
        office.total >= config.maxConnections ||
        here.connections >= config.maxConnectionsPerAddress ||
        here.pending >= config.maxPendingPerAddress;
      return full ? null : new Place(office, here);
    },
  };
}
