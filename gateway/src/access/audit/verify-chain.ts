import {
  type AuditSigner,
  type ChainedRecord,
  type ChainHead,
  contentHash,
  editedFields,
  GENESIS,
  headText,
  linkHash,
  purgeText,
} from '../../domain/audit-chain.ts';
import type { Findings } from './findings.ts';

/** A head as it once was, from an anchor file. */
export interface Anchor {
  readonly seq: number;
  readonly hash: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

export interface ChainSource {
  /** Records behind `after` with the head of the same moment. */
  read(after: number, limit: number): Promise<{ head: ChainHead | null; records: readonly ChainedRecord[] }>;
  /** Rows without a place. */
  unlinked(): Promise<number>;
}

/** What was gone through. */
export interface ChainExtent {
  readonly records: number;
  readonly firstSeq: number | null;
  readonly lastSeq: number;
  readonly head: ChainHead | null;
  /** Records up to here were removed by a signed purge. */
  readonly purgedThrough: number;
  readonly anchors: number;
}

const PAGE = 1_000;
/** Broken records compared with each other for an exchange of places. */
const SUSPECTS = 200;

interface Suspect {
  readonly record: ChainedRecord;
  readonly content: string;
}

/**
 * Walks the whole chain once, a page at a time, beside the anchors in their order. Trusts nothing but the hashes and the
 * key: whoever can write the database can make hashes fit again, and then fails at the head's signature or an anchor.
 */
export async function verifyChain(options: {
  readonly source: ChainSource;
  readonly signer: AuditSigner;
  readonly anchors: AsyncIterable<Anchor>;
  readonly findings: Findings;
  readonly onProgress?: (checked: number, of: number) => void;
  readonly signal?: AbortSignal;
}): Promise<ChainExtent> {
  const { source, signer, findings } = options;
  const suspects: Suspect[] = [];
  const anchors = createAnchorCheck(options.anchors, findings);
  let head: ChainHead | null = null;
  let first: ChainedRecord | undefined;
  let last: ChainedRecord | undefined;
  let lastIsSuspect = false;
  let purge = { throughSeq: 0, hash: GENESIS };
  let checked = 0;

  const look = (record: ChainedRecord) => {
    const content = contentHash(record);
    const expected = last ? last.seq + 1 : record.seq;
    if (record.seq > expected) findings.add({ kind: 'deleted', seq: expected, toSeq: record.seq - 1 });
    const sound = linkHash(record.seq, record.prevHash, content) === record.hash;
    if (!sound) {
      if (suspects.length < SUSPECTS) suspects.push({ record, content });
      else findings.add({ kind: 'edited', seq: record.seq, detail: editDetail(record, content) });
    } else if (last && record.seq === expected && !lastIsSuspect && record.prevHash !== last.hash) {
      findings.add({ kind: 'rewritten', seq: last.seq, detail: { found: last.hash, expected: record.prevHash } });
    }
    if (record.seq === 1 && record.prevHash !== GENESIS) findings.add({ kind: 'rewritten', seq: 1 });
    if (record.resource === 'audit' && record.actor === 'system') {
      if (record.action === 'purge') purge = latestPurge(record, purge, signer, findings);
      if (record.action === 'chainDoubt') {
        findings.add({ kind: 'doubt', seq: record.seq, detail: { reason: record.reason ?? '' } });
      }
    }
    lastIsSuspect = !sound;
    last = record;
    first ??= record;
    checked++;
  };

  for (;;) {
    options.signal?.throwIfAborted();
    const page = await source.read(last?.seq ?? 0, PAGE);
    head = page.head;
    for (const record of page.records) {
      look(record);
      await anchors.pass(record);
    }
    options.onProgress?.(checked, head?.seq ?? checked);
    // An anchor of a moment ago may know a record that came after the last page was read.
    if (page.records.length === 0 || (page.records.length < PAGE && (await anchors.within(last?.seq ?? 0)))) break;
  }

  tellSuspects(suspects, findings);
  const unlinked = await source.unlinked();
  if (unlinked > 0) findings.add({ kind: 'unlinked', detail: { count: unlinked } });
  tellBeginning(first, purge, findings);
  const lastSeq = last?.seq ?? purge.throughSeq;
  const truncatedTo = Math.max(head?.seq ?? 0, await anchors.rest(lastSeq, purge.throughSeq, source));
  if (truncatedTo > lastSeq) findings.add({ kind: 'truncated', seq: lastSeq + 1, toSeq: truncatedTo });
  tellHead(head, last, signer, findings);
  return {
    records: checked,
    firstSeq: first?.seq ?? null,
    lastSeq,
    head,
    purgedThrough: Math.min(purge.throughSeq, (first?.seq ?? purge.throughSeq + 1) - 1),
    anchors: anchors.count(),
  };
}

function latestPurge(
  record: ChainedRecord,
  known: { throughSeq: number; hash: string },
  signer: AuditSigner,
  findings: Findings,
) {
  const { throughSeq, hash, signature } = (record.after ?? {}) as Record<string, unknown>;
  const purge = { throughSeq: Number(throughSeq), hash: String(hash) };
  if (signer.check(purgeText(purge), String(signature)) !== 'valid') {
    findings.add({ kind: 'purgeForged', seq: record.seq });
    return known;
  }
  return purge.throughSeq > known.throughSeq ? purge : known;
}

/** The chain begins at 1, or behind what a signed purge removed. */
function tellBeginning(
  first: ChainedRecord | undefined,
  purge: { throughSeq: number; hash: string },
  findings: Findings,
): void {
  if (!first || first.seq === 1) return;
  if (purge.throughSeq < first.seq - 1) {
    findings.add({ kind: 'deleted', seq: purge.throughSeq + 1, toSeq: first.seq - 1 });
  } else if (purge.throughSeq === first.seq - 1 && purge.hash !== first.prevHash) {
    findings.add({ kind: 'rewritten', seq: first.seq });
  }
}

function tellHead(
  head: ChainHead | null,
  last: ChainedRecord | undefined,
  signer: AuditSigner,
  findings: Findings,
): void {
  if (!head) {
    findings.add({ kind: 'headMissing' });
    return;
  }
  const untouched = head.seq === 0 && head.hash === GENESIS && head.signature === '' && !last;
  const verdict = untouched ? 'valid' : signer.check(headText(head), head.signature);
  if (verdict === 'forged') findings.add({ kind: 'headForged', seq: head.seq });
  if (verdict === 'otherKey') findings.add({ kind: 'headOtherKey', seq: head.seq });
  if (last && (head.seq < last.seq || (head.seq === last.seq && head.hash !== last.hash))) {
    findings.add({ kind: 'headMismatch', seq: head.seq, toSeq: last.seq });
  }
}

/** A record that fits the place of another broken one was moved; any other was edited where it stands. */
function tellSuspects(suspects: readonly Suspect[], findings: Findings): void {
  for (const { record, content } of suspects) {
    const home = suspects.find(
      ({ record: other }) =>
        other.seq !== record.seq &&
        (linkHash(other.seq, record.prevHash, content) === record.hash ||
          linkHash(other.seq, other.prevHash, content) === other.hash),
    );
    if (home) findings.add({ kind: 'reordered', seq: record.seq, detail: { was: home.record.seq } });
    else findings.add({ kind: 'edited', seq: record.seq, detail: editDetail(record, content) });
  }
}

function editDetail(record: ChainedRecord, content: string): Record<string, string> {
  return {
    fields: editedFields(record).join(', ') || '?',
    expected: record.hash,
    found: linkHash(record.seq, record.prevHash, content),
  };
}

/** Compares records with the anchors as both pass by in the order of their places. */
function createAnchorCheck(anchors: AsyncIterable<Anchor>, findings: Findings) {
  const iterator = anchors[Symbol.asyncIterator]();
  /** Anchors from before the chain lost its end and grew again: looked up one by one. */
  const behind: Anchor[] = [];
  let next: Anchor | undefined;
  let over = false;
  let passed = 0;
  let count = 0;
  let mismatches = 0;

  const peek = async (): Promise<Anchor | undefined> => {
    while (!next && !over) {
      const { value, done } = await iterator.next();
      if (done) over = true;
      else {
        count++;
        if (value.seq > passed) next = value;
        else if (behind.length < 10_000) behind.push(value);
      }
    }
    return next;
  };
  const compare = (anchor: Anchor, record: ChainedRecord) => {
    if (anchor.hash === record.hash) return;
    // Every later anchor differs as well; the first one says since when.
    if (mismatches++ === 0) {
      findings.add({ kind: 'anchorMismatch', seq: record.seq, detail: { at: new Date(anchor.at).toISOString() } });
    }
  };

  return {
    count: () => count,
    async pass(record: ChainedRecord) {
      for (let anchor = await peek(); anchor && anchor.seq <= record.seq; anchor = await peek()) {
        if (anchor.seq === record.seq) compare(anchor, record);
        next = undefined;
      }
      passed = record.seq;
    },
    /** Whether every anchor read so far lies within the records. */
    within: async (lastSeq: number) => ((await peek())?.seq ?? 0) <= lastSeq,
    /** Goes through what is left; answers the furthest place an anchor knows. */
    async rest(lastSeq: number, purgedThrough: number, source: ChainSource): Promise<number> {
      let furthest = 0;
      for (let anchor = await peek(); anchor; anchor = await peek()) {
        furthest = Math.max(furthest, anchor.seq);
        next = undefined;
      }
      for (const anchor of behind) {
        if (anchor.seq <= purgedThrough || anchor.seq > lastSeq || mismatches > 0) continue;
        const [record] = (await source.read(anchor.seq - 1, 1)).records;
        if (record?.seq === anchor.seq) compare(anchor, record);
      }
      return furthest;
    },
  };
}
