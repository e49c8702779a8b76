import type { Actor } from '../../domain/actor.ts';
import type { ChainedRecord } from '../../domain/audit-chain.ts';
import type { AuditFilter } from '../../domain/audit-rows.ts';

export interface AuditFindingView {
  readonly kind: string;
  readonly seq?: number;
  readonly toSeq?: number;
  readonly file?: string;
  readonly line?: number;
  readonly text: string;
}

/** How far the proof reaches. Times in epoch milliseconds. */
export interface AuditIntegrityView {
  readonly head: { readonly seq: number; readonly hash: string } | null;
  readonly anchors: { readonly lastAt: number | null; readonly lastSeq: number | null; readonly fault: string | null };
  readonly running: { readonly startedAt: number; readonly checked: number; readonly of: number } | null;
  readonly last: {
    readonly startedAt: number;
    readonly finishedAt: number;
    readonly intact: boolean;
    readonly records: number;
    readonly firstSeq: number | null;
    readonly lastSeq: number;
    readonly purgedThrough: number;
    readonly anchors: number;
    readonly reports: number;
    readonly findingCount: number;
    readonly findings: readonly AuditFindingView[];
  } | null;
}

/** The audit records: read by auditors and administrators, changed by nobody. */
export interface AuditPort {
  list(actor: Actor, query: AuditFilter): Promise<{ items: ChainedRecord[]; nextCursor: string | null }>;
  get(actor: Actor, seq: number): Promise<ChainedRecord>;
  export(
    actor: Actor,
    query: { readonly purpose: string; readonly format: 'csv' | 'xlsx' },
    filter: Omit<AuditFilter, 'limit' | 'cursor'>,
  ): Promise<{ readonly bytes: Uint8Array; readonly contentType: string }>;
  integrity(actor: Actor): Promise<AuditIntegrityView>;
  verify(actor: Actor): Promise<AuditIntegrityView>;
}

/** Where the API leaves what happened at its own door. */
export interface AuditDoorPort {
  /** A refusal of an authenticated caller; from memory, counted and bounded. */
  denied(refusal: {
    readonly actor: Actor;
    /** Method and route, e.g. `GET /devices/:id`. */
    readonly what: string;
    readonly resource: string;
    /** Id asked for; null on routes without one. */
    readonly target: string | null;
    readonly reason: string;
  }): void;
  /** A write that succeeded and left no entry of its own. */
  unproven(call: {
    readonly actor: Actor;
    readonly what: string;
    readonly resource: string;
    readonly target: string | null;
  }): Promise<void>;
}
