import type { Actor } from './actor.ts';
import type { Tx } from './tx.ts';

/** One proven fact: who did what to which object. Never holds a secret. */
export interface AuditEntry {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly actor: Actor;
  /** Verb, e.g. `create`, `approve`, `login`, `loginFailed`. */
  readonly action: string;
  readonly resource: string;
  /** Id of the object; null for lists and settings. */
  readonly resourceId: string | null;
  readonly reason?: string | null;
  /** Only the fields that changed. */
  readonly before?: unknown;
  readonly after?: unknown;
}

/** Writes entries in the transaction of the change they prove, so neither exists without the other. */
export interface AuditPort {
  append(tx: Tx, entries: readonly AuditEntry[]): Promise<void>;
}
