import type { MqttConfig } from './config.ts';

/** Counts connections in all and by address, before a byte is read. */
export interface Admission {
  /** Null = refused; otherwise what to call when the login is done and when the socket is closed. */
  admit(address: string): { loggedIn(): void; closed(): void } | null;
}

export function createAdmission(config: MqttConfig): Admission {
  let total = 0;
  const open = new Map<string, { connections: number; pending: number }>();

  return {
    admit(address) {
      const here = open.get(address) ?? { connections: 0, pending: 0 };
      const full =
        total >= config.maxConnections ||
        here.connections >= config.maxConnectionsPerAddress ||
        here.pending >= config.maxPendingPerAddress;
      if (full) return null;
      total += 1;
      here.connections += 1;
      here.pending += 1;
      open.set(address, here);
      let pending = true;
      let gone = false;
      const loggedIn = () => {
        if (pending) here.pending -= 1;
        pending = false;
      };
      return {
        loggedIn,
        closed() {
          if (gone) return;
          gone = true;
          loggedIn();
          total -= 1;
          here.connections -= 1;
          if (here.connections === 0) open.delete(address);
        },
      };
    },
  };
}
