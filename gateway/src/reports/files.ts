import type { Actor } from '../domain/actor.ts';
import type { AvailabilityFigures } from '../domain/availability.ts';
import { ExportInput, exportEntry, exporterName, exportMark } from '../domain/export-mark.ts';
import { parseInput } from '../domain/input.ts';
import { requireRight } from '../domain/permission.ts';
import { DAILY_SECTIONS, type DailyItem, type DailySection } from '../domain/report-rows.ts';
import { createZonedTime } from '../domain/zoned-time.ts';
import { codeText, type Language, text, textOr } from '../messages/index.ts';
import { CONTENT_TYPES, type OutCell, type OutSheet, sheetBytes } from '../sheets/write.ts';
import type { Availability, AvailabilityQuery } from './availability.ts';
import type { ReportsContext } from './context.ts';
import { type Daily, MOST_LINES } from './daily.ts';
import type { PeriodFigures, Periodic, PeriodKind, PeriodRow } from './periodic.ts';
import type { TicketFigures, TicketFiguresPart, TicketsQuery } from './ticket-figures.ts';
import { hours, percentNumber } from './words.ts';

export interface ReportFile {
  readonly bytes: Uint8Array;
  readonly contentType: string;
}

const ALL = 100_000;
const rate = (value: number | null): OutCell => (value === null ? '' : percentNumber(value));
const hour = (value: number | null): OutCell => (value === null ? '' : hours(value));
/** Files of the street are Chinese, like its paper. */
const ZH: Language = 'zh-CN';

const AVAILABILITY_HEADERS = [
  ...['在线率(%)', '完好率(%)', '应在线(小时)', '在线(小时)', '完好(小时)', '离线(小时)', '其中从未上报(小时)'],
  ...['其中停用(小时)', '数据未更新(小时)', '剔除：计划维护(小时)', '剔除：平台中断(小时)', '设备·天'],
];
const availabilityCells = (row: AvailabilityFigures & { readonly deviceDays: number }): OutCell[] => [
  rate(row.onlineRate),
  rate(row.fitRate),
  hour(row.expectedMs),
  hour(row.onlineMs),
  hour(row.fitMs),
  hour(row.offlineMs),
  hour(row.neverSeenMs),
  hour(row.suspendedMs),
  hour(row.staleMs),
  hour(row.maintenanceMs),
  hour(row.blindMs),
  row.deviceDays,
];

const TICKET_HEADERS = [
  ...['新增', '结案', '误报', '作废', '自恢复', '在办', '超时', '平均修复时长(小时)', '修复时长中位数(小时)'],
  ...['平均修复时长(工作小时)', '发现至转核查(小时)', '重开率(%)', '误报率(%)', '自恢复占比(%)', '按时率(%)'],
];
const ticketCells = (row: TicketFigures): OutCell[] => [
  row.opened,
  row.closed,
  row.falseAlarms,
  row.cancelled,
  row.selfRecovered,
  row.open,
  row.overdue,
  hour(row.mttrMs),
  hour(row.mttrMedianMs),
  hour(row.mttrWorkingMs),
  hour(row.repairMs),
  rate(row.reopenRate),
  rate(row.falseAlarmRate),
  rate(row.selfRecoveryShare),
  rate(row.onTimeRate),
];

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
    what: { readonly resourceId: string; readonly filter: unknown },
    sheets: readonly (OutSheet & { readonly rows: readonly (readonly OutCell[])[] })[],
  ): Promise<ReportFile> => {
    const at = clock.now();
    const rows = sheets.reduce((sum, sheet) => sum + sheet.rows.length, 0);
    const format = 'xlsx';
    await audit.append(transactor.autocommit, [
      exportEntry(actor, { at, resource: 'reports', ...what, purpose, rows, format }),
    ]);
    const notes = exportMark({ user: exporterName(actor), at, purpose, rows }, timeZone);
    const marked = sheets.map((sheet) => ({ ...sheet, notes: [...notes, ...(sheet.notes ?? [])] }));
    return { bytes: await sheetBytes(marked, { format }), contentType: CONTENT_TYPES[format] };
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

  return {
    async availabilityFile(actor: Actor, { purpose, ...query }: AvailabilityQuery & { readonly purpose: string }) {
      check(actor, purpose);
      const report = await parts.availability.report(actor, { ...query, limit: ALL }, ZH);
      const rows = [
        ...report.items.map((row): OutCell[] => [row.name, row.key ?? '', ...availabilityCells(row)]),
        ['合计', '', ...availabilityCells(report.total)],
      ];
      const headers = [text(ZH, `report.by.${query.by}`), '编号', ...AVAILABILITY_HEADERS];
      const notes = [`${report.from} 至 ${report.to}`, ...report.rules];
      return hand(actor, purpose, { resourceId: 'availability', filter: query }, [
        sheet(text(ZH, 'report.sheet.figures'), headers, rows, notes),
      ]);
    },

    async ticketsFile(actor: Actor, { purpose, ...query }: TicketsQuery & { readonly purpose: string }) {
      check(actor, purpose);
      const report = await parts.tickets.report(actor, { ...query, limit: ALL }, ZH);
      const rows = [
        ...report.items.map((row): OutCell[] => [row.name, row.key ?? '', ...ticketCells(row)]),
        ['合计', '', ...ticketCells(report.total)],
      ];
      const headers = [text(ZH, `report.by.${query.by}`), '编号', ...TICKET_HEADERS];
      const notes = [`${report.from} 至 ${report.to}`, ...report.rules];
      return hand(actor, purpose, { resourceId: 'tickets', filter: query }, [
        sheet(text(ZH, 'report.sheet.tickets'), headers, rows, notes),
      ]);
    },

    async dailyFile(actor: Actor, { purpose, date }: { readonly purpose: string; readonly date?: string }) {
      check(actor, purpose);
      const query = date === undefined ? {} : { date };
      const report = await parts.daily.report(actor, query, ZH);
      const day = context.calendar.parse(report.date) ?? 0;
      const totals = [...report.modules, { name: '合计', ...report.totals }].map((row): OutCell[] => [
        row.name,
        row.total,
        row.online,
        row.offline,
        row.degraded,
        row.neverSeen,
        row.suspended,
      ]);
      const headers = ['模块', '在管', '在线', '离线', '异常', '从未上报', '停用'];
      const head = [`${report.date} 巡检日报，生成于 ${String(moment(report.madeAt))}`, ...report.rules];
      const names = new Map(report.modules.map(({ key, name }) => [key, name]));
      const named = (item: DailyItem) => ({ ...item, module: names.get(item.module) ?? item.module });
      const sheets = [sheet(text(ZH, 'report.sheet.totals'), headers, totals, head)];
      for (const section of DAILY_SECTIONS) {
        const items = await parts.daily.lines(actor, day, section, 0, MOST_LINES);
        const columns = COLUMNS[section];
        const rows = items.map((item) => columns.map((name) => CELLS[name](named(item), moment)));
        sheets.push(sheet(text(ZH, `report.section.${section}`), columns, rows));
      }
      return hand(actor, purpose, { resourceId: 'daily', filter: { date: report.date } }, sheets);
    },

    async periodicFile(
      actor: Actor,
      { purpose, ...query }: { readonly purpose: string; readonly kind: PeriodKind; readonly period?: string },
    ) {
      check(actor, purpose);
      const report = await parts.periodic.report(actor, query, ZH);
      const sides: readonly PeriodFigures[] = [report.now, report.before];
      const figures = sides.map(({ from, to, availability, tickets }): OutCell[] => [
        `${from} 至 ${to}`,
        ...availabilityCells(availability),
        ...ticketCells(tickets),
      ]);
      const table = (name: string, rows: readonly PeriodRow[]) =>
        sheet(
          name,
          ['名次', name, '编号', '上期在线率(%)', ...AVAILABILITY_HEADERS, ...TICKET_HEADERS],
          rows.map((row) => [
            row.rank ?? '',
            row.name,
            row.key ?? '',
            rate(row.before?.onlineRate ?? null),
            ...availabilityCells(row),
            ...(row.tickets ? ticketCells(row.tickets) : TICKET_HEADERS.map(() => '')),
          ]),
        );
      return hand(actor, purpose, { resourceId: query.kind, filter: query }, [
        sheet(
          text(ZH, `report.kind.${query.kind}`),
          ['期间', ...AVAILABILITY_HEADERS, ...TICKET_HEADERS],
          figures,
          report.rules,
        ),
        table(text(ZH, 'report.by.module'), report.modules),
        table(text(ZH, 'report.by.vendor'), report.vendors),
        table(text(ZH, 'report.by.unit'), report.units),
        table('居民区', report.orgs),
      ]);
    },
  };
}

type Column =
  | '模块'
  | '居民区'
  | '点位'
  | '设备'
  | '编号'
  | '维保单位'
  | '原因'
  | '开始'
  | '恢复'
  | '工单号'
  | '阶段'
  | '应完成'
  | '任务';

const CELLS: Readonly<Record<Column, (item: DailyItem, moment: (at: number | undefined) => OutCell) => OutCell>> = {
  模块: ({ module }) => module ?? '',
  居民区: ({ content }) => content.orgName ?? '',
  点位: ({ content }) => content.siteName ?? '',
  设备: ({ content }) => content.name ?? '',
  编号: ({ content }) => content.deviceId ?? '',
  维保单位: ({ content }) => content.unitName ?? '',
  原因: ({ content }) => codeText(ZH, content.reason ?? content.fault ?? ''),
  开始: ({ content }, moment) => moment(content.since),
  恢复: ({ content }, moment) => moment(content.until),
  工单号: ({ content }) => content.ticketNo ?? '',
  阶段: ({ content }) => textOr(ZH, `ticket.stage.${content.stage ?? ''}`, content.stage ?? ''),
  应完成: ({ content }, moment) => moment(content.dueAt),
  任务: ({ content }) => content.task ?? '',
};

const OF_DEVICE: readonly Column[] = ['模块', '居民区', '点位', '设备', '编号', '维保单位', '原因', '开始'];
const COLUMNS: Readonly<Record<DailySection, readonly Column[]>> = {
  newOffline: OF_DEVICE,
  longOffline: OF_DEVICE,
  noStream: OF_DEVICE,
  stale: OF_DEVICE,
  recovered: ['模块', '居民区', '点位', '设备', '编号', '维保单位', '开始', '恢复'],
  overdueTickets: ['模块', '居民区', '点位', '设备', '工单号', '维保单位', '原因', '阶段', '应完成'],
  missedInspections: ['模块', '居民区', '任务'],
};
