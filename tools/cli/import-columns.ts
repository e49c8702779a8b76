import { DeviceInput } from '../../gateway/src/domain/device-input.ts';
import { schemaErrors } from '../../gateway/src/domain/input.ts';
import type { FieldError } from '../../gateway/src/errors.ts';
import { bilingual, text } from '../../gateway/src/messages/index.ts';
import { readFields } from '../../gateway/src/registry/device-fields.ts';
import type { CsvRow } from './csv.ts';

/** Columns by the place of their value in the body of `POST /devices`; the Chinese names stand in the catalogue. */
export const COLUMNS = [
  'type',
  'name',
  'id',
  'serial',
  'externalId',
  'module',
  'vendorId',
  'orgId',
  'siteId',
  'nickname',
  'nationalCode',
  'location.lat',
  'location.lon',
  'location.crs',
  'location.address',
  'connection.protocol',
  'connection.url',
  'connection.host',
  'connection.port',
  'connection.tls',
  'connection.username',
  'connection.password',
  'maintenanceUnitId',
  'parentId',
  'installedOn',
  'healthPolicy.interval',
  'healthPolicy.offlineAfter',
  'healthPolicy.hold',
  'healthPolicy.recoverAfter',
] as const;
export type Column = (typeof COLUMNS)[number];

/** `label.x` and `标签.x` are labels of any name. */
type Target = Column | `labels.${string}`;

const NUMBERS: ReadonlySet<Target> = new Set(['location.lat', 'location.lon', 'connection.port']);
const YES_NO: Readonly<Record<string, boolean>> = {
  是: true,
  true: true,
  yes: true,
  否: false,
  false: false,
  no: false,
};

const chineseName = (column: Column): string => text('zh-CN', `import.column.${column}`);

/** The columns for `cgw import --help`. */
export function columnHelp(): string {
  const width = Math.max(...COLUMNS.map((column) => column.length));
  const rows = COLUMNS.map((column) => `  ${column.padEnd(width)}  ${chineseName(column)}`);
  return `${bilingual('import.columns')}\n${rows.join('\n')}\n  ${'labels.<x>'.padEnd(width)}  标签.<x>`;
}

/** Field of every column of a header; undefined where nobody knows the name. */
export function readHeader(cells: readonly string[]): (Target | undefined)[] {
  const names = new Map<string, Target>(
    COLUMNS.flatMap((column): [string, Target][] => [
      [column.toLowerCase(), column],
      [column.slice(column.lastIndexOf('.') + 1).toLowerCase(), column],
      [chineseName(column), column],
    ]),
  );
  return cells.map((cell): Target | undefined => {
    const label = /^(?:labels?|标签)[.．:：](.+)$/i.exec(cell)?.[1];
    return label === undefined ? names.get(cell.toLowerCase()) : `labels.${label}`;
  });
}

/** Body of `POST /devices` of one row; an empty cell is absent. What cannot be converted stays for the schema to refuse. */
export function readRow(header: readonly (Target | undefined)[], { cells }: CsvRow): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const [index, target] of header.entries()) {
    const cell = cells[index] ?? '';
    if (target === undefined || cell === '') continue;
    const [outer = '', ...inner] = target.split('.');
    const value = convert(target, cell);
    if (inner.length === 0) body[outer] = value;
    else body[outer] = { ...(body[outer] as object | undefined), [inner.join('.')]: value };
  }
  return withProtocol(body);
}

/** The rules of the gateway's own registry, applied to one row before anything is sent. */
export function checkRow(body: Record<string, unknown>): readonly FieldError[] {
  const errors = schemaErrors(DeviceInput, body);
  if (errors.length > 0) return errors;
  const sealing = { seal: () => '', open: () => '', hash: () => '' };
  return readFields(body as DeviceInput, { id: '', before: null, sealing }).errors;
}

function convert(target: Target, cell: string): unknown {
  if (NUMBERS.has(target)) return /^[+-]?\d+(\.\d+)?$/.test(cell) ? Number(cell) : cell;
  if (target === 'connection.tls') return YES_NO[cell.toLowerCase()] ?? cell;
  return cell;
}

/** A stream address says the protocol by itself. */
function withProtocol(body: Record<string, unknown>): Record<string, unknown> {
  const connection = body.connection as Record<string, unknown> | undefined;
  if (!connection || connection.protocol !== undefined) return body;
  return { ...body, connection: { protocol: connection.url === undefined ? 'onvif' : 'rtsp', ...connection } };
}
