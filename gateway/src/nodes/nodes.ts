import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock, Logger } from '../../../adapters/adapter.ts';
import type { Backlog, Membership, NodeRole, NodeRow, NodeView } from '../domain/node.ts';
import type { Transactor } from '../domain/tx.ts';
import { GatewayError } from '../errors.ts';
import { bilingual } from '../messages/index.ts';
import { repeat, type Task } from '../schedule.ts';
import type { NodeHints, NodeStore } from './ports.ts';
import { ownerAmong } from './rendezvous.ts';

export const BEAT_MS = 2_000;
/** Three signs of life missed. */
export const AWAY_MS = 6_000;
const FRESH_MS = 250;
const FORGET_MS = 7 * 86_400_000;
const NOTHING: Backlog = { undrained: 0, oldestUndrainedAt: null };

export interface NodesOptions {
  readonly store: NodeStore;
  readonly db: Transactor;
  readonly clock: Clock;
  readonly log: Logger;
  readonly self: {
    readonly id: string;
    readonly roles: readonly NodeRole[];
  };
  /** The directory was last used elsewhere: whether that process still lives is asked of the table. */
  readonly takenOver?: boolean;
  /** The database is ours alone (embedded): nobody else can be there, and nothing is written. */
  readonly alone?: boolean;
  readonly hints?: NodeHints;
  /** Another process has our identity, and with it our directory: we must end. */
  readonly onReplaced?: () => void;
  /** Milliseconds between signs of life; others count us as away after three. */
  readonly beatMs?: number;
}

export interface Nodes extends Membership {
  /** A number that no other process has, the smallest free one at our first start; 0 when we are alone. */
  slot(): number;
  /** Enters us; throws CONFLICT when a process with our identity is alive elsewhere. */
  start(): Promise<void>;
  /** Gives up everything: the others take over at once. */
  leave(): Promise<void>;
  /** Writes down what is left in our spool, when nothing more is taken in. */
  stop(): Promise<void>;
  /** Parts that come later say where we are reached (null = not yet) and what is still to be drained; asked at every beat. */
  announce(parts: { readonly url?: () => string | null; readonly backlog?: () => Backlog }): void;
}

/**
 * Who is alive, by signs of life in the database, and who owns what. While the database is away the last list stands: what
 * a process owns it keeps, and others may take it over beside it until both see the same list again.
 */
export function createNodes(options: NodesOptions): Nodes {
  const { store, db, clock, log, self } = options;
  const beatMs = options.beatMs ?? BEAT_MS;
  const awayMs = AWAY_MS * (beatMs / BEAT_MS);
  const session = randomUUID();
  const startedAt = clock.now();
  const listeners = new Set<() => void>();
  let rows: readonly NodeRow[] = [];
  /** Monotonic time of the reading. */
  let readAt = 0;
  let before = '';
  let forgottenAt = Number.NEGATIVE_INFINITY;
  let beating: Task | undefined;
  let slot = 0;
  let unsubscribe: (() => void) | undefined;
  /** Asked for every camera, so it is worked out anew only now and then. */
  const candidates = new Map<
    NodeRole,
    { readonly at: number; readonly nodes: readonly NodeView[]; readonly ids: string[] }
  >();

  let says: Parameters<Nodes['announce']>[0] = {};
  const backlog = () => says.backlog?.() ?? NOTHING;
  const url = () => says.url?.() ?? null;
  const own = (): NodeView => {
    const { undrained, oldestUndrainedAt } = backlog();
    return {
      id: self.id,
      roles: self.roles,
      url: url(),
      startedAt,
      seenAt: clock.now(),
      undrained,
      oldestUndrainedAt,
      state: 'live',
      backlogSince: oldestUndrainedAt,
    };
  };
  const view = ({ session: _, left, silentMs, ...row }: NodeRow): NodeView => {
    const away = silentMs + clock.monotonic() - readAt > awayMs;
    const state = left ? 'left' : away ? 'away' : 'live';
    const unknown = state === 'away' && row.roles.includes('ingest');
    return { ...row, state, backlogSince: row.oldestUndrainedAt ?? (unknown ? row.seenAt : null) };
  };
  const all = (): readonly NodeView[] =>
    [own(), ...rows.filter(({ id }) => id !== self.id).map(view)].sort((a, b) => (a.id < b.id ? -1 : 1));
  const live = (role: NodeRole) => all().filter(({ roles, state }) => state === 'live' && roles.includes(role));
  const among = (role: NodeRole) => {
    const known = candidates.get(role);
    if (known && clock.monotonic() - known.at < FRESH_MS) return known;
    const nodes = live(role);
    const found = { at: clock.monotonic(), nodes, ids: nodes.map(({ id }) => id) };
    candidates.set(role, found);
    return found;
  };

  const tell = () => {
    candidates.clear();
    const now = JSON.stringify(
      all().flatMap(({ id, roles, url, state }) => (state === 'live' ? [[id, roles, url]] : [])),
    );
    if (now === before) return;
    before = now;
    log.info({ live: all().filter(({ state }) => state === 'live').length }, 'processes of this gateway');
    for (const listener of listeners) listener();
  };
  const read = async () => {
    rows = await store.list(db.autocommit);
    readAt = clock.monotonic();
    tell();
  };
  const refresh = async () => {
    if (options.alone) return;
    const { id } = self;
    if (!(await store.beat(db.autocommit, { id, session, url: url(), ...backlog() }))) {
      const [taken] = (await store.list(db.autocommit)).filter((row) => row.id === id);
      if (taken && taken.session !== session) {
        log.error({ node: id }, 'another process uses the identity of this one');
        options.onReplaced?.();
        return;
      }
      await store.enter(db.autocommit, { id, session, roles: self.roles, url: url() });
    }
    await read();
    if (clock.monotonic() - forgottenAt < 3_600_000) return;
    forgottenAt = clock.monotonic();
    await store.forget(db.autocommit, FORGET_MS);
  };

  /** Process ids say nothing over the border of a container, so the one before has the time of a beat to show itself. */
  const refuseTwins = async () => {
    const twin = async () => (await store.list(db.autocommit)).find(({ id }) => id === self.id);
    const first = await twin();
    if (!first || first.left || first.silentMs > awayMs) return;
    await sleep(beatMs * 1.5);
    const second = await twin();
    if (second && second.session === first.session && second.seenAt > first.seenAt)
      throw new GatewayError('CONFLICT', bilingual('start.nodeTwice', { id: self.id }));
  };

  const hint = async () =>
    options.hints?.publish().catch((error) => log.debug({ error }, 'the others were not told at once'));

  const part = async () => {
    if (options.alone) return;
    await store
      .leave(db.autocommit, { id: self.id, session, ...backlog() })
      .catch((error) => log.warn({ error }, 'the others will find out by our silence that we are gone'));
    await hint();
  };

  const silence = async () => {
    unsubscribe?.();
    await beating?.stop();
    await part();
  };

  return {
    self,
    slot: () => slot,
    all,
    live,
    owner(key, role) {
      const { nodes, ids } = among(role);
      const id = ownerAmong(ids, key);
      return nodes.find((node) => node.id === id);
    },
    mine: (key, role) => self.roles.includes(role) && ownerAmong(among(role).ids, key) === self.id,
    changed(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    announce(parts) {
      says = { ...says, ...parts };
    },
    async start() {
      if (options.alone) return;
      if (options.takenOver) await refuseTwins();
      await store.enter(db.autocommit, { id: self.id, session, roles: self.roles, url: url() });
      slot = await store.slot(db.autocommit, self.id);
      await read();
      const task = repeat({ name: 'sign of life', everyMs: beatMs, log, onError: tell }, refresh);
      beating = task;
      unsubscribe = options.hints?.subscribe(task.kick);
      await hint();
    },
    leave: silence,
    // Also of a process that never got so far as to leave.
    stop: silence,
  };
}
