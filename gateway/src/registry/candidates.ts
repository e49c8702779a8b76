import { randomBytes } from 'node:crypto';
import type { Actor } from '../domain/actor.ts';
import type { DeviceInput } from '../domain/device-input.ts';
import type { DeviceRecord, NewDevice } from '../domain/device-record.ts';
import type { Identity, References } from '../domain/device-rows.ts';
import { fieldError } from '../domain/input.ts';
import type { Tx } from '../domain/tx.ts';
import type { FieldError } from '../errors.ts';
import { readFields } from './device-fields.ts';
import type { DeviceStore, DeviceTypes, Sealing } from './ports.ts';

type Referring = Pick<
  DeviceRecord,
  'orgId' | 'siteId' | 'vendorId' | 'module' | 'maintenanceUnitId' | 'parentId' | 'parentKey'
>;

const REFERENCE_FIELDS = [
  ['orgId', 'orgIds'],
  ['siteId', 'siteIds'],
  ['vendorId', 'vendorIds'],
  ['module', 'modules'],
  ['maintenanceUnitId', 'maintenanceUnitIds'],
  ['parentId', 'parentIds'],
] as const;

export interface CheckDeps {
  readonly devices: DeviceStore;
  readonly types: DeviceTypes;
  readonly sealing: Sealing;
  /** Throws QUOTA_EXCEEDED when the actor may not register so many more; absent = any number. */
  readonly room?: (tx: Tx, actor: Actor, adding: number) => Promise<void>;
}

/** A device about to be registered, before it has a secret. `row` counts from 1. */
export interface Candidate {
  readonly row: number;
  readonly input: DeviceInput;
}

/**
 * Checks many new devices at once, against each other and the database, with a fixed number of statements. Answers
 * their records, or every error with its row.
 */
export async function checkCandidates(
  tx: Tx,
  actor: Actor,
  candidates: readonly Candidate[],
  deps: CheckDeps,
  now: number,
): Promise<{ records: NewDevice[]; errors: FieldError[] }> {
  const errors: FieldError[] = [];
  const records: NewDevice[] = [];
  await deps.room?.(tx, actor, candidates.length);
  const siteOrgs = await deps.devices.siteOrgs(
    tx,
    candidates.flatMap(({ input }) => input.siteId ?? []),
  );
  for (const { row, input } of candidates) {
    const id = input.id ?? newDeviceId(input.type);
    const read = readFields(input, { id, before: null, sealing: deps.sealing });
    const { type, errors: faults } = usableType(actor, input.type, deps.types);
    errors.push(...[...read.errors, ...faults].map((error) => ({ ...error, row })));
    const orgId = siteOrgs.get(read.fields.siteId ?? '') ?? null;
    records.push(newDevice(actor, { id, input, fields: read.fields, module: type?.module ?? null, orgId, now }));
  }
  const parentIds = candidates.map(({ input }) => input.parentId ?? null);
  const rows = candidates.map(({ row }) => row);
  const referring = records.map((record, index) => ({ ...record, parentId: parentIds[index] ?? null }));
  errors.push(...(await missingReferences(tx, actor, referring, rows, deps)));
  errors.push(
    ...(await takenNames(
      tx,
      records.map((record) => ({ ...record, key: null })),
      rows,
      deps,
    )),
  );
  const parents = await deps.devices.keysOf(
    tx,
    parentIds.filter((id) => id !== null),
  );
  return {
    records: records.map((record, index) => ({ ...record, parentKey: parents.get(parentIds[index] ?? '') ?? null })),
    errors,
  };
}

/** The type a device may be of; another vendor's reads as unknown. */
function usableType(actor: Actor, id: string, types: DeviceTypes) {
  const type = (types.isVisible?.(id, actor.scope) ?? true) ? types.get(id) : undefined;
  if (!type) return { type, errors: [fieldError('/type', 'notFound', 'input.typeNotFound', { value: id })] };
  const unapproved = actor.scope.kind !== 'vendor' && types.isApproved?.(id) === false;
  return { type, errors: unapproved ? [fieldError('/type', 'notApproved', 'mapping.typeNotApproved')] : [] };
}

const UNSAID = {
  nickname: null,
  serial: null,
  externalId: null,
  siteId: null,
  nationalCode: null,
  mac: null,
  location: null,
  connection: null,
  connectionSecret: null,
  maintenanceUnitId: null,
  installedOn: null,
  healthPolicy: null,
} as const;

/** The record of a new device; `module` and `orgId` are those of its type and its site, where it names none itself. */
function newDevice(
  actor: Actor,
  {
    id,
    input,
    fields,
    module,
    orgId,
    now,
  }: {
    id: string;
    input: DeviceInput;
    fields: ReturnType<typeof readFields>['fields'];
    module: string | null;
    orgId: string | null;
    now: number;
  },
): NewDevice {
  const ownVendor = actor.scope.kind === 'vendor' ? actor.scope.vendorId : null;
  const { parentId: _, ...said } = fields;
  return {
    ...UNSAID,
    ...said,
    id,
    type: input.type,
    name: input.name,
    module: fields.module ?? module,
    vendorId: fields.vendorId ?? ownVendor,
    orgId: fields.orgId ?? orgId,
    labels: fields.labels ?? {},
    parentKey: null,
    lifecycle: ownVendor === null ? 'active' : 'pending',
    lifecycleReason: null,
    lifecycleAt: now,
    secretHash: null,
    createdAt: now,
    updatedAt: now,
  };
}

/** Everything a device may point at must exist and be in the actor's reach; what is foreign reads as unknown. */
export async function missingReferences(
  tx: Tx,
  actor: Actor,
  devices: readonly Referring[],
  rows: readonly (number | undefined)[],
  deps: Pick<CheckDeps, 'devices'>,
): Promise<FieldError[]> {
  const wanted: { -readonly [K in keyof References]: string[] } = {
    orgIds: [],
    siteIds: [],
    vendorIds: [],
    modules: [],
    maintenanceUnitIds: [],
    parentIds: [],
  };
  for (const device of devices) {
    for (const [field, list] of REFERENCE_FIELDS) {
      const id = device[field];
      if (id !== null) wanted[list].push(id);
    }
  }
  const missing = await deps.devices.missing(tx, wanted, actor.scope);
  const gone = Object.fromEntries(REFERENCE_FIELDS.map(([field, list]) => [field, new Set(missing[list])]));
  const { scope } = actor;
  return devices.flatMap((device, index) => {
    const row = rows[index];
    const at = row === undefined ? {} : { row };
    const errors: FieldError[] = REFERENCE_FIELDS.flatMap(([field]) => {
      const id = device[field];
      const foreign = field === 'vendorId' && scope.kind === 'vendor' && id !== scope.vendorId;
      if (id === null || (!gone[field]?.has(id) && !foreign)) return [];
      return [{ ...fieldError(`/${field}`, 'notFound', 'input.notFound', { value: id }), ...at }];
    });
    // The organisation may have come from the site: a refusal must not tell where a foreign site lies.
    if (errors.some(({ path }) => path === '/siteId')) return errors.filter(({ path }) => path !== '/orgId');
    if (scope.kind === 'orgs' && device.orgId === null) {
      errors.push({ ...fieldError('/orgId', 'required', 'input.required'), ...at });
    }
    return errors;
  });
}

/** Ids, serials, external ids and national codes name one device only. */
export async function takenNames(
  tx: Tx,
  identities: readonly Identity[],
  rows: readonly (number | undefined)[],
  deps: Pick<CheckDeps, 'devices'>,
): Promise<FieldError[]> {
  const clashes = await deps.devices.clashes(tx, identities);
  const taken = clashes.map(({ row, field }) => ({ index: row, field }));
  const seen = new Set<string>();
  for (const [index, identity] of identities.entries()) {
    for (const field of ['id', 'serial', 'externalId', 'nationalCode'] as const) {
      const value = identity[field];
      if (value === null) continue;
      const perVendor = field === 'serial' || field === 'externalId';
      const name = JSON.stringify([field, value, perVendor ? identity.vendorId : null]);
      if (seen.has(name)) taken.push({ index, field });
      seen.add(name);
    }
  }
  return taken.map(({ index, field }) => {
    const row = rows[index];
    return {
      ...fieldError(`/${field}`, 'duplicate', 'input.duplicate', { value: identities[index]?.[field] ?? '' }),
      ...(row === undefined ? {} : { row }),
    };
  });
}

/** `ebike-charger-7k2m9q4x`: says what it is, and 40 random bits keep it apart. */
function newDeviceId(type: string): string {
  const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
  const random = [...randomBytes(8)].map((byte) => alphabet.charAt(byte % 32)).join('');
  const kind = (type.split('/').at(-1) ?? '').replace(/[^A-Za-z0-9-]/g, '').slice(0, 40);
  return /^[A-Za-z0-9]/.test(kind) ? `${kind}-${random}` : `device-${random}`;
}
