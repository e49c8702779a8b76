import type { Transactor } from '../domain/tx.ts';
import type { ApiKeyStore, KeyUse } from './ports.ts';

/** Uses of keys at MQTT logins: noted in memory and written every few seconds, one row a key. */
export interface KeyUses {
  note(use: KeyUse): void;
  /** A failed write keeps the notes. */
  flush(): Promise<void>;
}

export function createKeyUses(deps: {
  readonly db: Transactor;
  readonly apiKeys: Pick<ApiKeyStore, 'touch'>;
}): KeyUses {
  let uses = new Map<string, KeyUse>();
  return {
    note: (use) => void uses.set(use.id, use),
    async flush() {
      if (uses.size === 0) return;
      const written = uses;
      uses = new Map();
      try {
        await deps.apiKeys.touch(deps.db.autocommit, [...written.values()]);
      } catch (error) {
        uses = new Map([...written, ...uses]);
        throw error;
      }
    },
  };
}
