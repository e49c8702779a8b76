import type { NodeRole, NodeView } from '../domain/node.ts';

/** How the processes of a gateway stand, all together. */
export interface Standing {
  readonly reason: 'ok' | 'INGEST_AWAY' | 'ROLE_MISSING';
  /** For insiders: which process, how many messages, since when. */
  readonly detail: string | undefined;
  /** Messages on disks that nobody drains, as they were last told. */
  readonly waiting: number;
}

/** A process that is away and had nothing to keep needs nobody's hand, as long as another one does its work. */
export function standingOf(nodes: readonly NodeView[], roles: readonly NodeRole[]): Standing {
  const holding = nodes.filter(({ state, backlogSince }) => state !== 'live' && backlogSince !== null);
  const waiting = holding.reduce((sum, { undrained }) => sum + undrained, 0);
  if (holding.length > 0) {
    const detail = holding.map(({ id, undrained, backlogSince }) => {
      const since = new Date(backlogSince ?? 0).toISOString();
      return `${id}: ${undrained} messages, ${since}`;
    });
    return { reason: 'INGEST_AWAY', detail: detail.join('; '), waiting };
  }
  const missing = roles.filter((role) => !nodes.some((node) => node.state === 'live' && node.roles.includes(role)));
  return missing.length > 0
    ? { reason: 'ROLE_MISSING', detail: missing.join(', '), waiting }
    : { reason: 'ok', detail: undefined, waiting };
}
