import { bilingual, type MessageKey } from '../../messages/index.ts';

/** What a check can find; each has a text `audit.finding.<kind>`. */
export const FINDING_KINDS = [
  'edited',
  'rewritten',
  'deleted',
  'reordered',
  'truncated',
  'unlinked',
  'headForged',
  'headOtherKey',
  'headMissing',
  'headMismatch',
  'doubt',
  'purgeForged',
  'anchorMismatch',
  'anchorForged',
  'anchorOtherKey',
  'anchorLines',
  'anchorFiles',
  'reportForged',
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

/** One thing that is wrong with the audit records or their anchors. */
export interface Finding {
  readonly kind: FindingKind;
  /** First record concerned. */
  readonly seq?: number;
  /** Last record concerned, when they are several. */
  readonly toSeq?: number;
  /** Anchor or report file, with its line. */
  readonly file?: string;
  readonly line?: number;
  /** Names of fields, hashes, counts: what the kind needs to be told. */
  readonly detail?: Readonly<Record<string, string | number>>;
}

/** One line, Chinese first. */
export function findingText(finding: Finding): string {
  const { kind, seq = 0, toSeq = seq, file = '', line = 0, detail = {} } = finding;
  return bilingual(`audit.finding.${kind}` satisfies MessageKey, { seq, toSeq, file, line, ...detail });
}

const KEPT = 1_000;

/** Gathers findings; the first thousand in words, all of them counted. */
export function createFindings() {
  const list: Finding[] = [];
  let count = 0;
  return {
    list: list as readonly Finding[],
    count: () => count,
    add(finding: Finding) {
      count++;
      if (list.length < KEPT) list.push(finding);
    },
  };
}
export type Findings = ReturnType<typeof createFindings>;
