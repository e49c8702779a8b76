import { randomUUID } from 'node:crypto';
import type { Clock } from '../../../adapters/adapter.ts';
import { type ApiKey, ApiKeyInput } from '../domain/access-input.ts';
import type { Actor } from '../domain/actor.ts';
import type { AuditPort } from '../domain/audit.ts';
import { fieldError, parseInput, refuseIf } from '../domain/input.ts';
import { requireRight } from '../domain/permission.ts';
import type { Transactor } from '../domain/tx.ts';
import { GatewayError } from '../errors.ts';
import type { ApiKeyStore } from './ports.ts';
import { randomSecret, type Secrets } from './secrets.ts';

/** A key just made; `key` is shown this once. */
export type NewApiKey = ApiKey & { readonly key: string };

export interface ApiKeys {
  createOwn(actor: Actor, input: ApiKeyInput): Promise<NewApiKey>;
  listOwn(actor: Actor): Promise<ApiKey[]>;
  revokeOwn(actor: Actor, id: string): Promise<void>;
  /** A vendor's key: its HTTP login and the password of its MQTT login `vendor:<id>`. */
  createForVendor(actor: Actor, vendorId: string, input: ApiKeyInput): Promise<NewApiKey>;
  listForVendor(actor: Actor, vendorId: string): Promise<ApiKey[]>;
  revokeForVendor(actor: Actor, vendorId: string, id: string): Promise<void>;
}

type Owner = { readonly userId: string } | { readonly vendorId: string };

export function createApiKeys(deps: {
  readonly db: Transactor;
  readonly apiKeys: ApiKeyStore;
  readonly audit: AuditPort;
  readonly secrets: Secrets;
  readonly clock: Clock;
  /** Throws NOT_FOUND unless the vendor exists. */
  readonly requireVendor: (vendorId: string) => Promise<void>;
  /** After a vendor's keys changed: the MQTT login learns of it and cuts the live session of a revoked key. */
  readonly onVendorKeys: (vendorId: string, change: 'created' | 'revoked') => Promise<void>;
}): ApiKeys {
  const { db, clock } = deps;

  const create = async (actor: Actor, owner: Owner, raw: ApiKeyInput): Promise<NewApiKey> => {
    const input = parseInput(ApiKeyInput, raw);
    const now = clock.now();
    if (input.expiresAt !== undefined && input.expiresAt <= now) {
      refuseIf([fieldError('/expiresAt', 'range', 'input.minimum', { limit: now })]);
    }
    const key = `cgwk_${randomSecret()}`;
    const record: ApiKey = {
      id: randomUUID(),
      name: input.name,
      userId: 'userId' in owner ? owner.userId : null,
      vendorId: 'vendorId' in owner ? owner.vendorId : null,
      createdAt: now,
      expiresAt: input.expiresAt ?? null,
      lastUsedAt: null,
      revokedAt: null,
    };
    await db.transaction(async (tx) => {
      await deps.apiKeys.insert(tx, { ...record, keyHash: deps.secrets.hash(key) });
      await deps.audit.append(tx, [
        { at: now, actor, action: 'create', resource: 'apiKeys', resourceId: record.id, after: record },
      ]);
    });
    return { ...record, key };
  };

  const revoke = (actor: Actor, owner: Owner, id: string) =>
    db.transaction(async (tx) => {
      if (!(await deps.apiKeys.revoke(tx, id, owner, clock.now()))) throw new GatewayError('NOT_FOUND');
      await deps.audit.append(tx, [
        { at: clock.now(), actor, action: 'revoke', resource: 'apiKeys', resourceId: id, after: owner },
      ]);
    });

  const ownerOf = (actor: Actor): Owner => (actor.kind === 'vendor' ? { vendorId: actor.id } : { userId: actor.id });

  const requireVendorKeys = async (actor: Actor, vendorId: string) => {
    // A vendor's own people manage its keys; to everyone else it is an administrator's matter.
    if (actor.scope.kind === 'vendor') {
      if (actor.scope.vendorId !== vendorId) throw new GatewayError('NOT_FOUND');
    } else requireRight(actor, 'vendors', 'update');
    await deps.requireVendor(vendorId);
  };

  return {
    async createOwn(actor, input) {
      // A key must not outlive its bearer by making another one.
      if (actor.apiKeyId) throw new GatewayError('FORBIDDEN');
      return create(actor, ownerOf(actor), input);
    },
    listOwn: (actor) => deps.apiKeys.list(db.autocommit, ownerOf(actor)),
    revokeOwn: (actor, id) => revoke(actor, ownerOf(actor), id),
    async createForVendor(actor, vendorId, input) {
      await requireVendorKeys(actor, vendorId);
      const made = await create(actor, { vendorId }, input);
      await deps.onVendorKeys(vendorId, 'created');
      return made;
    },
    async listForVendor(actor, vendorId) {
      await requireVendorKeys(actor, vendorId);
      return deps.apiKeys.list(db.autocommit, { vendorId });
    },
    async revokeForVendor(actor, vendorId, id) {
      await requireVendorKeys(actor, vendorId);
      await revoke(actor, { vendorId }, id);
      await deps.onVendorKeys(vendorId, 'revoked');
    },
  };
}
