import type { Actor } from '../domain/actor.ts';
import { ExportInput, exportEntry, exporterName, exportMark } from '../domain/export-mark.ts';
import { parseInput } from '../domain/input.ts';
import type { CampaignItem } from '../domain/inspection-rows.ts';
import { requireRight } from '../domain/permission.ts';
import { createZonedTime } from '../domain/zoned-time.ts';
import { GatewayError } from '../errors.ts';
import { text, textOr } from '../messages/index.ts';
import { CONTENT_TYPES, type OutCell, sheetBytes } from '../sheets/write.ts';
import type { InspectionContext } from './context.ts';

const MOST = 100_000;

/** A campaign as a workbook: what each committee answered, every item; within the reader's reach. */
export function createCampaignFile({ store, transactor, audit, clock, timeZone, calendar }: InspectionContext) {
  const time = createZonedTime(timeZone);
  const moment = (at: number | null): OutCell => (at === null ? '' : time(at).slice(0, 16).replace('T', ' '));

  return async (actor: Actor, id: string, purpose: string) => {
    requireRight(actor, 'inspections', 'export');
    parseInput(ExportInput, { purpose });
    const tx = transactor.autocommit;
    const campaign = await store.campaign(tx, actor.scope, id, false);
    if (!campaign) throw new GatewayError('NOT_FOUND');
    const sheets = await store.sheets(tx, actor.scope, id, null);
    const items = await store.campaignItems(tx, actor.scope, id, { orgId: null, result: null, after: 0, limit: MOST });
    const known = await store.campaignNames(tx, id);
    const named = (one: string | null) => (one === null ? '' : (known.get(one) ?? one));
    const at = clock.now();
    await audit.append(tx, [
      exportEntry(actor, {
        at,
        resource: 'inspections',
        resourceId: id,
        purpose,
        filter: {},
        rows: items.length,
        format: 'xlsx',
      }),
    ]);
    const month = calendar.text(campaign.month).slice(0, 7);
    const state =
      campaign.sealedAt === null
        ? '未封存'
        : `已封存：${String(moment(campaign.sealedAt))}（${named(campaign.sealedBy)}）${campaign.sealNote === null ? '' : `，${campaign.sealNote}`}`;
    const notes = [
      ...exportMark({ user: exporterName(actor), at, purpose, rows: items.length }, timeZone),
      `${campaign.name}，${month}，${state}`,
    ];
    const names = new Map(sheets.map(({ orgId, orgName }) => [orgId, orgName]));
    const summary = sheets.map((sheet): OutCell[] => [
      ...[sheet.orgName, text('zh-CN', `campaign.state.${sheet.state}`)],
      ...[sheet.expected, sheet.confirmed, sheet.wrong, sheet.removed, sheet.added, sheet.unanswered],
      sheet.expected === 0
        ? ''
        : Math.round((1_000 * (sheet.confirmed + sheet.wrong + sheet.removed)) / sheet.expected) / 10,
      ...[sheet.submittedName ?? '', moment(sheet.submittedAt), sheet.signedName ?? '', moment(sheet.signedAt)],
    ]);
    const lines = items.map((item: CampaignItem): OutCell[] => [
      ...[item.n, names.get(item.orgId) ?? '', item.name, item.deviceId ?? '', item.place ?? ''],
      textOr('zh-CN', `campaign.result.${item.result ?? 'unanswered'}`, item.result ?? ''),
      ...[item.wrong ?? '', item.note ?? '', item.photo ?? '', item.lat ?? '', item.lon ?? ''],
      ...[named(item.by), moment(item.at), named(item.ticketId)],
    ]);
    const sheet = (name: string, headers: readonly string[], rows: readonly (readonly OutCell[])[]) => ({
      name,
      notes,
      columns: headers.map((header) => ({ header })),
      rows,
    });
    const bytes = await sheetBytes(
      [
        sheet(
          '汇总',
          [
            ...['居民区', '状态', '应确认', '确认无误', '有误', '已拆除', '新增', '未确认', '确认率(%)'],
            ...['填报人', '提交时间', '会签人', '会签时间'],
          ],
          summary,
        ),
        sheet(
          '明细',
          [
            ...['序号', '居民区', '名称', '设备编号', '位置', '结果', '有误内容', '备注', '照片', '纬度', '经度'],
            ...['填报人', '填报时间', '工单'],
          ],
          lines,
        ),
      ],
      { format: 'xlsx' },
    );
    const [only, ...others] = sheets;
    const title = `排摸-${month}-${only && others.length === 0 ? only.orgName : campaign.name}`;
    return { bytes, contentType: CONTENT_TYPES.xlsx, title, name: `campaign-${month}` };
  };
}
