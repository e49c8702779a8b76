import { randomUUID } from 'node:crypto';
import type { Clock } from '../../../adapters/adapter.ts';
import { type ApiKey, ApiKeyInput, KeyRotation } from '../domain/access-input.ts';
import type { Actor } from '../domain/actor.ts';
import { isAddressBlock } from '../domain/address-list.ts';
import type { AuditPort } from '../domain/audit.ts';
import type { IssuedLogin } from '../domain/broker-login.ts';
import { parseDuration } from '../domain/duration.ts';
import { fieldError, parseInput, refuseIf } from '../domain/input.ts';
import { opensMqtt } from '../domain/key-scope.ts';
import { requireRight } from '../domain/permission.ts';
import { vendorNamed } from '../domain/scope.ts';
import type { Transactor, Tx } from '../domain/tx.ts';
import { GatewayError } from '../errors.ts';
import type { ApiKeyStore } from './ports.ts';
import { randomSecret, type Secrets } from './secrets.ts';

/** A key just made; `key` is shown this once. */
export type NewApiKey = ApiKey & { readonly key: string };

export interface ApiKeys {
  createOwn(actor: Actor, input: ApiKeyInput): Promise<NewApiKey>;
  listOwn(actor: Actor): Promise<ApiKey[]>;
  revokeOwn(actor: Actor, id: string): Promise<void>;
  /** A new key in the place of an old one, which works on for `overlap` (up to 24 h, none when absent). */
  rotateOwn(actor: Actor, id: string, input: KeyRotation): Promise<NewApiKey>;
  /** A vendor's key: its HTTP login and the password of its MQTT login `vendor:<id>`. `me` is a vendor's own id. */
  createForVendor(actor: Actor, vendorId: string, input: ApiKeyInput): Promise<NewApiKey>;
  listForVendor(actor: Actor, vendorId: string): Promise<ApiKey[]>;
  revokeForVendor(actor: Actor, vendorId: string, id: string): Promise<void>;
  rotateForVendor(actor: Actor, vendorId: string, id: string, input: KeyRotation): Promise<NewApiKey>;
}

const LONGEST_OVERLAP_MS = 24 * 3_600_000;

type Owner = { readonly userId: string } | { readonly vendorId: string };

export function createApiKeys(deps: {
  readonly db: Transactor;
  readonly apiKeys: ApiKeyStore;
  readonly audit: AuditPort;
  readonly secrets: Secrets;
  readonly clock: Clock;
  /** Throws NOT_FOUND unless the vendor exists. */
  readonly requireVendor: (vendorId: string) => Promise<void>;
  /** After a vendor's keys changed: the MQTT login learns of it and cuts the live session of a key that is over. */
  readonly onVendorKeys: () => Promise<void>;
  /** In the transaction: a vendor's MQTT login has this password from now on. */
  readonly onIssued?: (tx: Tx, logins: readonly IssuedLogin[]) => Promise<void>;
}): ApiKeys {
  const { db, clock } = deps;

  const newRecord = (owner: Owner, input: ApiKeyInput, now: number): ApiKey => ({
    id: randomUUID(),
    name: input.name,
    description: input.description ?? null,
    scopes: input.scopes ? [...new Set(input.scopes)] : null,
    addresses: input.addresses ?? null,
    userId: 'userId' in owner ? owner.userId : null,
    vendorId: 'vendorId' in owner ? owner.vendorId : null,
    createdAt: now,
    expiresAt: input.expiresAt ?? null,
    lastUsedAt: null,
    lastUsedAddress: null,
    revokedAt: null,
    replacedBy: null,
  });

  const insert = async (tx: Tx, actor: Actor, record: ApiKey): Promise<NewApiKey> => {
    const key = `cgwk_${randomSecret()}`;
    await deps.apiKeys.insert(tx, { ...record, keyHash: deps.secrets.hash(key) });
    // A broker elsewhere cannot hold a key to its addresses.
    if (record.vendorId !== null && record.addresses === null && opensMqtt(record.scopes)) {
      await deps.onIssued?.(tx, [{ username: `vendor:${record.vendorId}`, password: key, keyId: record.id }]);
    }
    await deps.audit.append(tx, [
      { at: record.createdAt, actor, action: 'create', resource: 'apiKeys', resourceId: record.id, after: record },
    ]);
    return { ...record, key };
  };

  const create = async (actor: Actor, owner: Owner, raw: ApiKeyInput): Promise<NewApiKey> => {
    const input = parseInput(ApiKeyInput, raw);
    const now = clock.now();
    if (input.expiresAt !== undefined && input.expiresAt <= now) {
      refuseIf([fieldError('/expiresAt', 'range', 'input.minimum', { limit: now })]);
    }
    refuseIf(
      (input.addresses ?? []).flatMap((block, index) =>
        isAddressBlock(block) ? [] : [fieldError(`/addresses/${index}`, 'addressBlock', 'access.addressBlock')],
      ),
    );
    const mqttOnly = input.scopes?.every((scope) => scope === 'mqtt') ?? false;
    if (mqttOnly && 'userId' in owner) refuseIf([fieldError('/scopes', 'scope', 'access.mqttIsForVendors')]);
    return db.transaction((tx) => insert(tx, actor, newRecord(owner, input, now)));
  };

  const rotate = async (actor: Actor, owner: Owner, id: string, raw: KeyRotation): Promise<NewApiKey> => {
    const { overlap = '0s' } = parseInput(KeyRotation, raw);
    const overlapMs = parseDuration(overlap) ?? -1;
    if (overlapMs < 0 || overlapMs > LONGEST_OVERLAP_MS) {
      refuseIf([fieldError('/overlap', 'range', 'access.overlap')]);
    }
    return db.transaction(async (tx) => {
      const now = clock.now();
      const before = await deps.apiKeys.lock(tx, id, owner);
      // A key whose successor exists is not rotated again: two keys at a time, never a third.
      if (!before || before.replacedBy !== null || (before.expiresAt !== null && before.expiresAt <= now)) {
        throw new GatewayError('NOT_FOUND');
      }
      const { name, description, scopes, addresses, expiresAt } = before;
      const record = newRecord(owner, { name }, now);
      const made = await insert(tx, actor, { ...record, description, scopes, addresses, expiresAt });
      await deps.apiKeys.replace(tx, id, made.id, now + overlapMs);
      if (overlapMs === 0) await deps.apiKeys.revoke(tx, id, owner, now);
      await deps.audit.append(tx, [
        {
          at: now,
          actor,
          action: 'rotate',
          resource: 'apiKeys',
          resourceId: id,
          after: { replacedBy: made.id, worksUntil: now + overlapMs },
        },
      ]);
      return made;
    });
  };

  const revoke = (actor: Actor, owner: Owner, id: string) =>
    db.transaction(async (tx) => {
      if (!(await deps.apiKeys.revoke(tx, id, owner, clock.now()))) throw new GatewayError('NOT_FOUND');
      await deps.audit.append(tx, [
        { at: clock.now(), actor, action: 'revoke', resource: 'apiKeys', resourceId: id, after: owner },
      ]);
    });

  const ownerOf = (actor: Actor): Owner => (actor.kind === 'vendor' ? { vendorId: actor.id } : { userId: actor.id });

  /** Whose keys they are. */
  const requireVendorKeys = async (actor: Actor, named: string): Promise<{ readonly vendorId: string }> => {
    const vendorId = vendorNamed(actor.scope, named);
    // A vendor's own people manage its keys; to everyone else it is an administrator's matter.
    if (actor.scope.kind === 'vendor') {
      // A stolen key must not make itself another, or end those of its owner; whose vendor is named does not matter.
      if (actor.apiKeyId) throw new GatewayError('FORBIDDEN');
      if (actor.scope.vendorId !== vendorId) throw new GatewayError('NOT_FOUND');
    } else requireRight(actor, 'vendors', 'update');
    await deps.requireVendor(vendorId);
    return { vendorId };
  };

  return {
    async createOwn(actor, input) {
      // A key must not outlive its bearer by making another one.
      if (actor.apiKeyId) throw new GatewayError('FORBIDDEN');
      return create(actor, ownerOf(actor), input);
    },
    listOwn: (actor) => deps.apiKeys.list(db.autocommit, ownerOf(actor)),
    async revokeOwn(actor, id) {
      const owner = ownerOf(actor);
      // A narrowed key may end itself and nothing else.
      if (actor.apiKeyId && actor.apiKeyId !== id) throw new GatewayError('FORBIDDEN');
      await revoke(actor, owner, id);
      if ('vendorId' in owner) await deps.onVendorKeys();
    },
    async rotateOwn(actor, id, input) {
      if (actor.apiKeyId) throw new GatewayError('FORBIDDEN');
      return rotate(actor, ownerOf(actor), id, input);
    },
    async createForVendor(actor, vendorId, input) {
      const made = await create(actor, await requireVendorKeys(actor, vendorId), input);
      await deps.onVendorKeys();
      return made;
    },
    async listForVendor(actor, vendorId) {
      return deps.apiKeys.list(db.autocommit, await requireVendorKeys(actor, vendorId));
    },
    async revokeForVendor(actor, vendorId, id) {
      await revoke(actor, await requireVendorKeys(actor, vendorId), id);
      await deps.onVendorKeys();
    },
    async rotateForVendor(actor, vendorId, id, input) {
      const made = await rotate(actor, await requireVendorKeys(actor, vendorId), id, input);
      await deps.onVendorKeys();
      return made;
    },
  };
}
