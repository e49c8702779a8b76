import { join } from 'node:path';
import type { AuditSigner } from '../../domain/audit-chain.ts';
import { type AnchorLine, checkSigned, lineHash, listAnchorFiles, listReportFiles, readLines } from './anchor-files.ts';
import type { Findings } from './findings.ts';
import type { AnchorSeries } from './ports.ts';
import type { Anchor } from './verify-chain.ts';

/**
 * The anchors of a directory in the order they were written. On the way every line is checked: its signature, its number,
 * the hash of the line before; at the end, whether the files reach as far as the database knows.
 */
export async function* verifyAnchors(options: {
  readonly directory: string;
  readonly signer: AuditSigner;
  readonly findings: Findings;
  /** As the database remembers them. */
  readonly series: readonly AnchorSeries[];
}): AsyncGenerator<Anchor> {
  const { directory, signer, findings, series } = options;
  const files = await listAnchorFiles(directory);
  const walk = createWalk(options);
  for (const file of files) {
    for await (const { line, text, value } of readLines(join(directory, file))) {
      const verdict = isAnchor(value) ? checkSigned(signer, { ...value }) : 'forged';
      if (!isAnchor(value) || verdict === 'forged') {
        findings.add({ kind: 'anchorForged', file, line });
        continue;
      }
      if (verdict === 'otherKey') findings.add({ kind: 'anchorOtherKey', file, line });
      walk.step(value, text, { file, line });
      yield { seq: value.seq, hash: value.hash, at: Date.parse(value.at) };
    }
  }
  walk.end(series, files.at(-1) ?? '');
}

/** Whether the lines follow each other, from the first that is kept to the last that was written. */
function createWalk({
  signer,
  findings,
  series,
}: Pick<Parameters<typeof verifyAnchors>[0], 'signer' | 'findings' | 'series'>) {
  let before: { readonly n: number; readonly hash: string } | undefined;
  let known: AnchorSeries | undefined;

  return {
    step(anchor: AnchorLine, text: string, place: { readonly file: string; readonly line: number }) {
      if (!before) known = series.find((one) => one.series === anchor.series);
      const expected = before ? before.n + 1 : (known?.firstN ?? 1);
      // Files of a purge that was cut short may still be there.
      const follows = before ? anchor.n === expected && anchor.prev === before.hash : anchor.n <= expected;
      if (!follows) findings.add({ kind: 'anchorLines', ...place, detail: { expected, found: anchor.n } });
      before = { n: anchor.n, hash: lineHash(text) };
    },
    end(all: readonly AnchorSeries[], lastFile: string) {
      if (!before) {
        for (const { place, n } of all) findings.add({ kind: 'anchorFiles', file: place, detail: { count: n } });
        return;
      }
      if (!known) return;
      if (checkSigned(signer, { ...known }) === 'forged') {
        findings.add({ kind: 'anchorForged', file: 'audit_anchor', line: 0 });
      } else if (before.n < known.n || (before.n === known.n && before.hash !== known.lineHash)) {
        const detail = { expected: known.n, found: before.n };
        findings.add({ kind: 'anchorLines', file: lastFile, line: 0, detail });
      }
    },
  };
}

/** The signatures of the daily reports. */
export async function verifyReports(directory: string, signer: AuditSigner, findings: Findings): Promise<number> {
  const files = await listReportFiles(directory);
  for (const file of files) {
    for await (const { value } of readLines(join(directory, file))) {
      const isObject = typeof value === 'object' && value !== null;
      if (!isObject || checkSigned(signer, { ...value }) === 'forged') findings.add({ kind: 'reportForged', file });
    }
  }
  return files.length;
}

function isAnchor(value: unknown): value is AnchorLine {
  const line = value as Partial<AnchorLine> | undefined;
  return (
    typeof line === 'object' &&
    line !== null &&
    Number.isInteger(line.n) &&
    Number.isInteger(line.seq) &&
    typeof line.hash === 'string' &&
    typeof line.prev === 'string' &&
    typeof line.series === 'string' &&
    typeof line.at === 'string'
  );
}
