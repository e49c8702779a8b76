import type { AvailabilityFigures } from '../domain/availability.ts';
import type { DailyItem, DailySection } from '../domain/report-rows.ts';
import { codeText, type Language, textOr } from '../messages/index.ts';
import type { OutCell } from '../sheets/write.ts';
import type { TicketFigures } from './ticket-figures.ts';
import { hours, percentNumber } from './words.ts';

/** A column of a workbook: its header in Chinese and English, and what stands in it. */
interface SheetColumn<T> {
  readonly zh: string;
  readonly en: string;
  readonly cell: (row: T) => OutCell;
}

export const rate = (value: number | null): OutCell => (value === null ? '' : percentNumber(value));
const hour = (value: number | null): OutCell => (value === null ? '' : hours(value));

export const AVAILABILITY_COLUMNS: readonly SheetColumn<AvailabilityFigures & { readonly deviceDays: number }>[] = [
  { zh: '在线率(%)', en: 'Online rate (%)', cell: (row) => rate(row.onlineRate) },
  { zh: '完好率(%)', en: 'Good rate (%)', cell: (row) => rate(row.fitRate) },
  { zh: '应在线(小时)', en: 'Expected (h)', cell: (row) => hour(row.expectedMs) },
  { zh: '在线(小时)', en: 'Online (h)', cell: (row) => hour(row.onlineMs) },
  { zh: '完好(小时)', en: 'Good (h)', cell: (row) => hour(row.fitMs) },
  { zh: '离线(小时)', en: 'Offline (h)', cell: (row) => hour(row.offlineMs) },
  { zh: '其中从未上报(小时)', en: 'of it never seen (h)', cell: (row) => hour(row.neverSeenMs) },
  { zh: '其中停用(小时)', en: 'of it suspended (h)', cell: (row) => hour(row.suspendedMs) },
  { zh: '数据未更新(小时)', en: 'Data not updated (h)', cell: (row) => hour(row.staleMs) },
  { zh: '剔除：计划维护(小时)', en: 'Left out: maintenance (h)', cell: (row) => hour(row.maintenanceMs) },
  { zh: '剔除：平台中断(小时)', en: 'Left out: platform down (h)', cell: (row) => hour(row.blindMs) },
  { zh: '设备·天', en: 'Device days', cell: (row) => row.deviceDays },
];

/** What is open is counted when the file is made, whatever its period: the header says so. */
export const TICKET_COLUMNS: readonly SheetColumn<TicketFigures>[] = [
  { zh: '立案', en: 'Opened', cell: (row) => row.opened },
  { zh: '结案', en: 'Closed', cell: (row) => row.closed },
  { zh: '误报', en: 'False alarms', cell: (row) => row.falseAlarms },
  { zh: '作废', en: 'Cancelled', cell: (row) => row.cancelled },
  { zh: '自恢复', en: 'Recovered by itself', cell: (row) => row.selfRecovered },
  { zh: '目前在办', en: 'Open now', cell: (row) => row.open },
  { zh: '目前超时', en: 'Overdue now', cell: (row) => row.overdue },
  { zh: '平均修复时长(小时)', en: 'Mean time to repair (h)', cell: (row) => hour(row.mttrMs) },
  { zh: '修复时长中位数(小时)', en: 'Median time to repair (h)', cell: (row) => hour(row.mttrMedianMs) },
  { zh: '平均修复时长(工作小时)', en: 'Mean time to repair (working h)', cell: (row) => hour(row.mttrWorkingMs) },
  { zh: '发现至转核查(小时)', en: 'Found to verification (h)', cell: (row) => hour(row.repairMs) },
  { zh: '重开率(%)', en: 'Re-open rate (%)', cell: (row) => rate(row.reopenRate) },
  { zh: '误报率(%)', en: 'False-alarm rate (%)', cell: (row) => rate(row.falseAlarmRate) },
  { zh: '自恢复占比(%)', en: 'Share recovered by itself (%)', cell: (row) => rate(row.selfRecoveryShare) },
  { zh: '按时率(%)', en: 'On-time rate (%)', cell: (row) => rate(row.onTimeRate) },
];

export const headersOf = (columns: readonly SheetColumn<never>[], language: Language): readonly string[] =>
  columns.map((column) => (language === 'en' ? column.en : column.zh));

export const cellsOf = <T>(columns: readonly SheetColumn<T>[], row: T): OutCell[] =>
  columns.map(({ cell }) => cell(row));

/** A line of a daily report on its way into a file. */
export interface DailyLine {
  readonly item: DailyItem;
  readonly module: string;
  readonly language: Language;
  /** Local time of a moment; empty when there is none. */
  readonly moment: (at: number | undefined) => OutCell;
}

const DAILY = {
  module: { zh: '模块', en: 'Module', cell: ({ module }) => module },
  org: { zh: '居民区', en: 'Neighbourhood', cell: ({ item }) => item.content.orgName ?? '' },
  site: { zh: '点位', en: 'Site', cell: ({ item }) => item.content.siteName ?? '' },
  device: { zh: '设备', en: 'Device', cell: ({ item }) => item.content.name ?? '' },
  id: { zh: '编号', en: 'Id', cell: ({ item }) => item.content.deviceId ?? '' },
  unit: { zh: '维保单位', en: 'Maintenance unit', cell: ({ item }) => item.content.unitName ?? '' },
  reason: {
    zh: '原因',
    en: 'Reason',
    cell: ({ item, language }) => codeText(language, item.content.reason ?? item.content.fault ?? ''),
  },
  since: { zh: '开始', en: 'Since', cell: ({ item, moment }) => moment(item.content.since) },
  until: { zh: '恢复', en: 'Back at', cell: ({ item, moment }) => moment(item.content.until) },
  ticket: { zh: '工单号', en: 'Ticket', cell: ({ item }) => item.content.ticketNo ?? '' },
  stage: {
    zh: '阶段',
    en: 'Stage',
    cell: ({ item: { content }, language }) =>
      textOr(language, `ticket.stage.${content.stage ?? ''}`, content.stage ?? ''),
  },
  due: { zh: '应完成', en: 'Due', cell: ({ item, moment }) => moment(item.content.dueAt) },
  task: { zh: '任务', en: 'Task', cell: ({ item }) => item.content.task ?? '' },
} as const satisfies Readonly<Record<string, SheetColumn<DailyLine>>>;

const PLACE = [DAILY.module, DAILY.org, DAILY.site, DAILY.device];
const OF_DEVICE = [...PLACE, DAILY.id, DAILY.unit, DAILY.reason, DAILY.since];

export const DAILY_COLUMNS: Readonly<Record<DailySection, readonly SheetColumn<DailyLine>[]>> = {
  newOffline: OF_DEVICE,
  longOffline: OF_DEVICE,
  noStream: OF_DEVICE,
  stale: OF_DEVICE,
  recovered: [...PLACE, DAILY.id, DAILY.unit, DAILY.since, DAILY.until],
  overdueTickets: [...PLACE, DAILY.ticket, DAILY.unit, DAILY.reason, DAILY.stage, DAILY.due],
  missedInspections: [DAILY.module, DAILY.org, DAILY.task],
};
