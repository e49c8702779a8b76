import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import type { Clock } from '../../../../adapters/adapter.ts';
import type { AuditSigner } from '../../domain/audit-chain.ts';
import type { Transactor } from '../../domain/tx.ts';
import {
  type AnchorLine,
  appendLine,
  lineHash,
  listAnchorFiles,
  openAnchors,
  readLines,
  removeFile,
  signed,
} from './anchor-files.ts';
import type { AuditStore } from './ports.ts';

export interface Anchors {
  /** The newest anchor; undefined before the first. */
  readonly last: AnchorLine | undefined;
  /** Reads where the files end. */
  open(): Promise<void>;
  /** Writes the head down when it moved. Throws when the directory cannot be written. */
  write(): Promise<void>;
  /** Removes files whose day is older than this, the newest never. */
  purge(before: string): Promise<void>;
}

/** Writes the chain's head into files outside the database, each line chained to the one before. */
export function createAnchors(deps: {
  readonly db: Transactor;
  readonly audit: Pick<AuditStore, 'head' | 'firstSeq' | 'anchorSeries' | 'putAnchorSeries'>;
  readonly signer: AuditSigner;
  readonly directory: string;
  readonly clock: Clock;
  /** Local time of an instant, ISO 8601 with offset. */
  readonly localTime: (at: number) => string;
}): Anchors {
  const { db, audit, signer, directory, clock } = deps;
  let opened = false;
  let last: AnchorLine | undefined;
  let lastText = '';
  let lastFile = '';
  let firstN = 1;

  const open = async () => {
    const found = await openAnchors(directory);
    last = found?.line;
    lastText = found?.text ?? '';
    lastFile = found?.file ?? '';
    if (last) {
      const known = (await audit.anchorSeries(db.autocommit)).find(({ series }) => series === last?.series);
      firstN = known?.firstN ?? 1;
    }
    opened = true;
  };

  const remember = async (line: AnchorLine) => {
    await audit.putAnchorSeries(
      db.autocommit,
      signed(signer, {
        series: line.series,
        place: `${hostname()}:${resolve(directory)}`,
        firstN,
        n: line.n,
        lineHash: lineHash(lastText),
        at: Date.parse(line.at),
      }),
    );
  };

  return {
    get last() {
      return last;
    },
    open,
    async write() {
      if (!opened) await open();
      const head = await audit.head(db.autocommit);
      if (!head || head.seq === 0 || (head.seq === last?.seq && head.hash === last.hash)) return;
      const first = (await audit.firstSeq(db.autocommit)) ?? head.seq + 1;
      const now = clock.now();
      const line: AnchorLine = signed(signer, {
        v: 1 as const,
        series: last?.series ?? randomBytes(8).toString('hex'),
        n: (last?.n ?? 0) + 1,
        prev: last ? lineHash(lastText) : '0'.repeat(64),
        at: new Date(now).toISOString(),
        seq: head.seq,
        hash: head.hash,
        count: head.seq - first + 1,
      });
      const text = JSON.stringify(line);
      const today = `${deps.localTime(now).slice(0, 10)}.jsonl`;
      // A clock set back must not put a younger line into an older file.
      const file = today < lastFile ? lastFile : today;
      // Whether a failed write left something behind is only known by looking again.
      opened = false;
      await appendLine(directory, file, text);
      last = line;
      lastText = text;
      lastFile = file;
      opened = true;
      await remember(line);
    },
    async purge(before) {
      const files = (await listAnchorFiles(directory)).filter((file) => file.slice(0, 10) < before && file < lastFile);
      if (files.length === 0 || !last) return;
      const next = (await listAnchorFiles(directory)).find((file) => !files.includes(file));
      for await (const { value } of readLines(`${directory}/${next ?? lastFile}`)) {
        firstN = (value as AnchorLine | undefined)?.n ?? firstN;
        break;
      }
      // Said first: a file that is still there although it need not be is no gap.
      await remember(last);
      for (const file of files) await removeFile(directory, file);
    },
  };
}
