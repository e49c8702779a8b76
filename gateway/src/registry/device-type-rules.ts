import { createHash } from 'node:crypto';
import { type Actor, actorText } from '../domain/actor.ts';
import type { DeviceType } from '../domain/device-type/index.ts';
import type {
  ServedVersion,
  TypeReport,
  TypeVersion,
  TypeVersionSource,
  TypeVersionState,
  UploadedType,
} from '../domain/device-type-version.ts';
import { fieldError, refuseIf } from '../domain/input.ts';
import type { Scope } from '../domain/scope.ts';
import type { Tx } from '../domain/tx.ts';
import { GatewayError } from '../errors.ts';
import { bilingual } from '../messages/index.ts';
import type { DeviceTypeCatalogue } from './device-types.ts';

export interface DeviceTypeStore {
  claim(tx: Tx, type: { id: string; vendorId: string | null; shared: boolean }): Promise<UploadedType>;
  find(tx: Tx, id: string, scope: Scope, options?: { lock?: boolean }): Promise<UploadedType | undefined>;
  versions(tx: Tx, id: string, scope: Scope): Promise<TypeVersion[]>;
  version(tx: Tx, id: string, which: number | TypeVersionState, scope: Scope): Promise<TypeVersionSource | undefined>;
  insert(tx: Tx, version: Omit<TypeVersionSource, 'version'>): Promise<number>;
  save(tx: Tx, version: TypeVersionSource): Promise<void>;
  supersede(tx: Tx, id: string, state: TypeVersionState, now: number): Promise<void>;
  mark(tx: Tx, type: UploadedType & { readonly by: string | null }): Promise<void>;
  living(tx: Tx, id: string): Promise<number>;
  served(tx: Tx): Promise<(ServedVersion & { checksum: string })[]>;
  sources(
    tx: Tx,
    wanted: readonly { typeId: string; version: number }[],
  ): Promise<{ typeId: string; version: number; source: string }[]>;
}

const RESERVED = new Set(['generic']);

export function freshVersion(
  actor: Actor,
  type: DeviceType,
  source: string,
  now: number,
): Omit<TypeVersionSource, 'version'> {
  const undecided = { submittedAt: null, decidedAt: null, decidedBy: null, reason: null };
  const text = { author: actorText(actor), source, checksum: checksumOf(source), report: reportOf(type) };
  return { typeId: type.id, state: 'draft', ...text, restoredFrom: null, createdAt: now, updatedAt: now, ...undecided };
}

/** Whose type this id is; refuses what the actor may not write. */
export function ownerOf(actor: Actor, id: string, types: DeviceTypeCatalogue): string | null {
  const [prefix = ''] = id.split('/');
  if (types.isBuiltIn(id)) {
    const message = `${id} 是内置类型，请换一个 id / ${id} is built in; choose another id`;
    throw new GatewayError('INVALID_INPUT', message, { errors: [{ path: '/id', code: 'CONFLICT', message }] });
  }
  if (actor.scope.kind !== 'vendor') return prefix;
  const { vendorId } = actor.scope;
  if (prefix !== vendorId || RESERVED.has(prefix)) {
    refuseIf([fieldError('/id', 'owner', 'mapping.ownPrefix', { prefix: `${vendorId}/` })]);
  }
  return vendorId;
}

export function requireOwner(actor: Actor, type: UploadedType): void {
  if (actor.scope.kind === 'vendor' && type.vendorId !== actor.scope.vendorId) throw new GatewayError('NOT_FOUND');
}

export function unknownOrBuiltIn(types: DeviceTypeCatalogue, id: string): GatewayError {
  return types.isBuiltIn(id)
    ? new GatewayError('CONFLICT', bilingual('mapping.builtIn', { id }))
    : new GatewayError('NOT_FOUND');
}

export function notAllowed(key: 'mapping.noDraft' | 'mapping.nothingSubmitted' | 'mapping.neverApproved', id: string) {
  return new GatewayError('TRANSITION_NOT_ALLOWED', bilingual(key, { id }));
}

export function checksumOf(source: string): string {
  return createHash('sha256').update(source).digest('hex');
}

export function reportOf({ definition, metrics, events, alarms }: DeviceType): TypeReport {
  return {
    topics: definition.topics?.length ?? 0,
    metrics: metrics.size,
    events: events.size,
    alarms: alarms.length,
    commands: Object.keys(definition.commands ?? {}).length,
    examples: definition.examples.length,
  };
}
