import type { Actor } from '../domain/actor.ts';
import { ExportInput, exportEntry, exporterName, exportMark } from '../domain/export-mark.ts';
import { parseInput } from '../domain/input.ts';
import { requireRight } from '../domain/permission.ts';
import { DAILY_SECTIONS } from '../domain/report-rows.ts';
import { createZonedTime } from '../domain/zoned-time.ts';
import { type Language, text } from '../messages/index.ts';
import { CONTENT_TYPES, type OutCell, type OutSheet, sheetBytes } from '../sheets/write.ts';
import type { Availability, AvailabilityQuery } from './availability.ts';
import type { ReportsContext } from './context.ts';
import { type Daily, MOST_LINES } from './daily.ts';
import type { PeriodFigures, Periodic, PeriodKind, PeriodRow } from './periodic.ts';
import { AVAILABILITY_COLUMNS, cellsOf, DAILY_COLUMNS, headersOf, rate, TICKET_COLUMNS } from './sheet-words.ts';
import type { TicketFiguresPart, TicketsQuery } from './ticket-figures.ts';

export interface ReportFile {
  readonly bytes: Uint8Array;
  readonly contentType: string;
  /** Without extension: what and of when, in ASCII and in the reader's language. */
  readonly name: string;
  readonly title: string;
}

const ALL = 100_000;

/** Reports as XLSX that say who took them and what for; each is in the audit before its first byte leaves. */
export function createReportFiles(
  context: ReportsContext,
  parts: {
    readonly availability: Availability;
    readonly tickets: TicketFiguresPart;
    readonly daily: Daily;
    readonly periodic: Periodic;
  },
) {
  const { clock, transactor, audit, timeZone } = context;
  const time = createZonedTime(timeZone);
  const moment = (at: number | undefined): OutCell => (at === undefined ? '' : time(at).slice(0, 16).replace('T', ' '));

  const hand = async (
    actor: Actor,
    purpose: string,
    what: {
      readonly resourceId: string;
      readonly filter: unknown;
      /** Of the file, without its period. */
      readonly title: string;
      /** Days or months it speaks of, as they stand in the name. */
      readonly period: readonly string[];
    },
    sheets: readonly (OutSheet & { readonly rows: readonly (readonly OutCell[])[] })[],
  ): Promise<ReportFile> => {
    const at = clock.now();
    const rows = sheets.reduce((sum, sheet) => sum + sheet.rows.length, 0);
    const format = 'xlsx';
    const { resourceId, filter, title, period } = what;
    await audit.append(transactor.autocommit, [
      exportEntry(actor, { at, resource: 'reports', resourceId, filter, purpose, rows, format }),
    ]);
    const notes = exportMark({ user: exporterName(actor), at, purpose, rows }, timeZone);
    const marked = sheets.map((sheet) => ({ ...sheet, notes: [...notes, ...(sheet.notes ?? [])] }));
    const days = [...new Set(period)].join('_');
    return {
      bytes: await sheetBytes(marked, { format }),
      contentType: CONTENT_TYPES[format],
      name: `${resourceId}-${days}`,
      title: `${title}-${days}`,
    };
  };

  const check = (actor: Actor, purpose: string) => {
    requireRight(actor, 'reports', 'read');
    requireRight(actor, 'reports', 'export');
    parseInput(ExportInput, { purpose });
  };

  const sheet = (
    name: string,
    headers: readonly string[],
    rows: readonly (readonly OutCell[])[],
    notes: readonly string[] = [],
  ) => ({ name, notes, columns: headers.map((header) => ({ header })), rows });

  const span = ({ from, to }: { readonly from: string; readonly to: string }, language: Language) =>
    text(language, 'report.file.span', { from, to });

  return {
    async availabilityFile(
      actor: Actor,
      { purpose, ...query }: AvailabilityQuery & { readonly purpose: string },
      language: Language,
    ) {
      check(actor, purpose);
      const report = await parts.availability.report(actor, { ...query, limit: ALL }, language);
      const rows = [
        ...report.items.map((row): OutCell[] => [row.name, row.key ?? '', ...cellsOf(AVAILABILITY_COLUMNS, row)]),
        [text(language, 'report.file.total'), '', ...cellsOf(AVAILABILITY_COLUMNS, report.total)],
      ];
      const headers = [text(language, `report.by.${query.by}`), text(language, 'report.file.id')];
      const notes = [span(report, language), ...report.rules];
      const title = text(language, 'report.file.availability');
      return hand(
        actor,
        purpose,
        { resourceId: 'availability', filter: query, title, period: [report.from, report.to] },
        [
          sheet(
            text(language, 'report.sheet.figures'),
            [...headers, ...headersOf(AVAILABILITY_COLUMNS, language)],
            rows,
            notes,
          ),
        ],
      );
    },

    async ticketsFile(
      actor: Actor,
      { purpose, ...query }: TicketsQuery & { readonly purpose: string },
      language: Language,
    ) {
      check(actor, purpose);
      const report = await parts.tickets.report(actor, { ...query, limit: ALL }, language);
      const rows = [
        ...report.items.map((row): OutCell[] => [row.name, row.key ?? '', ...cellsOf(TICKET_COLUMNS, row)]),
        [text(language, 'report.file.total'), '', ...cellsOf(TICKET_COLUMNS, report.total)],
      ];
      const headers = [text(language, `report.by.${query.by}`), text(language, 'report.file.id')];
      const notes = [span(report, language), ...report.rules];
      const title = text(language, 'report.file.tickets');
      return hand(actor, purpose, { resourceId: 'tickets', filter: query, title, period: [report.from, report.to] }, [
        sheet(
          text(language, 'report.sheet.tickets'),
          [...headers, ...headersOf(TICKET_COLUMNS, language)],
          rows,
          notes,
        ),
      ]);
    },

    async dailyFile(
      actor: Actor,
      { purpose, date }: { readonly purpose: string; readonly date?: string },
      language: Language,
    ) {
      check(actor, purpose);
      const source = await parts.daily.open(actor, date);
      const report = await parts.daily.show(source, language);
      const totals = [...report.modules, { name: text(language, 'report.file.total'), ...report.totals }].map(
        (row): OutCell[] => [row.name, row.total, row.online, row.offline, row.degraded, row.neverSeen, row.suspended],
      );
      const headers = text(language, 'report.file.totals').split('|');
      const made = text(language, 'report.file.made', { date: report.date, at: String(moment(report.madeAt)) });
      const names = new Map(report.modules.map(({ key, name }) => [key, name]));
      const sheets = [sheet(text(language, 'report.sheet.totals'), headers, totals, [made, ...report.rules])];
      for (const section of DAILY_SECTIONS) {
        const items = await source.lines(section, 0, MOST_LINES);
        const columns = DAILY_COLUMNS[section];
        const rows = items.map((item) =>
          cellsOf(columns, { item, module: names.get(item.module) ?? item.module ?? '', language, moment }),
        );
        sheets.push(sheet(text(language, `report.section.${section}`), headersOf(columns, language), rows));
      }
      const title = text(language, 'report.kind.daily');
      return hand(
        actor,
        purpose,
        { resourceId: 'daily', filter: { date: report.date }, title, period: [report.date] },
        sheets,
      );
    },

    async periodicFile(
      actor: Actor,
      { purpose, ...query }: { readonly purpose: string; readonly kind: PeriodKind; readonly period?: string },
      language: Language,
    ) {
      check(actor, purpose);
      const report = await parts.periodic.report(actor, query, language);
      const sides: readonly PeriodFigures[] = [report.now, report.before];
      const figures = sides.map((side): OutCell[] => [
        span(side, language),
        ...cellsOf(AVAILABILITY_COLUMNS, side.availability),
        ...cellsOf(TICKET_COLUMNS, side.tickets),
      ]);
      const both = [...headersOf(AVAILABILITY_COLUMNS, language), ...headersOf(TICKET_COLUMNS, language)];
      const table = (name: string, rows: readonly PeriodRow[]) =>
        sheet(
          name,
          [text(language, 'report.file.rank'), name, ...text(language, 'report.file.before').split('|'), ...both],
          rows.map((row) => [
            row.rank ?? '',
            row.name,
            row.key ?? '',
            rate(row.before?.onlineRate ?? null),
            ...cellsOf(AVAILABILITY_COLUMNS, row),
            ...(row.tickets ? cellsOf(TICKET_COLUMNS, row.tickets) : TICKET_COLUMNS.map(() => '')),
          ]),
        );
      const title = text(language, `report.kind.${query.kind}`);
      const { from, to } = report.now;
      return hand(actor, purpose, { resourceId: query.kind, filter: query, title, period: [from, to] }, [
        sheet(title, [text(language, 'report.file.period'), ...both], figures, report.rules),
        table(text(language, 'report.by.module'), report.modules),
        table(text(language, 'report.by.vendor'), report.vendors),
        table(text(language, 'report.by.unit'), report.units),
        table(text(language, 'report.file.orgs'), report.orgs),
      ]);
    },
  };
}
