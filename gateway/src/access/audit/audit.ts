import type { Clock } from '../../../../adapters/adapter.ts';
import type { Actor } from '../../domain/actor.ts';
import type { ChainedRecord } from '../../domain/audit-chain.ts';
import type { AuditFilter } from '../../domain/audit-rows.ts';
import { ExportInput, exportEntry, exporterName, exportMark } from '../../domain/export-mark.ts';
import { parseInput } from '../../domain/input.ts';
import { requireRight } from '../../domain/permission.ts';
import type { Transactor } from '../../domain/tx.ts';
import { GatewayError } from '../../errors.ts';
import { bilingual } from '../../messages/index.ts';
import { CONTENT_TYPES, type Format, type OutSheet, sheetBytes } from '../../sheets/write.ts';
import { type Finding, findingText } from './findings.ts';
import type { Keeper } from './keeper.ts';
import type { AuditStore } from './ports.ts';
import type { Verification } from './verify.ts';

export interface FindingView extends Finding {
  readonly text: string;
}

/** How far the proof reaches. Times in epoch milliseconds. */
export interface Integrity {
  readonly head: { readonly seq: number; readonly hash: string } | null;
  readonly anchors: {
    readonly lastAt: number | null;
    readonly lastSeq: number | null;
    /** Why the last one could not be written; null = it could. */
    readonly fault: string | null;
  };
  readonly running: { readonly startedAt: number; readonly checked: number; readonly of: number } | null;
  readonly last: (Omit<Verification, 'findings'> & { readonly findings: readonly FindingView[] }) | null;
}

/** The audit as auditors and administrators work with it; nobody changes anything here. */
export interface AuditService {
  list(actor: Actor, query: AuditFilter): Promise<{ items: ChainedRecord[]; nextCursor: string | null }>;
  get(actor: Actor, seq: number): Promise<ChainedRecord>;
  export(
    actor: Actor,
    query: { readonly purpose: string; readonly format: Format },
    filter: Omit<AuditFilter, 'limit' | 'cursor'>,
  ): Promise<{ readonly bytes: Uint8Array; readonly contentType: string }>;
  integrity(actor: Actor): Promise<Integrity>;
  /** Begins a check of everything; its outcome shows in {@link integrity}. */
  verify(actor: Actor): Promise<Integrity>;
}

const PAGE = 1_000;
/** Records in one file. */
const MOST = 100_000;
const HEADERS = [
  '编号',
  '时间',
  '操作者',
  '操作者标识',
  '来源地址',
  '操作',
  '对象类型',
  '对象',
  '原因',
  '修改前',
  '修改后',
  '哈希',
];

export function createAuditService(deps: {
  readonly db: Transactor;
  readonly audit: AuditStore;
  readonly keeper: Keeper;
  readonly clock: Clock;
  readonly timeZone: string;
  readonly localTime: (at: number) => string;
}): AuditService {
  const { db, audit, keeper, localTime } = deps;

  const integrity = async (): Promise<Integrity> => {
    const head = await audit.head(db.autocommit);
    const anchor = keeper.anchors.last;
    const last = keeper.lastVerification();
    return {
      head: head ? { seq: head.seq, hash: head.hash } : null,
      anchors: {
        lastAt: anchor ? Date.parse(anchor.at) : null,
        lastSeq: anchor?.seq ?? null,
        fault: keeper.fault(),
      },
      running: keeper.running() ?? null,
      last: last
        ? { ...last, findings: last.findings.map((finding) => ({ ...finding, text: findingText(finding) })) }
        : null,
    };
  };

  const rowOf = (record: ChainedRecord): string[] => [
    String(record.seq),
    localTime(record.at),
    record.actorName,
    record.actor,
    record.address ?? '',
    record.action,
    record.resource,
    record.resourceId ?? '',
    record.reason ?? '',
    record.before === null ? '' : JSON.stringify(record.before),
    record.after === null ? '' : JSON.stringify(record.after),
    record.hash,
  ];

  return {
    async list(actor, query) {
      requireRight(actor, 'audit', 'read');
      return audit.list(db.autocommit, query);
    },
    async get(actor, seq) {
      requireRight(actor, 'audit', 'read');
      const found = await audit.get(db.autocommit, seq);
      if (!found) throw new GatewayError('NOT_FOUND');
      return found;
    },
    async export(actor, { purpose, format }, filter) {
      requireRight(actor, 'audit', 'export');
      parseInput(ExportInput, { purpose });
      const rows: string[][] = [];
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const page = await audit.list(db.autocommit, { ...filter, limit: PAGE, ...(cursor ? { cursor } : {}) });
        for (const record of page.items) rows.push(rowOf(record));
        cursor = page.nextCursor;
        if (rows.length >= MOST && cursor !== null) {
          throw new GatewayError('UNPROCESSABLE', bilingual('audit.export.tooMany', { max: MOST }));
        }
      }
      const at = deps.clock.now();
      await audit.append(db.autocommit, [
        exportEntry(actor, { at, resource: 'audit', purpose, filter, rows: rows.length, format }),
      ]);
      const notes = exportMark({ user: exporterName(actor), at, purpose, rows: rows.length }, deps.timeZone);
      const sheet: OutSheet = { name: '审计记录', notes, columns: HEADERS.map((header) => ({ header })), rows };
      return { bytes: await sheetBytes([sheet], { format }), contentType: CONTENT_TYPES[format] };
    },
    async integrity(actor) {
      requireRight(actor, 'audit', 'read');
      return integrity();
    },
    async verify(actor) {
      requireRight(actor, 'audit', 'read');
      await audit.append(db.autocommit, [
        { at: deps.clock.now(), actor, action: 'verify', resource: 'audit', resourceId: null },
      ]);
      // Its failure is the gateway's stop or the database's absence, both told elsewhere; the next call begins anew.
      if (!keeper.running()) keeper.verify().catch(() => undefined);
      return integrity();
    },
  };
}
