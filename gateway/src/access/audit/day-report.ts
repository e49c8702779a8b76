import type { AuditSigner } from '../../domain/audit-chain.ts';
import type { Transactor } from '../../domain/tx.ts';
import { listReportFiles, signed, writeReport } from './anchor-files.ts';
import type { AuditStore } from './ports.ts';

const DAY_MS = 86_400_000;
/** Days looked back for reports that were not written because nothing ran. */
const CATCH_UP_DAYS = 31;

/** First instant of a local day `YYYY-MM-DD`. */
export function dayStart(day: string, localTime: (at: number) => string): number {
  // Twice, since the offset at the guess may differ from the one at midnight.
  let at = Date.parse(`${day}T00:00:00Z`);
  for (let round = 0; round < 2; round++) at = Date.parse(`${day}T00:00:00${localTime(at).slice(-6)}`);
  return at;
}

/** Writes the reports of whole days that have none yet; the days written. */
export async function writeDayReports(deps: {
  readonly db: Transactor;
  readonly audit: Pick<AuditStore, 'tally' | 'head'>;
  readonly signer: AuditSigner;
  readonly directory: string;
  readonly now: number;
  readonly localTime: (at: number) => string;
}): Promise<string[]> {
  const { db, audit, signer, directory, now, localTime } = deps;
  const known = new Set((await listReportFiles(directory)).map((file) => file.slice(0, 10)));
  const today = localTime(now).slice(0, 10);
  // A first start writes yesterday's only; a longer stop is caught up.
  const back = known.size === 0 ? 1 : CATCH_UP_DAYS;
  const newest = [...known].sort().at(-1) ?? '';
  const days = new Set(Array.from({ length: back }, (_, n) => localTime(now - (n + 1) * DAY_MS).slice(0, 10)));
  const written: string[] = [];
  for (const day of [...days].sort()) {
    if (known.has(day) || day <= newest || day >= today) continue;
    const from = dayStart(day, localTime);
    const to = dayStart(localTime(from + 1.5 * DAY_MS).slice(0, 10), localTime);
    const tally = await audit.tally(db.autocommit, from, to);
    const head = await audit.head(db.autocommit);
    const report = signed(signer, {
      v: 1,
      day,
      from: localTime(from),
      to: localTime(to),
      writtenAt: localTime(now),
      records: tally.reduce((sum, { count }) => sum + count, 0),
      actions: Object.fromEntries(tally.map(({ action, count }) => [action, count])),
      firstSeq: tally.length === 0 ? null : Math.min(...tally.map(({ firstSeq }) => firstSeq)),
      lastSeq: tally.length === 0 ? null : Math.max(...tally.map(({ lastSeq }) => lastSeq)),
      bulkAlerts: tally.find(({ action }) => action === 'bulkAlert')?.count ?? 0,
      headSeq: head?.seq ?? null,
      headHash: head?.hash ?? null,
    });
    await writeReport(directory, `${day}.report.json`, `${JSON.stringify(report)}\n`);
    written.push(day);
  }
  return written;
}
