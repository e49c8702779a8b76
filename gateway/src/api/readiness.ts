import type { Clock } from '../../../adapters/adapter.ts';

export type PartState = 'ready' | 'degraded' | 'down';

/** One part of the gateway as `/readyz` shows it. */
export interface ReadinessPart {
  readonly name: string;
  readonly state: PartState;
  /** Stable code, `ok` when ready; all a stranger sees. */
  readonly reason: string;
  /** For insiders: what happened, without credentials. */
  readonly detail?: string;
  /** Epoch milliseconds. */
  readonly since: number;
}

export interface Readiness {
  snapshot(): { readonly status: PartState; readonly parts: readonly ReadinessPart[] };
}

export interface ReadinessBoard extends Readiness {
  /** `since` moves only when state or reason changes. An essential part that is down takes the whole gateway down. */
  set(name: string, state: PartState, reason: string, detail?: string): void;
}

/** What the parts say of themselves. Parts named in `essential` start as down, so nothing is ready before it says so. */
export function createReadiness(deps: {
  clock: Clock;
  essential: readonly string[];
  onChange?: (part: string, state: PartState) => void;
}): ReadinessBoard {
  const parts = new Map<string, ReadinessPart>(
    deps.essential.map((name) => [name, { name, state: 'down', reason: 'starting', since: deps.clock.now() }]),
  );
  return {
    set(name, state, reason, detail) {
      const before = parts.get(name);
      const same = before?.state === state && before.reason === reason;
      const since = same ? before.since : deps.clock.now();
      parts.set(name, { name, state, reason, since, ...(detail === undefined ? {} : { detail }) });
      if (!same) deps.onChange?.(name, state);
    },
    snapshot() {
      const list = [...parts.values()];
      const down = list.some((part) => part.state === 'down' && deps.essential.includes(part.name));
      const worse = list.some((part) => part.state !== 'ready');
      return { status: down ? 'down' : worse ? 'degraded' : 'ready', parts: list };
    },
  };
}
