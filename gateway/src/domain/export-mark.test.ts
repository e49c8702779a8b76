import { describe, expect, it } from 'vitest';
import { SYSTEM } from './actor.ts';
import { ExportInput, exportEntry, exportMark } from './export-mark.ts';
import { schemaErrors } from './input.ts';

const at = Date.UTC(2026, 10, 23, 0, 30);

describe('the mark of a file that leaves', () => {
  it('says who, when with offset, what for and how many, Chinese first', () => {
    const [zh, en] = exportMark({ user: '王芳', at, purpose: '季度检查', rows: 12 }, 'Asia/Shanghai');
    expect(zh).toBe('导出人：王芳　导出时间：2026-11-23T08:30:00.000+08:00　用途：季度检查　共 12 条');
    expect(en).toContain('Exported by 王芳 at 2026-11-23T08:30:00.000+08:00, purpose: 季度检查, 12 rows');
  });

  it('stays one line whatever the purpose holds', () => {
    for (const line of exportMark({ user: 'a\nb', at, purpose: 'x\n张三,1\t2', rows: 1 }, 'Asia/Shanghai')) {
      expect(line).not.toMatch(/[\n\t]/);
    }
  });

  it('needs a purpose that says something', () => {
    expect(schemaErrors(ExportInput, { purpose: '检查' })).toEqual([]);
    for (const purpose of ['', 'x', '   ', ' x ', 'x'.repeat(201), 'a\nb', undefined]) {
      expect(schemaErrors(ExportInput, { purpose })).not.toEqual([]);
    }
  });

  it('is proven by an entry with filter, count and purpose', () => {
    const facts = { at, resource: 'devices', purpose: ' 检查 ', filter: { type: 'x' }, rows: 3, format: 'csv' };
    expect(exportEntry(SYSTEM, facts)).toMatchObject({
      action: 'export',
      resource: 'devices',
      resourceId: null,
      reason: '检查',
      after: { filter: { type: 'x' }, rows: 3, format: 'csv' },
    });
  });
});
