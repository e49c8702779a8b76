import type { AcceptanceReport } from '../../domain/acceptance.ts';
import type { ConstructionReview } from '../../domain/construction.ts';
import type { HandoverWithDevices } from '../../domain/handover.ts';
import { textOr } from '../../messages/index.ts';
import { facts, html, localTime, type Sheet, sheet, signatures, table } from './sheet.ts';

/** How a paper is printed: in which zone, and with which lines about who took it. */
export interface PrintOptions {
  readonly timeZone: string;
  readonly mark: readonly string[];
}

const zh = (family: string, code: string) => textOr('zh-CN', `${family}.${code}`, code);

/** 验收报告. */
export function printAcceptance(
  paper: Omit<AcceptanceReport, 'id'> & { readonly draft: boolean },
  { timeZone, mark }: PrintOptions,
): Sheet {
  const time = localTime(timeZone);
  const { device, acceptance } = paper.report;
  const word = (field: string) => (typeof device[field] === 'string' ? device[field] : null);
  const title = device.typeTitle as { zh: string } | null;
  const result = paper.result === 'met' ? '符合验收条件' : '未完全符合，由管理员强制通过';
  return sheet(
    '设备验收报告',
    paper.no,
    html`${paper.draft ? html`<p class="draft">草稿：设备尚未验收通过，以下为当前情况</p>` : null}
    ${facts([
      ['设备编号', word('id')],
      ['设备名称', word('name')],
      ['设备类型', title ? `${title.zh}（${word('type')}）` : word('type')],
      ['序列号', word('serial')],
      ['MAC 地址', word('mac')],
      ['国标编码', word('nationalCode')],
      ['所属组织', word('orgId')],
      ['厂商', word('vendorId')],
      ['维保单位', word('maintenanceUnitId')],
      ['试运行开始', time(acceptance.since)],
      ['验收结论', paper.draft ? '未验收' : result],
      ['验收意见', paper.reason],
      ['验收人', paper.draft ? null : paper.byName],
      ['验收时间', paper.draft ? null : time(paper.at)],
    ])}
    <h2>验收项目</h2>
    ${table(
      ['项目', '要求', '实际', '结论'],
      acceptance.checks.map((check) => [check.title.zh, check.wanted.zh, check.seen.zh, check.ok ? '合格' : '不合格']),
    )}
    <h2>其他情况</h2>
    ${facts([
      ['被拒消息', `${acceptance.quarantined.total} 条`],
      ['数据冲突', `${acceptance.conflicts} 条`],
      ['设备时钟', acceptance.clockSkew ? '偏差较大' : '正常'],
      ['重复登记', acceptance.duplicates.map((match) => html`<p>${match.zh}</p>`)],
      ['坐标核查', acceptance.coordinates.map((warning) => html`<p>${warning.zh}</p>`)],
    ])}
    ${signatures(['厂商代表', '验收人', '城运中心（盖章）', '日期'])}`,
    mark,
  );
}

/** 比对审核单. */
export function printReview(paper: ConstructionReview, { timeZone, mark }: PrintOptions): Sheet {
  const time = localTime(timeZone);
  const { review, decided } = paper;
  const same = (value: boolean | null) => (value === null ? '待核' : value ? '同方向' : '不同方向');
  return sheet(
    '视频点位重复建设比对审核单',
    paper.no,
    html`${facts([
      ['申请单位', review.applicant],
      ['拟建点位', review.name],
      ['建设用途', review.purpose],
      ['安装地址', review.address],
      ['坐标（WGS-84）', `经度 ${review.location.lon.toFixed(6)}，纬度 ${review.location.lat.toFixed(6)}`],
      [
        '监视方位',
        review.direction ? `${review.direction.zh}${review.azimuth === null ? '' : `（${review.azimuth}°）`}` : null,
      ],
      ['核查范围', `半径 ${review.radius} 米，夹角不超过 ${review.angle}° 视为同方向`],
      ['核查时间', time(paper.at)],
      ['核查人', paper.byName],
      ['核查结论', review.conclusion.zh],
    ])}
    <h2>范围内已有摄像机（${review.items.length} 台）</h2>
    ${table(
      ['序号', '名称 / 编号', '国标编码', '距离（米）', '方位', '方向', '状态', '权属 / 维保单位', '利旧建议'],
      review.items.map((item, index) => [
        index + 1,
        html`${item.name}<br>${item.id}`,
        item.nationalCode ?? '—',
        item.distance.toFixed(1),
        `${item.bearing}°`,
        html`${item.direction?.zh ?? '—'}<br>${same(item.sameDirection)}`,
        html`${zh('health', item.healthState)}<br>${zh('lifecycle', item.lifecycle)}`,
        html`${item.orgName ?? '—'}<br>${item.maintenanceUnit ?? '—'}`,
        item.advice.zh,
      ]),
    )}
    ${review.hidden > 0 ? html`<p>另有 ${review.hidden} 台摄像机不在核查人权限范围内，请由城运中心复核。</p>` : null}
    <h2>审核意见</h2>${
      decided
        ? facts([
            ['审核结果', zh('construction.decision', decided.decision)],
            ['审核意见', decided.opinion],
            ['审核人', decided.byName],
            ['审核时间', time(decided.at)],
          ])
        : html`<div class="opinion"></div>`
    }
    ${signatures(['申请单位（盖章）', '审核人', '审核单位（盖章）', '日期'])}`,
    mark,
  );
}

/** 移交单. */
export function printHandover(paper: HandoverWithDevices, { timeZone, mark }: PrintOptions): Sheet {
  const time = localTime(timeZone);
  const { created, handed, decided } = paper;
  const done = (step: { at: number; byName: string } | null) => (step ? `${step.byName}　${time(step.at)}` : null);
  return sheet(
    paper.kind === 'custody' ? '设备移交单' : '设备维保移交单',
    paper.no,
    html`${facts([
      ['移交单位', paper.fromOrgName],
      ['接收单位', paper.toOrgName],
      ['移交日期', paper.date],
      ['说明', paper.note],
      ['状态', zh('handover.is', paper.state)],
      ['开单', done(created)],
      ['移交', done(handed)],
      ['签收 / 拒收', done(decided)],
      ['意见', decided?.reason ?? null],
      ['代签', decided?.onBehalf ? '由管理员代为办理' : null],
    ])}
    <h2>设备清单（${paper.devices.length} 台）</h2>
    ${table(
      ['序号', '设备编号', '名称', '类型', '序列号', '国标编码', '地址', '状态'],
      paper.devices.map((device, index) => [
        index + 1,
        device.id,
        device.name,
        device.type,
        device.serial ?? '—',
        device.nationalCode ?? '—',
        device.address ?? '—',
        html`${zh('health', device.healthState)}<br>${zh('lifecycle', device.lifecycle)}`,
      ]),
    )}
    ${signatures(['移交人', '接收人', '移交单位（盖章）', '接收单位（盖章）'])}`,
    mark,
  );
}
