import type { AuditSigner } from '../../domain/audit-chain.ts';
import type { Transactor } from '../../domain/tx.ts';
import { createFindings, type Finding } from './findings.ts';
import type { AuditStore } from './ports.ts';
import { verifyAnchors, verifyReports } from './verify-anchors.ts';
import { type ChainExtent, verifyChain } from './verify-chain.ts';

/** The outcome of one check of everything. Times in epoch milliseconds. */
export interface Verification extends Omit<ChainExtent, 'head'> {
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly intact: boolean;
  readonly headSeq: number | null;
  readonly headHash: string | null;
  readonly reports: number;
  /** All there are; `findings` holds the first thousand. */
  readonly findingCount: number;
  readonly findings: readonly Finding[];
}

/** Checks chain, head, anchors and daily reports against each other; a page of records in memory at a time. */
export async function verifyAudit(options: {
  readonly db: Pick<Transactor, 'autocommit'>;
  readonly audit: Pick<AuditStore, 'chain' | 'unlinked' | 'anchorSeries'>;
  readonly signer: AuditSigner;
  /** Directory of the anchor files. */
  readonly directory: string;
  readonly now: () => number;
  readonly onProgress?: (checked: number, of: number) => void;
  readonly signal?: AbortSignal;
}): Promise<Verification> {
  const { db, audit, signer, directory, now } = options;
  const startedAt = now();
  const findings = createFindings();
  const series = await audit.anchorSeries(db.autocommit);
  const { head, ...extent } = await verifyChain({
    source: {
      read: (after, limit) => audit.chain(db.autocommit, after, limit),
      unlinked: () => audit.unlinked(db.autocommit),
    },
    signer,
    findings,
    anchors: verifyAnchors({ directory, signer, findings, series }),
    ...(options.onProgress ? { onProgress: options.onProgress } : {}),
    ...(options.signal ? { signal: options.signal } : {}),
  });
  const reports = await verifyReports(directory, signer, findings);
  return {
    ...extent,
    startedAt,
    finishedAt: now(),
    intact: findings.count() === 0,
    headSeq: head?.seq ?? null,
    headHash: head?.hash ?? null,
    reports,
    findingCount: findings.count(),
    findings: findings.list,
  };
}
