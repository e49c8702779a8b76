import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { toldDetail } from './told-detail.ts';

const titles: Readonly<Record<string, { zh: string; en: string }>> = {
  temperature: { zh: '温度', en: 'Temperature' },
  'ports.3.current': { zh: '充电口 3 电流', en: 'Port 3 current' },
};
const titleOf = (metric: string) => titles[metric];

describe('details of refusals for people', () => {
  it.each([
    ['temperature: 900 is outside -40 … 125', '温度（temperature）：900 不在 -40 至 125 之间'],
    ["/4/ports.3.current: a number expected, found 'x'", "充电口 3 电流（/4/ports.3.current）：应为数字，实为 'x'"],
    ['a list of parts expected, found an object', '应为部件列表，实为对象'],
    ["not ISO 8601: '2026: x'", '不是 ISO 8601 时间：“2026: x”'],
    ['this metric is required (+2)', '缺少此项读数（另有 2 处）'],
    [
      "Expected ',' or '}' after property value in JSON at position 9 (line 1 column 10)",
      'JSON 在第 1 行第 10 个字符处有误',
    ],
    ['words of nobody', 'words of nobody'],
  ])('%s', (detail, chinese) => {
    expect(toldDetail(detail, titleOf).zh).toBe(chinese);
  });

  it('keep their English with the title beside the key', () => {
    expect(toldDetail('temperature: 900 is outside -40 … 125', titleOf).en).toBe(
      'Temperature (temperature): 900 is outside -40 … 125',
    );
  });

  it('have Chinese words wherever the sources refuse something', () => {
    const folders = [new URL('.', import.meta.url), new URL('../../ingest/', import.meta.url)];
    const sources = folders.flatMap((folder) =>
      readdirSync(folder)
        .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && name !== 'told-detail.ts')
        .map((name) => readFileSync(fileURLToPath(new URL(name, folder)), 'utf8')),
    );
    const worded = sources.flatMap((source) =>
      [...source.matchAll(/(?:\b(?:refusal|refused|refuse|note|no)\(|\bdetail: )([^;]{0,300})/g)].flatMap(
        ([, call = '']) =>
          [...call.matchAll(/'((?:[^'\\\n]|\\.)*)'|`((?:\$\{(?:[^{}]|\{[^}]*\})*\}|[^`$])*)`/g)].map(
            ([, text, template]) => text ?? template?.replaceAll(/\$\{[^}]*\}/g, '~') ?? '',
          ),
      ),
    );
    expect(worded.length).toBeGreaterThan(40);
    const untold = worded.filter(
      (detail) => /[a-z] [a-z~(]|~ [a-z]/.test(detail) && !/\p{Script=Han}/u.test(toldDetail(detail).zh),
    );
    expect(untold).toEqual([]);
  });
});
