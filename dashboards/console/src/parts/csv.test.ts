import { expect, it } from 'vitest';
import { csvOf } from './csv.ts';

it('writes what a spreadsheet reads as text: quotes, lines, and nothing it would compute', async () => {
  const bytes = await csvOf([
    ['名称', '说明'],
    ['=1+1', '甲,"乙"\n丙'],
  ]).bytes();
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  expect(text).toBe('\uFEFF名称,说明\r\n\'=1+1,"甲,""乙""\n丙"\r\n');
});
