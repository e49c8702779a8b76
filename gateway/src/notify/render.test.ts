import { describe, expect, test } from 'vitest';
import type { Notice } from '../domain/notice.ts';
import { render } from './render.ts';
import { exampleNotice } from './testing.ts';

const words = (notice: Partial<Notice>, language: 'zh-CN' | 'en' = 'zh-CN') =>
  render({ ...exampleNotice(), lifeSafety: false, advice: null, ...notice }, language, 'Asia/Shanghai');
const camera = {
  fault: 'offline',
  devices: [{ id: 'c1', name: '东门摄像机' }],
  deviceCount: 1,
  severity: 'major',
  stage: 'handling',
} as const;

describe('the words of a notice', () => {
  test('say why a device is down, in words and not twice', () => {
    expect(words({ ...camera, event: 'firing', reason: 'wrongPassword' }).text).toContain('\n原因：用户名或密码错误\n');
    expect(words({ ...camera, event: 'firing', reason: 'sameCause' }).text).toContain('\n原因：同一原因批量离线\n');
    for (const reason of ['flapping', 'aCodeWithoutWords', null])
      expect(words({ ...camera, fault: 'flapping', event: 'firing', reason }).text).not.toContain('原因');
  });

  test('name the step a person took and what they said, not just the stage the ticket is in', () => {
    const asked = words({ ...camera, event: 'stage', reason: 'extensionAsked', words: '缺备件' });
    expect(asked.title).toBe('【申请延期】离线：东门摄像机');
    expect(asked.text).toContain('\n说明：缺备件\n');
    expect(words({ ...camera, event: 'stage', reason: 'extended', until: Date.UTC(2026, 10, 25, 1) }).text).toContain(
      '\n截止时间：2026年11月25日 09:00:00\n',
    );
    expect(words({ ...camera, event: 'stage', stage: 'closed', reason: 'selfRecovered' }).title).toBe(
      '【自恢复结案】离线：东门摄像机',
    );
    const urged = words({ ...camera, event: 'escalated', reason: 'supervised', words: '今日办结' });
    expect(urged.title).toBe('【督办】离线：东门摄像机');
    expect(words({ ...camera, event: 'stage', reason: null }).title).toBe('【处置】离线：东门摄像机');
    expect(words({ ...camera, event: 'stage', reason: 'reassigned' }, 'en').title).toBe(
      '[reassigned] offline: 东门摄像机',
    );
  });

  test('of what people ended say how it ended: only what the data show has recovered', () => {
    const ended = { ...camera, event: 'resolved' } as const;
    expect(words({ ...ended, stage: 'verifying' }).title).toBe('【已恢复】离线：东门摄像机');
    expect(words({ ...ended, stage: 'falseAlarm', words: '核实为误报' }).title).toBe('【误报】离线：东门摄像机');
    expect(words({ ...ended, stage: 'falseAlarm', words: '核实为误报' }).text).toContain('\n说明：核实为误报\n');
    expect(words({ ...ended, stage: 'cancelled' }, 'en').title).toBe('[cancelled] offline: 东门摄像机');
    expect(words({ ...ended, stage: 'closed' }).title).toBe('【结案】离线：东门摄像机');
    expect(words({ ...camera, event: 'stage', stage: 'dispatched', reopened: true }).title).toBe(
      '【重新打开】【派单】离线：东门摄像机',
    );
  });

  test('of what went higher say what limit passed, or that somebody is to decide', () => {
    const late = words({ ...camera, event: 'escalated', reason: 'accept' });
    expect(late.title).toBe('【升级】离线：东门摄像机');
    expect(late.text).toContain('\n原因：超时未接单\n');
    expect(words({ ...camera, event: 'escalated', reason: 'escalationAsked' }).text).toContain(
      '\n原因：待研判是否上报\n',
    );
  });

  test('of what a person reported use the title they gave, and the place where there is no device', () => {
    const bare = { devices: [], deviceCount: 0, event: 'stage', stage: 'filed', reason: null } as const;
    const reported = words({ ...bare, fault: 'illegalCharging', title: '违规充电', siteName: '一号车棚' });
    expect(reported.title).toBe('【立案】违规充电：一号车棚');
    expect(words({ ...bare, title: '报修', siteName: null }).title).toBe('【立案】报修');
  });

  test('name who has it, how often it came, and how long it lasted', () => {
    const has = { handlerOrgName: '明珠维保', assigneeName: '李卫' };
    const again = words({ ...camera, ...has, event: 'firing', fireCount: 3, reopened: true });
    expect(again.title).toBe('【重新打开】【重要】离线：东门摄像机');
    expect(again.text).toContain('\n承办：明珠维保 · 李卫\n');
    expect(again.text).toContain('\n次数：本工单第 3 次发生\n');
    expect(words({ ...camera, event: 'firing', recurrenceOf: '20261120-0007' }).text).toContain(
      '\n再次发生：上一张工单 20261120-0007\n',
    );
    const at = Date.UTC(2026, 10, 23, 2);
    const told = (ms: number, language: 'zh-CN' | 'en' = 'zh-CN') =>
      /(?:历时：|Lasted: )(.*)/.exec(words({ ...camera, event: 'resolved', at, since: at - ms }, language).text)?.[1];
    expect(told(3 * 3_600_000 + 12 * 60_000 + 5_000)).toBe('3小时12分钟');
    expect(told(26 * 3_600_000, 'en')).toBe('1 day 2 hours');
    expect([told(0), told(59_999)]).toEqual(['0秒', '59秒']);
  });

  test('of a group name its cause and some of its devices', () => {
    const devices = ['a', 'b', 'c', 'd'].map((name) => ({ id: name, name }));
    const cause = '点位 一号车棚：4 台中 3 台离线';
    expect(words({ ...camera, event: 'firing', title: cause, devices, deviceCount: 4 }).title).toBe(
      `【重要】${cause}：a、b、c 等 4 台设备`,
    );
  });

  test('of a missed limit name everybody it went to, in one notice', () => {
    const missed = words({
      ...camera,
      event: 'escalated',
      reason: 'accept',
      overdue: true,
      levels: [1, 2],
      undecided: 3,
    });
    expect(missed.title).toBe('【超时升级】离线：东门摄像机');
    expect(missed.text).toContain('\n已上报：承办单位负责人和牵头部门、城运中心\n待研判：是否上报分管领导\n');
  });

  test('advise while it goes on, not when it is over', () => {
    const advice = { zh: '停止该枪充电', en: 'Stop it' };
    expect(words({ ...camera, event: 'firing', advice }).text).toContain('处置建议：停止该枪充电');
    expect(words({ ...camera, event: 'resolved', advice }).text).not.toContain('处置建议');
  });
});
