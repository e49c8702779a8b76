import { fieldError } from '../../gateway/src/domain/input.ts';
import type { FieldError } from '../../gateway/src/errors.ts';
import type { ImportClient } from './import-client.ts';

export interface ImportRow {
  /** Line of the file where the row begins; the header is line 1. */
  readonly row: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export type RowError = FieldError & { readonly row: number };

/** What the gateway knows already, as far as it can stand in the way. */
interface Known {
  readonly id: string;
  readonly serial: string | null;
  readonly externalId: string | null;
  readonly vendorId: string | null;
  readonly nationalCode: string | null;
}

const REFERENCES = {
  type: '/device-types',
  module: '/modules',
  vendorId: '/vendors',
  orgId: '/orgs',
  siteId: '/sites',
  maintenanceUnitId: '/maintenance-units',
} as const;

/** Names that exist once; serial and external id once a vendor. */
const UNIQUE: readonly (readonly [field: keyof Known, perVendor: boolean])[] = [
  ['id', false],
  ['nationalCode', false],
  ['serial', true],
  ['externalId', true],
];

/** Two rows of the file that claim the same name. */
export function findDuplicates(rows: readonly ImportRow[]): RowError[] {
  return claim(rows, new Set());
}

/** What only the running gateway can tell: names that are taken, and things referred to that do not exist. */
export async function checkAgainst(client: ImportClient, rows: readonly ImportRow[]): Promise<RowError[]> {
  const taken = new Set<string>();
  const ids = new Set<string>();
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const query: string = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page = await client.get<{ items: Known[]; nextCursor: string | null }>(`/devices?limit=500${query}`);
    for (const device of page?.items ?? []) {
      ids.add(device.id);
      for (const key of keysOf({ ...device })) taken.add(key.key);
    }
    cursor = page?.nextCursor ?? null;
  }
  return [...claim(rows, taken), ...(await missing(client, rows)), ...orphans(rows, ids)];
}

function claim(rows: readonly ImportRow[], taken: Set<string>): RowError[] {
  const errors: RowError[] = [];
  for (const { row, body } of rows) {
    for (const { field, value, key } of keysOf(body)) {
      if (taken.has(key)) errors.push({ ...fieldError(`/${field}`, 'duplicate', 'input.duplicate', { value }), row });
      taken.add(key);
    }
  }
  return errors;
}

function keysOf(body: Readonly<Record<string, unknown>>): { field: string; value: string; key: string }[] {
  return UNIQUE.flatMap(([field, perVendor]) => {
    const value = body[field];
    if (typeof value !== 'string') return [];
    return [{ field, value, key: JSON.stringify([field, perVendor ? (body.vendorId ?? '') : '', value]) }];
  });
}

async function missing(client: ImportClient, rows: readonly ImportRow[]): Promise<RowError[]> {
  const errors: RowError[] = [];
  for (const [field, path] of Object.entries(REFERENCES)) {
    const named = Map.groupBy(
      rows.filter(({ body }) => body[field] !== undefined),
      ({ body }) => String(body[field]),
    );
    for (const [value, users] of named) {
      if ((await client.get(`${path}/${encodeURIComponent(value)}`)) !== undefined) continue;
      const error = fieldError(`/${field}`, 'notFound', 'input.notFound', { value });
      errors.push(...users.map(({ row }) => ({ ...error, row })));
    }
  }
  return errors;
}

/** A parent is registered already or stands further up in the file. */
function orphans(rows: readonly ImportRow[], ids: Set<string>): RowError[] {
  const errors: RowError[] = [];
  for (const { row, body } of rows) {
    const parent = body.parentId;
    if (typeof parent === 'string' && !ids.has(parent)) {
      errors.push({ ...fieldError('/parentId', 'notFound', 'input.notFound', { value: parent }), row });
    }
    if (typeof body.id === 'string') ids.add(body.id);
  }
  return errors;
}
