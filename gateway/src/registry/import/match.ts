import type { Actor } from '../../domain/actor.ts';
import { fieldError } from '../../domain/input.ts';
import type { FieldError } from '../../errors.ts';
import type { ImportRow } from './cells.ts';
import type { ImportDeps, ListedDevice } from './ports.ts';

const CHUNK = 1_000;
const text = (value: unknown) => (typeof value === 'string' ? value : null);

/** Names that stand twice in the file; serial and external id once a vendor. */
export function duplicatesInFile(rows: readonly ImportRow[], actor: Actor): FieldError[] {
  const own = actor.scope.kind === 'vendor' ? actor.scope.vendorId : null;
  const errors: FieldError[] = [];
  const seen = new Map<string, number>();
  for (const { row, input } of rows) {
    for (const field of ['id', 'serial', 'externalId', 'nationalCode'] as const) {
      const value = text(input[field]);
      if (value === null) continue;
      const vendor = field === 'serial' || field === 'externalId' ? (text(input.vendorId) ?? own) : null;
      const name = JSON.stringify([field, value, vendor]);
      const first = seen.get(name);
      if (first === undefined) seen.set(name, row);
      else errors.push({ ...fieldError(`/${field}`, 'duplicate', 'registry.import.duplicate', { value, first }), row });
    }
  }
  return errors;
}

/**
 * The device each row means: by its id, else by its serial number at the row's vendor. Without a vendor in the row a serial
 * number that only one device in reach has is enough. What lies out of reach is never looked at.
 */
export async function matchRows(
  actor: Actor,
  rows: readonly ImportRow[],
  deps: Pick<ImportDeps, 'db' | 'imports'>,
): Promise<{ known: ReadonlyMap<number, ListedDevice>; errors: FieldError[] }> {
  const own = actor.scope.kind === 'vendor' ? actor.scope.vendorId : null;
  const known = new Map<number, ListedDevice>();
  const errors: FieldError[] = [];
  for (let start = 0; start < rows.length; start += CHUNK) {
    const chunk = rows.slice(start, start + CHUNK);
    const named = chunk.map(({ row, input }) => ({
      row,
      id: text(input.id),
      serial: text(input.serial),
      vendor: text(input.vendorId) ?? own,
    }));
    const found = await deps.imports.existing(
      deps.db.autocommit,
      {
        ids: named.flatMap(({ id }) => id ?? []),
        serials: named.flatMap(({ id, serial }) => (id === null && serial !== null ? [serial] : [])),
      },
      actor.scope,
    );
    const byId = new Map(found.map((each) => [each.device.id, each]));
    const bySerial = Map.groupBy(
      found.filter(({ device }) => device.lifecycle !== 'retired' && device.lifecycle !== 'rejected'),
      ({ device }) => device.serial,
    );
    for (const { row, id, serial, vendor } of named) {
      if (id !== null || serial === null) {
        const device = byId.get(id ?? '');
        if (device) known.set(row, device);
        continue;
      }
      const all = bySerial.get(serial) ?? [];
      const fitting = all.filter(({ device }) => device.vendorId === vendor);
      const candidates = fitting.length > 0 || vendor !== null ? fitting : all;
      if (candidates.length > 1) {
        const vendors = candidates.map(({ device }) => device.vendorId ?? '').join('、');
        errors.push({
          ...fieldError('/serial', 'ambiguous', 'registry.import.serialVendors', { value: serial, vendors }),
          row,
        });
      } else if (candidates[0]) known.set(row, candidates[0]);
    }
  }
  return { known, errors };
}
