import { randomUUID } from 'node:crypto';
import type { TSchema } from 'typebox';
import type { Clock } from '../../../adapters/adapter.ts';
import type { Actor } from '../domain/actor.ts';
import type { AuditPort } from '../domain/audit.ts';
import { parseInput } from '../domain/input.ts';
import type { Page } from '../domain/page.ts';
import { type Resource as Right, requireRight } from '../domain/permission.ts';
import type { Scope } from '../domain/scope.ts';
import type { Transactor, Tx } from '../domain/tx.ts';
import { GatewayError } from '../errors.ts';

export interface ListQuery {
  readonly limit?: number;
  readonly cursor?: string;
  readonly q?: string;
  /** Exact values of fields the family may be filtered by. */
  readonly where?: Readonly<Record<string, string>>;
}

/** Objects people enter: listed, changed and removed one by one. Foreign and unknown ids answer NOT_FOUND. */
export interface Resource<T, Input, Patch> {
  list(actor: Actor, query: ListQuery): Promise<Page<T>>;
  get(actor: Actor, id: string): Promise<T>;
  create(actor: Actor, input: Input): Promise<T>;
  update(actor: Actor, id: string, patch: Patch): Promise<T>;
  remove(actor: Actor, id: string): Promise<void>;
}

export interface ResourceStore<T> {
  get(tx: Tx, id: string, scope: Scope, options?: { lock?: boolean }): Promise<T | undefined>;
  list(
    tx: Tx,
    query: {
      limit: number;
      cursor?: string | undefined;
      q?: string | undefined;
      where?: Readonly<Record<string, string>> | undefined;
    },
    scope: Scope,
  ): Promise<Page<T>>;
  insert(tx: Tx, row: T): Promise<void>;
  update(tx: Tx, row: T): Promise<void>;
  remove(tx: Tx, id: string): Promise<void>;
}

export interface CatalogueDeps {
  readonly db: Transactor;
  readonly audit: AuditPort;
  readonly clock: Clock;
}

/**
 * One family of objects. `make` and `merge` turn valid input into the whole object and refuse what a schema cannot say;
 * `after` runs when the change is committed.
 */
export function createResource<T extends { readonly id: string }, Input extends object, Patch extends object>(
  deps: CatalogueDeps,
  kind: {
    readonly right: Right;
    readonly store: ResourceStore<T>;
    readonly input: TSchema;
    readonly patch: TSchema;
    readonly make: (tx: Tx, actor: Actor, input: Input, id: string) => Promise<T>;
    readonly merge: (tx: Tx, actor: Actor, before: T, patch: Patch) => Promise<T>;
    /** Objects of the same table that are not of this family are not found. */
    readonly owns?: (row: T) => boolean;
    readonly after?: () => Promise<void>;
  },
): Resource<T, Input, Patch> {
  const { db, clock } = deps;
  const prove = (tx: Tx, actor: Actor, action: string, before: T | null, after: T | null) =>
    deps.audit.append(tx, [
      {
        at: clock.now(),
        actor,
        action,
        resource: kind.right,
        resourceId: (after ?? before)?.id ?? null,
        before,
        after,
      },
    ]);
  const find = async (tx: Tx, actor: Actor, id: string, lock: boolean): Promise<T> => {
    const row = await kind.store.get(tx, id, actor.scope, { lock });
    if (!row || kind.owns?.(row) === false) throw new GatewayError('NOT_FOUND');
    return row;
  };

  return {
    async list(actor, query) {
      requireRight(actor, kind.right, 'read');
      const { limit = 50, cursor, q, where } = query;
      return kind.store.list(
        db.autocommit,
        { limit: Math.min(Math.max(limit, 1), 500), cursor, q, where },
        actor.scope,
      );
    },
    async get(actor, id) {
      requireRight(actor, kind.right, 'read');
      return find(db.autocommit, actor, id, false);
    },
    async create(actor, raw) {
      requireRight(actor, kind.right, 'create');
      const input = parseInput(kind.input, raw) as Input & { id?: string };
      const made = await db.transaction(async (tx) => {
        const row = await kind.make(tx, actor, input, input.id ?? randomUUID());
        await kind.store.insert(tx, row);
        await prove(tx, actor, 'create', null, row);
        return row;
      });
      await kind.after?.();
      return made;
    },
    async update(actor, id, raw) {
      requireRight(actor, kind.right, 'update');
      const patch = parseInput(kind.patch, raw) as Patch;
      const changed = await db.transaction(async (tx) => {
        const before = await find(tx, actor, id, true);
        const after = await kind.merge(tx, actor, before, patch);
        await kind.store.update(tx, after);
        await prove(tx, actor, 'update', before, after);
        return after;
      });
      await kind.after?.();
      return changed;
    },
    async remove(actor, id) {
      requireRight(actor, kind.right, 'remove');
      await db.transaction(async (tx) => {
        const before = await find(tx, actor, id, true);
        await kind.store.remove(tx, id);
        await prove(tx, actor, 'remove', before, null);
      });
      await kind.after?.();
    },
  };
}
