import type { Clock, Logger } from '../../../adapters/adapter.ts';
import type { EvidenceSource } from '../domain/evidence-rows.ts';
import type { Transactor } from '../domain/tx.ts';
import { repeat, type Task } from '../schedule.ts';
import { hand } from './codec.ts';
import type { EvidenceStore, Judge } from './ports.ts';

export interface EvidenceReaderOptions {
  readonly store: Pick<EvidenceStore, 'read' | 'remove' | 'sources' | 'withdraw'>;
  readonly transactor: Transactor;
  readonly judge: Judge;
  readonly clock: Clock;
  readonly log: Logger;
  readonly times?: Partial<typeof TIMES>;
}

/** A process that hears a path and is not there now. */
export interface AwaySource extends EvidenceSource {
  /** Milliseconds since it last said anything. */
  readonly awayMs: number;
}

export interface EvidenceReader {
  start(): void;
  stop(): Promise<void>;
  /** Epoch ms before which everything on a path was handed to the judge; null = nobody who hears it is waited for. */
  heardTo(path: string): number | null;
  /** Who has gone with messages on its disk, or may have. */
  away(): readonly AwaySource[];
  /** Batches handed on that are not part of the verdict yet. */
  stats(): { readonly unsettled: number };
}

/** Milliseconds. `hold`: how long a path waits for somebody who went away and may come back with what it heard. */
const TIMES = { poll: 200, settle: 1_000, away: 5_000, hold: 30_000, giveUp: 60_000, forget: 3_600_000 };
const BATCHES = 100;

/**
 * Hands the judge what other processes heard. A batch is removed once what it said is in the database as verdict; a
 * successor reads what was not, and the judge takes evidence it knows already for what it is: exactly once in effect.
 * Polling costs a few small reads a second; a NOTIFY with every batch would cost each writer a lock at its commit.
 */
export function createEvidenceReader(options: EvidenceReaderOptions): EvidenceReader {
  const { store, transactor, judge, clock, log } = options;
  const times = { ...TIMES, ...options.times };
  const tasks: Task[] = [];
  /** Handed to the judge and still in the table, with when (monotonic). */
  const handed = new Map<number, number>();
  /** Of them, those that a whole round of the judge has seen. */
  let ripe: readonly number[] = [];
  const heard = new Map<string, number>();
  const up = new Map<string, string | null>();
  let gone: readonly AwaySource[] = [];

  const read = async () => {
    // First who has told how far, then what was told: so nothing told is missed.
    const sources = await store.sources(transactor.autocommit);
    for (let full = true; full; ) {
      const batches = await store.read(transactor.autocommit, [...handed.keys()], BATCHES);
      for (const { id, body } of batches) take(id, body);
      full = batches.length === BATCHES;
    }
    await look(sources);
  };

  const take = (id: number, body: string) => {
    handed.set(id, clock.monotonic());
    try {
      hand(body, judge);
    } catch (error) {
      log.error({ error, id }, 'what a process heard cannot be read');
    }
  };

  const look = async (sources: readonly AwaySource[]) => {
    const away = sources.filter(({ awayMs }) => awayMs > times.away);
    const paths = new Set([...sources.map(({ path }) => path), ...up.keys()]);
    for (const path of paths) {
      const here = sources.filter((one) => one.path === path && one.awayMs <= times.away);
      // Whoever keeps messages on its disk may come back with them; for a while nobody is called silent for it.
      const missed = away.find((one) => one.path === path && one.undrained !== null && one.awayMs <= times.hold);
      const waited = sources.filter((one) => one.path === path && (here.includes(one) || one === missed));
      if (waited.length === 0) heard.delete(path);
      else heard.set(path, Math.min(...waited.map(({ heardTo }) => heardTo)));
      const hearing = here.some(({ deaf }) => deaf === null);
      turn(path, missed ? 'ingestAway' : hearing ? null : (here[0]?.deaf ?? 'nobodyHears'));
    }
    gone = away.filter(({ undrained }) => undrained !== null);
    for (const { source, path, awayMs, undrained } of away) {
      if (!undrained && awayMs > times.forget) await store.withdraw(transactor.autocommit, source, path);
    }
  };

  const turn = (path: string, reason: string | null) => {
    if (up.get(path) === reason) return;
    up.set(path, reason);
    log.info({ path, reason }, reason === null ? 'the path is heard' : 'the path is not heard');
    if (reason === null) judge.pathUp(path);
    else judge.pathDown(path, reason);
  };

  /** Two rounds: a sweep that is under way may have begun before the evidence came. */
  const settle = async () => {
    const now = [...handed.keys()];
    const before = ripe;
    ripe = now;
    let settled = before;
    try {
      await judge.sweep();
      await judge.flush();
    } catch (error) {
      // One that can never be settled must not keep the others: its events are read again from their own table.
      const limit = clock.monotonic() - times.giveUp;
      settled = before.filter((id) => (handed.get(id) ?? 0) < limit);
      if (settled.length === 0) throw error;
    }
    if (settled.length === 0) return;
    await store.remove(transactor.autocommit, settled);
    for (const id of settled) handed.delete(id);
  };

  return {
    start() {
      tasks.push(
        repeat({ name: 'evidence.read', everyMs: times.poll, firstAfterMs: 0, log }, read),
        repeat({ name: 'evidence.settle', everyMs: times.settle, log }, settle),
      );
    },
    async stop() {
      await Promise.all(tasks.map((task) => task.stop()));
    },
    heardTo: (path) => heard.get(path) ?? null,
    away: () => gone,
    stats: () => ({ unsettled: handed.size }),
  };
}
