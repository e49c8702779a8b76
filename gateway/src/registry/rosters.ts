import { randomUUID } from 'node:crypto';
import type { Clock } from '../../../adapters/adapter.ts';
import type { Actor } from '../domain/actor.ts';
import type { AuditPort } from '../domain/audit.ts';
import type { RosterPerson, ShiftRecord } from '../domain/duty-rows.ts';
import { fieldError, refuseIf } from '../domain/input.ts';
import { requireRight } from '../domain/permission.ts';
import type { Scope } from '../domain/scope.ts';
import type { Transactor, Tx } from '../domain/tx.ts';
import type { FieldError } from '../errors.ts';
import { GatewayError } from '../errors.ts';

export interface RosterStore {
  listShifts(tx: Tx, scope: Scope, filter?: ShiftFilter): Promise<ShiftRecord[]>;
  /** Locked until the transaction ends; undefined for unknown and foreign ids alike. */
  getShift(tx: Tx, scope: Scope, id: string): Promise<ShiftRecord | undefined>;
  putShift(tx: Tx, shift: ShiftRecord): Promise<void>;
  removeShift(tx: Tx, id: string): Promise<boolean>;
  /** Of these the ones who may work and whom the scope or the organisation holds. */
  rosterable(tx: Tx, scope: Scope, userIds: readonly string[], orgId: string | null): Promise<ReadonlySet<string>>;
  /** Whom the scope may put on duty, and whoever is on a roster of its organisations; by name. */
  rosterPeople(tx: Tx, scope: Scope): Promise<RosterPerson[]>;
}

export interface ShiftFilter {
  readonly orgId?: string;
  readonly module?: string;
}

export type ShiftFields = Omit<ShiftRecord, 'id'>;

/** Duty rosters: who is asked first for a module and an organisation, within what the actor reaches. */
export interface Rosters {
  list(actor: Actor, filter: ShiftFilter): Promise<readonly ShiftRecord[]>;
  /** Names for the roster: who reads it need not hold the right to the list of users. */
  people(actor: Actor): Promise<readonly RosterPerson[]>;
  create(actor: Actor, input: Pick<ShiftFields, 'orgId' | 'userId'> & Partial<ShiftFields>): Promise<ShiftRecord>;
  update(actor: Actor, id: string, patch: Partial<ShiftFields>): Promise<ShiftRecord>;
  remove(actor: Actor, id: string): Promise<void>;
}

/** What a shift is as far as nobody says. */
export const WHOLE_DAY = {
  module: null,
  days: [1, 2, 3, 4, 5, 6, 7],
  fromMinute: 0,
  toMinute: 1_440,
  validFrom: null,
  validTo: null,
  position: 0,
  on: 'always',
} as const;

export function createRosters(deps: {
  readonly db: Transactor;
  readonly rosters: RosterStore;
  readonly orgs: { get(tx: Tx, id: string, scope: Scope): Promise<unknown> };
  readonly modules: { get(tx: Tx, id: string): Promise<unknown> };
  readonly audit: AuditPort;
  readonly clock: Clock;
}): Rosters {
  const { db, rosters } = deps;

  const prove = (tx: Tx, actor: Actor, action: string, before: ShiftRecord | null, after: ShiftRecord | null) =>
    deps.audit.append(tx, [
      {
        at: deps.clock.now(),
        actor,
        action,
        resource: 'rosters',
        resourceId: (after ?? before)?.id ?? null,
        before,
        after,
      },
    ]);

  /** What a shift names must exist where the actor can see it. */
  const check = async (tx: Tx, actor: Actor, { orgId, module, userId }: Partial<ShiftFields>, at: string) => {
    const errors: FieldError[] = [];
    const missing = (path: string, value: string) =>
      errors.push(fieldError(path, 'notFound', 'input.notFound', { value }));
    if (orgId !== undefined && !(await deps.orgs.get(tx, orgId, actor.scope))) missing('/orgId', orgId);
    if (typeof module === 'string' && !(await deps.modules.get(tx, module))) missing('/module', module);
    // Whoever nobody could reach would be on duty in name only.
    if (userId !== undefined && !(await rosters.rosterable(tx, actor.scope, [userId], at)).has(userId))
      errors.push(fieldError('/userId', 'notFound', 'duty.person', { value: userId }));
    refuseIf(errors);
  };

  const find = async (tx: Tx, actor: Actor, id: string) => {
    const shift = await rosters.getShift(tx, actor.scope, id);
    if (!shift) throw new GatewayError('NOT_FOUND');
    return shift;
  };

  return {
    list(actor, filter) {
      requireRight(actor, 'rosters', 'read');
      return rosters.listShifts(db.autocommit, actor.scope, filter);
    },
    people(actor) {
      requireRight(actor, 'rosters', 'read');
      return rosters.rosterPeople(db.autocommit, actor.scope);
    },
    create(actor, input) {
      requireRight(actor, 'rosters', 'create');
      return db.transaction(async (tx) => {
        await check(tx, actor, input, input.orgId);
        const shift = { ...WHOLE_DAY, ...input, id: randomUUID() };
        await rosters.putShift(tx, shift);
        await prove(tx, actor, 'create', null, shift);
        return shift;
      });
    },
    update(actor, id, patch) {
      requireRight(actor, 'rosters', 'update');
      return db.transaction(async (tx) => {
        const before = await find(tx, actor, id);
        await check(tx, actor, patch, patch.orgId ?? before.orgId);
        const after = { ...before, ...patch };
        await rosters.putShift(tx, after);
        await prove(tx, actor, 'update', before, after);
        return after;
      });
    },
    remove(actor, id) {
      requireRight(actor, 'rosters', 'remove');
      return db.transaction(async (tx) => {
        const before = await find(tx, actor, id);
        await rosters.removeShift(tx, id);
        await prove(tx, actor, 'remove', before, null);
      });
    },
  };
}
