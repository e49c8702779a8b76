import { setImmediate as turn } from 'node:timers/promises';
import type { Actor } from '../../domain/actor.ts';
import type { FieldError } from '../../errors.ts';
import type { RegistrationWarning } from '../registration/acceptance.ts';
import type { Plan } from './check.ts';
import type { ImportDeps } from './ports.ts';

/** Devices of one look: what the neighbours' places are is read anew with each. */
const AT_ONCE = 1_000;

/**
 * What looks wrong about the rows that would be written and is taken all the same: a place in the sea or in another
 * coordinate system, a mark that another device carries. Of a changed device only a new place is looked at.
 */
export async function warningsOf(
  actor: Actor,
  { created, updated }: Plan,
  { db, registration }: Pick<ImportDeps, 'db' | 'registration'>,
  goOn: () => void,
): Promise<FieldError[]> {
  const moved = updated.filter(({ change: { before, after } }) => !samePlace(before.location, after.location));
  const asked = [
    ...created.map(({ row, record }) => ({ row, record, all: true })),
    ...moved.map(({ row, change }) => ({ row, record: change.after, all: false })),
  ];
  const found: FieldError[] = [];
  for (let start = 0; start < asked.length; start += AT_ONCE) {
    goOn();
    const portion = asked.slice(start, start + AT_ONCE);
    const warnings = await registration.warnings(
      db.autocommit,
      actor,
      portion.map(({ record }) => record),
    );
    for (const [index, { row, all }] of portion.entries()) {
      const mine = (warnings[index] ?? []).filter(({ field }) => all || field === 'location');
      found.push(...mine.map((warning) => said(warning, row)));
    }
    await turn();
  }
  return found.sort((a, b) => (a.row ?? 0) - (b.row ?? 0));
}

/** Marks that stand in the column of the address. */
const ADDRESS: ReadonlySet<string> = new Set(['rtspUrl', 'ipPort']);

type Place = { readonly lat: number; readonly lon: number } | null;
const samePlace = (a: Place, b: Place): boolean => a?.lat === b?.lat && a?.lon === b?.lon;

function said(warning: RegistrationWarning, row: number): FieldError {
  const code = 'code' in warning ? warning.code : warning.level;
  const path = ADDRESS.has(warning.field) ? '/connection/address' : `/${warning.field}`;
  return { path, code, message: `${warning.zh} / ${warning.en}`, row };
}
