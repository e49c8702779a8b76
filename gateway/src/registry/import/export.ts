import type { Actor } from '../../domain/actor.ts';
import { DeviceFilter } from '../../domain/device-input.ts';
import { ExportInput, exportEntry, exporterName, exportMark } from '../../domain/export-mark.ts';
import { parseInput } from '../../domain/input.ts';
import { requireRight } from '../../domain/permission.ts';
import { GatewayError } from '../../errors.ts';
import { bilingual } from '../../messages/index.ts';
import { CONTENT_TYPES, type Encoding, type Format, type OutCell, writeSheets } from '../../sheets/write.ts';
import { labelText } from './cells.ts';
import { type Column, OFFERED } from './columns.ts';
import type { ImportDeps, ListedDevice } from './ports.ts';

/** More than that is no table for people; the lists of the API have no such end. */
export const MAX_EXPORT = 100_000;
const PAGE = 500;

export interface DeviceExport {
  readonly name: string;
  readonly contentType: string;
  /** Made while it is read; one page of devices in memory. */
  readonly chunks: AsyncGenerator<Uint8Array>;
}

/** The devices in the actor's reach as a table that import takes back; no secrets. The audit entry comes first. */
export async function exportDevices(
  actor: Actor,
  raw: {
    readonly filter: DeviceFilter;
    readonly purpose: string;
    readonly format: Format;
    readonly encoding: Encoding;
  },
  deps: ImportDeps,
): Promise<DeviceExport> {
  requireRight(actor, 'devices', 'export');
  const filter = parseInput(DeviceFilter, raw.filter);
  const { purpose } = parseInput(ExportInput, { purpose: raw.purpose });
  const rows = await deps.imports.count(deps.db.autocommit, filter, actor.scope);
  if (rows > MAX_EXPORT) {
    throw new GatewayError('PAYLOAD_TOO_LARGE', bilingual('registry.export.rows', { max: MAX_EXPORT }));
  }
  const at = deps.clock.now();
  const entry = exportEntry(actor, { at, resource: 'devices', purpose, filter, rows, format: raw.format });
  await deps.db.transaction((tx) => deps.audit.append(tx, [entry]));
  const columns = OFFERED.filter(({ kind }) => kind !== 'secret');
  const chunks = writeSheets(
    [
      {
        name: '设备',
        notes: exportMark({ user: exporterName(actor), at, purpose, rows }, deps.timeZone),
        columns: columns.map(({ zh }) => ({ header: zh })),
        rows: pages(actor, filter, columns, deps),
      },
    ],
    raw,
  );
  const contentType = raw.format === 'csv' ? `${CONTENT_TYPES.csv}; charset=${raw.encoding}` : CONTENT_TYPES.xlsx;
  return { name: `devices.${raw.format}`, contentType, chunks };
}

async function* pages(
  actor: Actor,
  filter: DeviceFilter,
  columns: readonly Column[],
  { imports, db }: ImportDeps,
): AsyncGenerator<OutCell[]> {
  for (let after = 0, count = 0; count < MAX_EXPORT; ) {
    const page = await imports.page(db.autocommit, filter, actor.scope, { after, limit: PAGE });
    for (const listed of page) yield columns.map((column) => cellOf(listed, column));
    const last = page.at(-1);
    if (!last || page.length < PAGE) return;
    after = last.device.key;
    count += page.length;
  }
}

/** What a column says of a device, the way import reads it back without a change. */
function cellOf({ device, archive }: ListedDevice, { path, kind }: Column): OutCell {
  const [head = '', field = ''] = path.split('.');
  switch (head) {
    case 'location': {
      // As it was entered: turning GCJ-02 there and back would move every point a little.
      const place = device.location?.source ?? device.location;
      if (field === 'address') return device.location?.address;
      if (field === 'crs') return place && { wgs84: 'WGS-84', gcj02: 'GCJ-02', cgcs2000: 'CGCS2000' }[place.crs];
      return place?.[field as 'lat' | 'lon'];
    }
    case 'connection':
      return field === 'address' ? addressOf(device.connection) : device.connection?.username;
    case 'labels':
      return labelText(device.labels);
    case 'archive':
      return archiveCell(archive[field as keyof typeof archive], kind);
    default:
      return device[head as 'name'];
  }
}

function addressOf(connection: ListedDevice['device']['connection']): OutCell {
  if (connection?.protocol !== 'onvif') return connection?.url;
  const { host, port, tls } = connection;
  return `onvif${tls ? 's' : ''}://${host.includes(':') ? `[${host}]` : host}${port === undefined ? '' : `:${port}`}`;
}

function archiveCell(value: unknown, kind: Column['kind']): OutCell {
  if (value === undefined || value === null) return null;
  if (typeof kind !== 'object' || !('codes' in kind)) return typeof value === 'number' ? value : String(value);
  const codes = Array.isArray(value) ? value : [value];
  return codes.map((code) => kind.codes[String(code)]?.zh ?? String(code)).join('、');
}
