import type { Actor } from '../domain/actor.ts';
import { ExportInput, exportEntry, exporterName, exportMark } from '../domain/export-mark.ts';
import { parseInput } from '../domain/input.ts';
import { requireRight } from '../domain/permission.ts';
import type { TicketFilter } from '../domain/ticket-rows.ts';
import { createZonedTime } from '../domain/zoned-time.ts';
import { GatewayError } from '../errors.ts';
import { bilingual, type Language, text } from '../messages/index.ts';
import { CONTENT_TYPES, type Encoding, type Format, type OutCell, writeSheets } from '../sheets/write.ts';
import type { Desk } from './desk.ts';
import { stageText, type TicketDetails } from './read.ts';

/** More than that is no table for people; the list of the API has no such end. */
const MAX_EXPORT = 100_000;
const PAGE = 200;
const HOUR_S = 3_600;

export interface TicketExportQuery {
  readonly filter: TicketFilter;
  readonly purpose: string;
  readonly format: Format;
  /** Of CSV. */
  readonly encoding: Encoding;
}

export interface TicketExport {
  readonly name: string;
  readonly contentType: string;
  /** Made while it is read; one page of tickets in memory. */
  readonly chunks: AsyncGenerator<Uint8Array>;
}

/** The tickets of a list as a table in the reader's language. The audit entry comes before the first byte. */
export function createTicketExport(desk: Desk) {
  const { store, directory, transactor, audit, clock, timeZone } = desk.options;
  const zoned = createZonedTime(timeZone);
  const moment = (at: number | null): string => (at === null ? '' : zoned(at).slice(0, 16).replace('T', ' '));

  async function* pages(
    actor: Actor,
    { filter }: TicketExportQuery,
    language: Language,
    now: number,
  ): AsyncGenerator<OutCell[]> {
    const tx = transactor.autocommit;
    for (let after: { openedAt: number; id: string } | null = null; ; ) {
      const found = await store.list(tx, desk.view(actor), filter, { limit: PAGE, after, now });
      const tickets = await desk.read(tx, found, language);
      const used = (of: 'siteId' | 'module') => [...new Set(tickets.flatMap((ticket) => ticket[of] ?? []))];
      const places = {
        sites: await directory.siteNames(tx, used('siteId')),
        modules: await store.moduleNames(tx, used('module'), language),
      };
      for (const ticket of tickets) yield cellsOf(ticket, places, language, moment);
      const last = found.at(-1)?.ticket;
      if (!last || found.length < PAGE) return;
      after = { openedAt: last.openedAt, id: last.id };
    }
  }

  return async (actor: Actor, query: TicketExportQuery, language: Language = 'zh-CN'): Promise<TicketExport> => {
    requireRight(actor, 'tickets', 'read');
    requireRight(actor, 'tickets', 'export');
    const { purpose } = parseInput(ExportInput, { purpose: query.purpose });
    const { filter, format } = query;
    const at = clock.now();
    const rows = await store.count(transactor.autocommit, desk.view(actor), filter, at, MAX_EXPORT);
    if (rows === null) throw new GatewayError('PAYLOAD_TOO_LARGE', bilingual('ticket.file.rows', { max: MAX_EXPORT }));
    const entry = exportEntry(actor, { at, resource: 'tickets', purpose, filter, rows, format });
    await transactor.transaction((tx) => audit.append(tx, [entry]));
    const sheet = {
      name: text(language, 'ticket.file.sheet'),
      notes: exportMark({ user: exporterName(actor), at, purpose, rows }, timeZone),
      columns: text(language, 'ticket.file.columns')
        .split('|')
        .map((header) => ({ header })),
      rows: pages(actor, query, language, at),
    };
    const contentType = format === 'csv' ? `${CONTENT_TYPES.csv}; charset=${query.encoding}` : CONTENT_TYPES.xlsx;
    return { name: `tickets.${format}`, contentType, chunks: writeSheets([sheet], query) };
  };
}

/** In the order of `ticket.file.columns`. */
function cellsOf(
  ticket: TicketDetails,
  { sites, modules }: { readonly sites: ReadonlyMap<string, string>; readonly modules: ReadonlyMap<string, string> },
  language: Language,
  moment: (at: number | null) => string,
): OutCell[] {
  const named = (id: string | null) => (id === null ? '' : (ticket.names?.[id] ?? id));
  const { title, fault, faultText, priority, stage, siteId, module, dueAt, suspendedUntil, overdueSeconds } = ticket;
  const due =
    stage === 'suspended' ? text(language, 'ticket.file.paused', { until: moment(suspendedUntil) }) : moment(dueAt);
  return [
    ticket.no,
    begun(text(language, `ticket.priority.${priority}`)),
    begun(stageText(language, stage)),
    title ?? begun(faultText ?? fault),
    devicesOf(ticket, named, language),
    siteId === null ? '' : (sites.get(siteId) ?? siteId),
    module === null ? '' : (modules.get(module) ?? module),
    due,
    overdueSeconds > 0 ? Math.round((overdueSeconds / HOUR_S) * 10) / 10 : '',
    named(ticket.assigneeId ?? ticket.handlerOrgId),
    moment(ticket.openedAt),
    begun(text(language, `ticket.kind.${ticket.kind}`)),
  ];
}

/** By name; of a group the first of them and how many there are. */
function devicesOf(
  { deviceIds, deviceCount }: TicketDetails,
  named: (id: string) => string,
  language: Language,
): string {
  const names = deviceIds.map(named).join(language === 'en' ? ', ' : '、');
  return deviceCount > deviceIds.length ? text(language, 'ticket.file.devices', { names, n: deviceCount }) : names;
}

/** As it stands in a cell of its own. */
const begun = (words: string): string => words.slice(0, 1).toUpperCase() + words.slice(1);
