import { fieldError } from '../domain/input.ts';
import type { FieldError } from '../errors.ts';

/** Columns of the import file: field path in a device input, and the headers that name it. */
export const COLUMNS: readonly (readonly [path: string, zh: string])[] = [
  ['id', '设备编号'],
  ['type', '设备类型'],
  ['name', '设备名称'],
  ['nickname', '点位俗称'],
  ['serial', '序列号'],
  ['externalId', '外部编号'],
  ['module', '所属模块'],
  ['vendorId', '厂商编号'],
  ['orgId', '所属组织'],
  ['siteId', '所属点位'],
  ['nationalCode', '国标编码'],
  ['location.lat', '纬度'],
  ['location.lon', '经度'],
  ['location.crs', '坐标系'],
  ['location.address', '安装地址'],
  ['connection.protocol', '接入协议'],
  ['connection.url', '视频地址'],
  ['connection.host', '主机'],
  ['connection.port', '端口'],
  ['connection.username', '用户名'],
  ['connection.password', '密码'],
  ['maintenanceUnitId', '维保单位'],
  ['parentId', '上级设备'],
  ['installedOn', '安装日期'],
];

const NUMBERS = new Set(['location.lat', 'location.lon', 'connection.port']);
const CRS_NAMES: Readonly<Record<string, string>> = { 'WGS-84': 'wgs84', 'GCJ-02': 'gcj02', CGCS2000: 'cgcs2000' };

/** The field paths a header row names, or what is wrong with it. */
export function readHeader(cells: readonly string[]): { paths: string[]; errors: FieldError[] } {
  const errors: FieldError[] = [];
  const paths = cells.map((cell) => {
    const name = cell.trim();
    const found = COLUMNS.find(([path, zh]) => path === name || zh === name);
    if (!found) errors.push({ ...fieldError(name, 'unknownColumn', 'registry.import.column', { name }), row: 0 });
    return found?.[0] ?? '';
  });
  const twice = paths.find((path, index) => path !== '' && paths.indexOf(path) !== index);
  if (twice) errors.push({ ...fieldError(twice, 'duplicateColumn', 'registry.import.twice', { name: twice }), row: 0 });
  return { paths, errors };
}

/** Cells of one row as a nested input. Empty cells are absent: an import never clears a field. */
export function readCells(paths: readonly string[], cells: readonly string[]): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  for (const [index, path] of paths.entries()) {
    const text = (cells[index] ?? '').trim();
    if (text === '') continue;
    const number = Number(text);
    const value =
      NUMBERS.has(path) && Number.isFinite(number) ? number : (path === 'location.crs' && CRS_NAMES[text]) || text;
    const [head = '', tail] = path.split('.');
    if (tail === undefined) input[head] = value;
    else input[head] = { ...(input[head] as object | undefined), [tail]: value };
  }
  return input;
}
