import type { Clock, Logger } from '../../../adapters/adapter.ts';
import { type Actor, actorText } from '../domain/actor.ts';
import type { AuditPort } from '../domain/audit.ts';
import type { DeviceType } from '../domain/device-type/index.ts';
import type { TypeVersion, TypeVersionSource, UploadedType } from '../domain/device-type-version.ts';
import { fieldError, refuseIf } from '../domain/input.ts';
import { may, requireRight } from '../domain/permission.ts';
import type { Transactor, Tx } from '../domain/tx.ts';
import { GatewayError } from '../errors.ts';
import { bilingual } from '../messages/index.ts';
import { buildSource } from './device-type-file.ts';
import {
  type DeviceTypeStore,
  freshVersion,
  notAllowed,
  ownerOf,
  requireOwner,
  unknownOrBuiltIn,
} from './device-type-rules.ts';
import type { DeviceTypeCatalogue } from './device-types.ts';

export interface VersionsDeps {
  readonly db: Transactor;
  readonly store: DeviceTypeStore;
  readonly types: DeviceTypeCatalogue;
  readonly audit: AuditPort;
  readonly clock: Clock;
  readonly log: Logger;
  /** Brings what is served up to date here, and tells the other processes. Called after the commit. */
  readonly changed: () => Promise<void>;
  /** Throws QUOTA_EXCEEDED when the actor may not have another type beside its own; absent = any number. */
  readonly room?: (tx: Tx, actor: Actor, typeId: string) => Promise<void>;
}

export type TypeDecision = 'approve' | 'reject' | 'rollback';

export interface DeviceTypeVersions {
  /**
   * Keeps a new text of a type: an administrator's is served at once, a vendor's is its draft, or with `submit` waits for
   * approval. Throws INVALID_INPUT with line and column of every fault.
   */
  save(actor: Actor, source: string, options: { submit: boolean }): Promise<{ version: TypeVersion; type: DeviceType }>;
  /** Hands the draft in. */
  submit(actor: Actor, id: string): Promise<TypeVersion>;
  /** Decides on what was submitted; `rollback` brings an earlier approved version back as a new one. */
  decide(
    actor: Actor,
    id: string,
    decision: TypeDecision,
    input: { reason: string; version?: number },
  ): Promise<TypeVersion>;
  /** Takes a type without living devices out of service. */
  retire(actor: Actor, id: string, reason: string): Promise<UploadedType>;
  /** Opens a type to every vendor, or closes it again. */
  share(actor: Actor, id: string, shared: boolean): Promise<UploadedType>;
  /** Newest first, at most 200; NOT_FOUND for what the actor may not see. */
  versions(actor: Actor, id: string): Promise<readonly TypeVersion[]>;
  version(actor: Actor, id: string, version: number): Promise<TypeVersionSource>;
}

/** The versions of uploaded types: who may write them, who decides, what is served. */
export function createDeviceTypeVersions(deps: VersionsDeps): DeviceTypeVersions {
  const { db, store, types, clock } = deps;

  const built = (source: string): DeviceType => {
    const result = buildSource(source);
    if (!result.ok) throw new GatewayError('INVALID_INPUT', result.errors[0]?.message, { errors: result.errors });
    return result.type;
  };
  const locked = async (tx: Tx, actor: Actor, id: string): Promise<UploadedType> => {
    const type = await store.find(tx, id, actor.scope, { lock: true });
    if (!type) throw unknownOrBuiltIn(types, id);
    return type;
  };
  const prove = (tx: Tx, actor: Actor, action: string, version: TypeVersion, reason: string | null) => {
    const { typeId: resourceId, version: number, state, checksum, restoredFrom } = version;
    const after = { version: number, state, checksum, ...(restoredFrom === null ? {} : { restoredFrom }) };
    const entry = { at: clock.now(), actor, action, resource: 'deviceTypes', resourceId, reason, after };
    return deps.audit.append(tx, [entry]);
  };
  /** Serves a version in place of the one before; a type that was retired is back. */
  const approve = async (
    tx: Tx,
    actor: Actor,
    type: UploadedType,
    version: TypeVersionSource,
    reason: string | null,
  ) => {
    const now = clock.now();
    await store.supersede(tx, type.id, 'approved', now);
    const approved = {
      ...version,
      state: 'approved' as const,
      updatedAt: now,
      decidedAt: now,
      decidedBy: actorText(actor),
      reason,
    };
    await store.save(tx, approved);
    if (type.retiredAt !== null) await store.mark(tx, { ...type, retiredAt: null, retiredReason: null, by: null });
    return approved;
  };

  return {
    async save(actor, source, { submit }) {
      requireRight(actor, 'deviceTypes', 'create');
      const type = built(source);
      const owner = ownerOf(actor, type.id, types);
      const direct = actor.scope.kind === 'all' && may(actor, 'deviceTypes', 'decide');
      const version = await db.transaction(async (tx) => {
        await deps.room?.(tx, actor, type.id);
        const uploaded = await store.claim(tx, { id: type.id, vendorId: owner, shared: actor.scope.kind !== 'vendor' });
        requireOwner(actor, uploaded);
        const last = direct
          ? await approveDirectly(tx, actor, uploaded, type, source)
          : await keepDraft(tx, actor, type, source, submit);
        await prove(tx, actor, direct ? 'approve' : submit ? 'submit' : 'draft', last, null);
        return last;
      });
      await deps.changed();
      return { version: withoutSource(version), type };
    },

    async submit(actor, id) {
      requireRight(actor, 'deviceTypes', 'create');
      const version = await db.transaction(async (tx) => {
        const type = await locked(tx, actor, id);
        requireOwner(actor, type);
        const draft = await store.version(tx, id, 'draft', actor.scope);
        if (!draft) throw notAllowed('mapping.noDraft', id);
        // The checker may have learned since the draft was written.
        built(draft.source);
        const last = await handIn(tx, store, draft, clock.now());
        await prove(tx, actor, 'submit', last, null);
        return last;
      });
      await deps.changed();
      return withoutSource(version);
    },

    async decide(actor, id, decision, { reason, version: number }) {
      requireRight(actor, 'deviceTypes', 'decide');
      const version = await db.transaction(async (tx) => {
        const type = await locked(tx, actor, id);
        const last =
          decision === 'rollback'
            ? await rollBack(tx, actor, type, number, reason)
            : await settle(tx, actor, type, decision, number, reason);
        await prove(tx, actor, decision, last, reason);
        return last;
      });
      await deps.changed();
      return withoutSource(version);
    },

    async retire(actor, id, reason) {
      requireRight(actor, 'deviceTypes', 'decide');
      const type = await db.transaction(async (tx) => {
        const before = await locked(tx, actor, id);
        const devices = await store.living(tx, id);
        if (devices > 0) throw new GatewayError('CONFLICT', bilingual('mapping.inUse', { id, count: devices }));
        const after = { ...before, retiredAt: clock.now(), retiredReason: reason };
        await store.mark(tx, { ...after, by: actorText(actor) });
        const entry = { at: clock.now(), actor, action: 'retire', resource: 'deviceTypes', resourceId: id, reason };
        await deps.audit.append(tx, [entry]);
        return after;
      });
      await deps.changed();
      return type;
    },

    async share(actor, id, shared) {
      requireRight(actor, 'deviceTypes', 'decide');
      const type = await db.transaction(async (tx) => {
        const before = await locked(tx, actor, id);
        const after = { ...before, shared };
        await store.mark(tx, { ...after, by: null });
        const change = { before: { shared: before.shared }, after: { shared } };
        const entry = { at: clock.now(), actor, action: 'update', resource: 'deviceTypes', resourceId: id, ...change };
        await deps.audit.append(tx, [entry]);
        return after;
      });
      await deps.changed();
      return type;
    },

    async versions(actor, id) {
      requireRight(actor, 'deviceTypes', 'read');
      if (types.isBuiltIn(id)) return [];
      if (!(await store.find(db.autocommit, id, actor.scope))) throw new GatewayError('NOT_FOUND');
      return store.versions(db.autocommit, id, actor.scope);
    },

    async version(actor, id, number) {
      requireRight(actor, 'deviceTypes', 'read');
      const found = await store.version(db.autocommit, id, number, actor.scope);
      if (!found) throw new GatewayError('NOT_FOUND');
      return found;
    },
  };

  async function approveDirectly(tx: Tx, actor: Actor, uploaded: UploadedType, type: DeviceType, source: string) {
    // It enters as superseded, so that no two texts ever stand as approved.
    const text = { ...freshVersion(actor, type, source, clock.now()), state: 'superseded' as const };
    return approve(tx, actor, uploaded, { ...text, version: await store.insert(tx, text) }, null);
  }

  async function keepDraft(tx: Tx, actor: Actor, type: DeviceType, source: string, submit: boolean) {
    const now = clock.now();
    const before = await store.version(tx, type.id, 'draft', actor.scope);
    const text = { ...freshVersion(actor, type, source, now), createdAt: before?.createdAt ?? now };
    const draft = { ...text, version: before?.version ?? (await store.insert(tx, text)) };
    if (before) await store.save(tx, draft);
    return submit ? handIn(tx, store, draft, now) : draft;
  }

  async function settle(
    tx: Tx,
    actor: Actor,
    type: UploadedType,
    decision: 'approve' | 'reject',
    number: number | undefined,
    reason: string,
  ): Promise<TypeVersionSource> {
    const submitted = await store.version(tx, type.id, 'submitted', actor.scope);
    // The number guards against deciding on a text that was exchanged since it was read.
    if (!submitted || (number !== undefined && number !== submitted.version)) {
      throw notAllowed('mapping.nothingSubmitted', type.id);
    }
    if (submitted.author === actorText(actor)) throw new GatewayError('FORBIDDEN', bilingual('mapping.ownDecision'));
    if (decision === 'approve') {
      built(submitted.source);
      return approve(tx, actor, type, submitted, reason);
    }
    const now = clock.now();
    const decided = { decidedAt: now, decidedBy: actorText(actor), reason };
    const rejected = { ...submitted, state: 'rejected' as const, updatedAt: now, ...decided };
    await store.save(tx, rejected);
    return rejected;
  }

  async function rollBack(
    tx: Tx,
    actor: Actor,
    type: UploadedType,
    number: number | undefined,
    reason: string,
  ): Promise<TypeVersionSource> {
    const earlier = number === undefined ? undefined : await store.version(tx, type.id, number, actor.scope);
    if (!earlier) refuseIf([fieldError('/version', 'required', 'mapping.whichVersion')]);
    if (earlier?.state !== 'superseded' || earlier.decidedAt === null)
      throw notAllowed('mapping.neverApproved', type.id);
    const now = clock.now();
    const { version: _, ...text } = earlier;
    const copy = {
      ...text,
      author: actorText(actor),
      restoredFrom: earlier.version,
      createdAt: now,
      submittedAt: null,
    };
    built(copy.source);
    return approve(tx, actor, type, { ...copy, version: await store.insert(tx, copy) }, reason);
  }
}

async function handIn(
  tx: Tx,
  store: DeviceTypeStore,
  draft: TypeVersionSource,
  now: number,
): Promise<TypeVersionSource> {
  await store.supersede(tx, draft.typeId, 'submitted', now);
  const submitted = { ...draft, state: 'submitted' as const, updatedAt: now, submittedAt: now };
  await store.save(tx, submitted);
  return submitted;
}

function withoutSource({ source: _, ...version }: TypeVersionSource): TypeVersion {
  return version;
}
