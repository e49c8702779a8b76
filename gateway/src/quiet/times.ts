import { randomUUID } from 'node:crypto';
import type { Actor } from '../domain/actor.ts';
import { fieldError, refuseIf } from '../domain/input.ts';
import type { Page } from '../domain/page.ts';
import { may, requireRight } from '../domain/permission.ts';
import type { QuietInput } from '../domain/quiet-input.ts';
import type { QuietKind, QuietReach, QuietScope, QuietTime } from '../domain/quiet-rows.ts';
import { lastEnd, occurrences, type Span } from '../domain/quiet-times.ts';
import type { Tx } from '../domain/tx.ts';
import { type FieldError, GatewayError } from '../errors.ts';
import { bilingual } from '../messages/index.ts';
import { checkTiming } from './limits.ts';
import type { QuietMemory } from './memory.ts';
import type { QuietDeps, QuietQuery } from './ports.ts';
import { AUDITED } from './sweep.ts';

/** One of them as shown: what its reader may not know is left out of the scope. */
export interface QuietView extends QuietTime {
  /** The scope names more than its reader sees. */
  readonly partial: boolean;
  /** It holds at this moment. */
  readonly active: boolean;
}

export interface QuietPreview {
  readonly total: number;
  /** The first of them. */
  readonly devices: readonly { readonly id: string; readonly name: string }[];
  /** The next occurrences of what has times. */
  readonly occurrences: readonly Span[];
}

/** Windows, silences, 重保 and drills by their people. What is foreign answers NOT_FOUND. */
export interface QuietTimes {
  list(actor: Actor, kind: QuietKind, query: QuietQuery): Promise<Page<QuietView>>;
  get(actor: Actor, kind: QuietKind, id: string): Promise<QuietView>;
  create(actor: Actor, kind: QuietKind, input: QuietInput): Promise<QuietView>;
  preview(
    actor: Actor,
    kind: QuietKind,
    input: Pick<QuietInput, 'scope'> & Partial<Omit<QuietInput, 'scope'>>,
  ): Promise<QuietPreview>;
  /** Ends it now, or before it began. CONFLICT when it is over. */
  end(actor: Actor, kind: QuietKind, id: string, reason: string): Promise<QuietView>;
  /** Approves or refuses a proposed window. CONFLICT when it is none, or over. */
  decide(
    actor: Actor,
    id: string,
    input: { readonly approve: boolean; readonly note?: string; readonly confirm?: boolean },
  ): Promise<QuietView>;
  /** Every occurrence in `[from, to)`, in order; at most 5,000 and 92 days. */
  calendar(actor: Actor, span: Span): Promise<readonly (Span & Pick<QuietTime, 'id' | 'kind' | 'name' | 'state'>)[]>;
}

const PREVIEW = 200;
const MOST_OCCURRENCES = 5_000;
const CALENDAR_MS = 92 * 86_400_000;
const LISTS = ['devices', 'sites', 'orgs', 'modules', 'vendors', 'types'] as const;
const PREFIX: Record<QuietKind, string> = { maintenance: 'mw', silence: 'si', security: 'sp', drill: 'dr' };

export function createQuietTimes(deps: QuietDeps, memory: QuietMemory): QuietTimes {
  const { store, db, clock, zone } = deps;

  const find = async (tx: Tx, actor: Actor, kind: QuietKind, id: string, lock: boolean): Promise<QuietTime> => {
    const row = await store.get(tx, kind, id, actor.scope, actor.id, lock);
    if (!row) throw new GatewayError('NOT_FOUND');
    return row;
  };

  /** What is named must exist where the actor can see it; nothing is told of the rest. */
  const checkScope = async (tx: Tx, actor: Actor, scope: QuietScope): Promise<FieldError[]> => {
    if (![...LISTS, 'labels' as const].some((list) => scope[list] !== undefined))
      return [fieldError('/scope', 'required', 'quiet.scope')];
    const known = await store.named(tx, scope, actor.scope);
    return LISTS.flatMap((list) =>
      (scope[list] ?? []).flatMap((value, index) => {
        const exists = list === 'types' ? deps.types.get(value) !== undefined : known[list].has(value);
        return exists ? [] : [fieldError(`/scope/${list}/${index}`, 'notFound', 'input.notFound', { value })];
      }),
    );
  };

  /** 重保 must be known of by whoever takes something out of service there. */
  const requireConfirmed = async (tx: Tx, row: QuietTime, confirmed: boolean): Promise<void> => {
    if (row.kind !== 'maintenance' || confirmed) return;
    const names = await store.securityOver(tx, row, { from: row.startsAt, to: lastEnd(row, zone) });
    if (names.length === 0) return;
    throw new GatewayError('CONFLICT', bilingual('quiet.security', { names: names.join('、') }));
  };

  const prove = (tx: Tx, actor: Actor, action: string, before: QuietTime | null, after: QuietTime, reason?: string) =>
    deps.audit.append(tx, [
      {
        at: clock.now(),
        actor,
        action,
        resource: AUDITED[after.kind],
        resourceId: after.id,
        reason: reason ?? after.reason,
        before: before && changed(before),
        after: before ? changed(after) : facts(after),
      },
    ]);

  const show = async (actor: Actor, rows: readonly QuietTime[]): Promise<QuietView[]> => {
    const now = clock.now();
    const views: QuietView[] = [];
    for (const row of rows) {
      const active = row.state === 'approved' && occurrences(row, now, now + 1, zone).length > 0;
      const all = actor.scope.kind === 'all' || row.createdBy === actor.id;
      const scope = all ? row.scope : await visiblePart(actor, row.scope);
      views.push({ ...row, scope, reach: all ? row.reach : null, partial: !all && !same(scope, row.scope), active });
    }
    return views;
  };
  const visiblePart = async (actor: Actor, scope: QuietScope): Promise<QuietScope> => {
    if (!scope.devices && !scope.sites && !scope.orgs) return scope;
    const known = await store.named(db.autocommit, scope, actor.scope);
    const part = (list: 'devices' | 'sites' | 'orgs') =>
      scope[list] ? { [list]: scope[list].filter((id) => known[list].has(id)) } : {};
    return { ...scope, ...part('devices'), ...part('sites'), ...part('orgs') };
  };
  const showOne = async (actor: Actor, row: QuietTime): Promise<QuietView> => {
    const [view] = await show(actor, [row]);
    if (!view) throw new GatewayError('NOT_FOUND');
    return view;
  };

  return {
    async list(actor, kind, query) {
      requireRight(actor, 'maintenanceWindows', 'read');
      const now = clock.now();
      const page = await store.list(db.autocommit, kind, { ...query, now }, actor.scope, actor.id);
      return { ...page, items: await show(actor, page.items) };
    },

    async get(actor, kind, id) {
      requireRight(actor, 'maintenanceWindows', 'read');
      return showOne(actor, await find(db.autocommit, actor, kind, id, false));
    },

    async create(actor, kind, input) {
      requireRight(actor, 'maintenanceWindows', RIGHT_TO_MAKE[kind]);
      const now = clock.now();
      const row = rowOf(actor, kind, input, now);
      await db.transaction(async (tx) => {
        refuseIf([...checkTiming(row, now, zone), ...(await checkScope(tx, actor, row.scope))]);
        await requireConfirmed(tx, row, input.confirm ?? false);
        await store.insert(tx, row);
        await store.note(tx, row);
        await prove(tx, actor, row.state === 'proposed' ? 'propose' : 'create', null, row);
      });
      await memory.refresh(true);
      return showOne(actor, row);
    },

    async preview(actor, kind, input) {
      requireRight(actor, 'maintenanceWindows', 'read');
      const { scope } = input;
      refuseIf(await checkScope(db.autocommit, actor, scope));
      const reach = reachOf(actor);
      const found = await store.preview(db.autocommit, { scope, reach }, actor.scope, PREVIEW);
      const { endsAt } = input;
      if (endsAt === undefined) return { ...found, occurrences: [] };
      const now = clock.now();
      const row = rowOf(actor, kind, { reason: '-', ...input, endsAt }, now);
      refuseIf(checkTiming(row, now, zone));
      const spans = occurrences(row, now, row.repeatsUntil ?? row.endsAt, zone);
      return { ...found, occurrences: spans.slice(0, PREVIEW) };
    },

    async end(actor, kind, id, reason) {
      requireRight(actor, 'maintenanceWindows', 'create');
      const after = await db.transaction(async (tx) => {
        const before = await find(tx, actor, kind, id, true);
        const own = before.createdBy === actor.id;
        if (!own) {
          requireRight(actor, 'maintenanceWindows', RIGHT_TO_END[kind]);
          await requireReach(tx, actor, before);
        }
        const now = clock.now();
        if (before.endedAt !== null || before.state === 'refused' || lastEnd(before, zone) <= now)
          throw new GatewayError('CONFLICT', bilingual('quiet.over'));
        const row = { ...before, endedAt: now, endedBy: actor.id };
        await store.update(tx, row);
        await prove(tx, actor, before.startsAt > now ? 'withdraw' : 'end', before, row, reason);
        return row;
      });
      await memory.refresh(true);
      return showOne(actor, after);
    },

    async decide(actor, id, { approve, note, confirm }) {
      requireRight(actor, 'maintenanceWindows', 'decide');
      const after = await db.transaction(async (tx) => {
        const before = await find(tx, actor, 'maintenance', id, true);
        const now = clock.now();
        if (before.state !== 'proposed' || before.endedAt !== null || lastEnd(before, zone) <= now)
          throw new GatewayError('CONFLICT', bilingual('quiet.notProposed'));
        await store.note(tx, before);
        await requireReach(tx, actor, before);
        if (approve) await requireConfirmed(tx, before, confirm ?? false);
        const row: QuietTime = {
          ...before,
          state: approve ? 'approved' : 'refused',
          decidedBy: actor.id,
          decidedAt: now,
          decisionNote: note ?? null,
          settled: approve ? before.settled : null,
        };
        await store.update(tx, row);
        await prove(tx, actor, approve ? 'approve' : 'refuse', before, row, note);
        return row;
      });
      await memory.refresh(true);
      return showOne(actor, after);
    },

    async calendar(actor, { from, to }) {
      requireRight(actor, 'maintenanceWindows', 'read');
      if (to <= from || to - from > CALENDAR_MS)
        refuseIf([fieldError('/to', 'range', 'quiet.calendar', { days: CALENDAR_MS / 86_400_000 })]);
      const kinds = ['maintenance', 'security', 'drill'] as const;
      const rows = await store.within(db.autocommit, kinds, { from, to }, actor.scope, actor.id, MOST_OCCURRENCES);
      return rows
        .flatMap((row) => {
          const { id, kind, name, state } = row;
          return occurrences(row, from, to, zone).map((span) => ({ ...span, id, kind, name, state }));
        })
        .sort((a, b) => a.from - b.from || (a.id < b.id ? -1 : 1))
        .slice(0, MOST_OCCURRENCES);
    },
  };

  /** Who decides about devices must reach all of them. */
  async function requireReach(tx: Tx, actor: Actor, row: QuietTime): Promise<void> {
    if (actor.scope.kind === 'all') return;
    if ((await store.outside(tx, row.id, actor.scope)) > 0)
      throw new GatewayError('FORBIDDEN', bilingual('quiet.outside'));
  }
}

const RIGHT_TO_MAKE = { maintenance: 'create', silence: 'update', security: 'decide', drill: 'decide' } as const;
const RIGHT_TO_END = { maintenance: 'decide', silence: 'update', security: 'decide', drill: 'decide' } as const;

function rowOf(actor: Actor, kind: QuietKind, input: QuietInput, now: number): QuietTime {
  const startsAt = kind === 'drill' ? now : (input.startsAt ?? now);
  const approved = kind !== 'maintenance' || may(actor, 'maintenanceWindows', 'decide');
  return {
    id: `${PREFIX[kind]}_${randomUUID().replaceAll('-', '')}`,
    kind,
    name: input.name ?? input.reason.slice(0, 100),
    reason: input.reason,
    scope: input.scope,
    reach: reachOf(actor),
    startsAt,
    endsAt: input.endsAt,
    repeats: input.repeats ?? null,
    repeatsUntil: input.repeats ? (input.repeatsUntil ?? null) : null,
    state: approved ? 'approved' : 'proposed',
    createdBy: actor.id,
    createdAt: now,
    decidedBy: approved ? actor.id : null,
    decidedAt: approved ? now : null,
    decisionNote: null,
    endedAt: null,
    endedBy: null,
    settled: Math.min(startsAt, now),
  };
}

function reachOf({ scope }: Actor): QuietReach | null {
  if (scope.kind === 'all') return null;
  // A vendor has no right to any of this; if it were given one, it would reach nothing.
  if (scope.kind === 'vendor') return { orgIds: [], moduleIds: null };
  return { orgIds: scope.orgIds, moduleIds: scope.moduleIds ?? null };
}

function same(a: QuietScope, b: QuietScope): boolean {
  return LISTS.every((list) => a[list]?.length === b[list]?.length);
}

const changed = ({ state, endedAt, decisionNote }: QuietTime) => ({ state, endedAt: iso(endedAt), decisionNote });
const facts = ({ name, scope, reach, state, startsAt, endsAt, repeats, repeatsUntil }: QuietTime) => ({
  name,
  scope,
  reach,
  state,
  startsAt: iso(startsAt),
  endsAt: iso(endsAt),
  repeats,
  repeatsUntil: iso(repeatsUntil),
});
const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString());
