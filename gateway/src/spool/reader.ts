import { decodeGroup } from './codec.ts';
import type { Disk } from './disk.ts';
import type { LostFact, SpoolRecord } from './records.ts';

type Page = Awaited<ReturnType<Disk['read']>>;

/**
 * Up to `limit` records of `after` < seq ≤ `lastSeq` from disk, oldest first. Damaged groups are told and skipped: a page
 * that holds nothing but damage is followed by the next one, so an empty answer means that nothing readable is left.
 */
export async function readDisk(
  disk: Pick<Disk, 'read'>,
  tellLost: (fact: LostFact) => void,
  range: { after: number; lastSeq: number; limit: number },
): Promise<SpoolRecord[]> {
  let after = range.after;
  while (after < range.lastSeq) {
    const page = (await disk.read(after, range.limit)).filter((entry) => entry.group.first <= range.lastSeq);
    if (page.length === 0) return [];
    const { records, end } = decodePage(page, after, tellLost);
    if (records.length > 0) return records.length > range.limit ? records.slice(0, range.limit) : records;
    after = end;
  }
  return [];
}

function decodePage(page: Page, after: number, tellLost: (fact: LostFact) => void) {
  const records: SpoolRecord[] = [];
  let end = after;
  for (const { group, value } of page) {
    if (group.first > end + 1) tellLost({ first: end + 1, last: group.first - 1, reason: 'missing' });
    end = Math.max(end, group.first + group.count - 1);
    const decoded = decodeGroup(group.first, group.key, value);
    if (!decoded) tellLost({ first: group.first, last: group.first + group.count - 1, reason: 'corrupt' });
    else for (const record of decoded) if (record.seq > after) records.push(record);
  }
  return { records, end };
}
