import { expect, test } from 'vitest';
import { CAUSES, codesOf, FAULT_TYPES, isCause, isFaultType, MANUAL_KINDS } from './ticket-codes.ts';

test('video has the sixteen fault types of the district', () => {
  expect(codesOf(FAULT_TYPES, 'video').map(({ title }) => title.zh)).toEqual(
    '无图像 图像模糊 控制坏 绿化遮挡 补光灯故障 无字幕或字幕错 镜头异物 相机照偏 摄像机网络不通 上云无数据 ONU网络不通 OLT网络不通 交换机网络不通 背包箱异常 信号缺失 其他'.split(
      ' ',
    ),
  );
});

test('a module has its own codes and the common ones', () => {
  expect(isCause('load', 'charging')).toBe(true);
  expect(isCause('load', 'garbage')).toBe(false);
  expect(isCause('power', 'garbage')).toBe(true);
  expect(isCause('power', 'some-new-module')).toBe(true);
  expect(isCause('', null)).toBe(false);
  expect(isFaultType('noPicture', 'charging')).toBe(false);
  expect(isFaultType('other', 'charging')).toBe(true);
});

test.each([
  ['causes', CAUSES],
  ['fault types', FAULT_TYPES],
  ['manual kinds', MANUAL_KINDS],
])('%s have distinct codes and both titles', (_name, codes) => {
  expect(new Set(codes.map(({ code }) => code)).size).toBe(codes.length);
  for (const { code, title } of codes) {
    expect(code).toMatch(/^[a-z][A-Za-z]+$/);
    expect(title.zh).toMatch(/\p{Script=Han}/u);
    expect(title.en).toMatch(/^[A-Z]/);
  }
});
