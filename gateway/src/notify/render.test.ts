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
    const urged = words({ ...camera, event: 'escalated', reason: 'supervised', words: '今日办结' });
    expect(urged.title).toBe('【督办】离线：东门摄像机');
    expect(words({ ...camera, event: 'stage', reason: null }).title).toBe('【处置】离线：东门摄像机');
    expect(words({ ...camera, event: 'stage', reason: 'reassigned' }, 'en').title).toBe(
      '[reassigned] offline: 东门摄像机',
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

  test('advise while it goes on, not when it is over', () => {
    const advice = { zh: '停止该枪充电', en: 'Stop it' };
    expect(words({ ...camera, event: 'firing', advice }).text).toContain('处置建议：停止该枪充电');
    expect(words({ ...camera, event: 'resolved', advice }).text).not.toContain('处置建议');
  });
});
