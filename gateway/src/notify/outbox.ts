import type { Logger } from '../../../adapters/adapter.ts';
import type { Notice } from '../domain/notice.ts';
import type { NewOutboxRow, RuleRecord, TracedNotice } from '../domain/notification-rows.ts';
import type { Tx } from '../domain/tx.ts';
import { createWorkingTime, DEFAULT_WORKING_HOURS, type WorkingTime } from '../domain/working-time.ts';
import type { CareStore, OutboxStore } from './ports.ts';
import { type Moment, routesOf } from './routing.ts';

export interface Outbox {
  /** Inside the caller's transaction: a notice exists exactly when what it tells was committed. */
  add(tx: Tx, notices: readonly Notice[]): Promise<void>;
  /** The same, to the next level that has a rule for it. Answers how many went to somebody. */
  raise(tx: Tx, notices: readonly Notice[]): Promise<number>;
  /** Tells late (补报) what rules and channels newer than it want and were not given. Answers how many notices went to somebody. */
  tellNew(tx: Tx, waiting: readonly Waiting[], since: ReadonlyMap<string, number>): Promise<number>;
}

/** A word about life and limb nobody answered, when it was said, and the channels that were given it. */
export interface Waiting {
  readonly notice: Notice;
  readonly at: number;
  readonly told: readonly string[];
}

export interface RoutingOptions {
  readonly clock: { now(): number };
  readonly timeZone?: string;
  /** Calendar of the rules that ask for working hours; default Monday to Friday. */
  readonly working?: () => WorkingTime;
}

const HIGHEST_LEVEL = 3;
const REPEAT_EVERY_MS = 300_000;
/** A rule may be committed this long after the time it bears, while a notice was raised without it. */
export const COMMIT_MARGIN_MS = 30_000;

const usualHours = createWorkingTime(DEFAULT_WORKING_HOURS);

/** Chooses the channels of each notice; the sender does the rest. Five statements at most, whatever the number. */
export function createOutbox(
  options: RoutingOptions & {
    readonly store: OutboxStore & Pick<CareStore, 'trace'>;
    readonly log?: Logger;
    /** Milliseconds between repetitions of a notice about life and limb. */
    readonly repeatEvery?: () => number;
  },
): Outbox {
  const { store, clock } = options;
  const row = (notice: Notice, rule: Pick<RuleRecord, 'channelId' | 'level' | 'language'> & { id: string | null }) => ({
    channelId: rule.channelId,
    notice,
    ruleId: rule.id,
    language: rule.language ?? 'zh-CN',
    level: Math.max(rule.level, notice.level ?? 1),
    repeatEvery: notice.lifeSafety && notice.event === 'firing' ? (options.repeatEvery?.() ?? REPEAT_EVERY_MS) : null,
  });

  return {
    async add(tx, notices) {
      if (notices.length === 0) return;
      const now = clock.now();
      const rules = await store.activeRules(tx);
      const moment = await momentOf(tx, rules, notices, store, options, now);
      const told = await toldOf(tx, notices, store);

      const rows: NewOutboxRow[] = [];
      const traced: TracedNotice[] = [];
      for (const notice of notices) {
        const mine =
          notice.event === 'resolved'
            ? [...(told.get(notice.subject)?.values() ?? [])].map((to) => row(notice, to))
            : routesOf(rules, notice, moment).map(({ rule }) => row(notice, rule));
        if (notice.event === 'firing')
          for (const one of mine) remember(told, notice.subject, { ...one, id: one.ruleId });
        if (notice.lifeSafety && notice.event === 'firing' && mine.length === 0)
          options.log?.error({ idempotencyKey: notice.key }, 'a notice about life and limb has no channel');
        rows.push(...mine);
        traced.push({ notice, at: now, channels: mine.length });
      }
      await store.trace(tx, traced);
      if (rows.length > 0) await store.insert(tx, rows, now);
    },

    async raise(tx, notices) {
      if (notices.length === 0) return 0;
      const now = clock.now();
      const rules = await store.activeRules(tx);
      const moment = await momentOf(tx, rules, notices, store, options, now);
      const rows: NewOutboxRow[] = [];
      let raised = 0;
      for (const notice of notices) {
        const mine = raisedRows(notice, rules, moment, row);
        if (mine.length > 0) raised += 1;
        else options.log?.warn({ idempotencyKey: notice.key }, 'nobody acknowledges, and no rule names a higher level');
        rows.push(...mine);
      }
      if (rows.length > 0) {
        const traced = new Map(rows.map(({ notice }) => [notice.key, notice]));
        const channels = (key: string) => rows.filter((one) => one.notice.key === key).length;
        await store.trace(
          tx,
          [...traced.values()].map((notice) => ({ notice, at: now, channels: channels(notice.key) })),
        );
        await store.insert(tx, rows, now);
      }
      return raised;
    },

    async tellNew(tx, waiting, since) {
      if (waiting.length === 0) return 0;
      const now = clock.now();
      const rules = await store.activeRules(tx);
      const all = waiting.map(({ notice }) => notice);
      const moment = await momentOf(tx, rules, all, store, options, now);
      const found = waiting.map(({ notice, at, told }) => {
        const late = { ...notice, key: `${notice.key}+late`, late: true, unheard: true };
        const routes = routesOf(rules, notice, moment).filter(
          ({ rule }) => !told.includes(rule.channelId) && (since.get(rule.id) ?? 0) > at - COMMIT_MARGIN_MS,
        );
        return { late, rows: routes.map(({ rule }) => row(late, rule)) };
      });
      const heard = found.filter(({ rows }) => rows.length > 0);
      if (heard.length === 0) return 0;
      await store.trace(
        tx,
        heard.map(({ late, rows }) => ({ notice: late, at: now, channels: rows.length })),
      );
      await store.insert(
        tx,
        heard.flatMap(({ rows }) => rows),
        now,
      );
      return heard.length;
    },
  };
}

function raisedRows(
  notice: Notice,
  rules: readonly RuleRecord[],
  moment: Moment,
  row: (notice: Notice, rule: RuleRecord) => NewOutboxRow,
): NewOutboxRow[] {
  for (let level = (notice.level ?? 1) + 1; level <= HIGHEST_LEVEL; level += 1) {
    const higher = { ...notice, level, key: `${notice.key.replace(/!\d$/, '')}!${level}` };
    const found = routesOf(rules, higher, moment);
    if (found.length > 0) return found.map(({ rule }) => row(higher, rule));
  }
  return [];
}

interface Told {
  readonly id: string | null;
  readonly channelId: string;
  readonly language: 'zh-CN' | 'en' | null;
  readonly level: number;
}

/** Who was given the firing, by subject and channel: they and nobody else hear that it is over. */
async function toldOf(tx: Tx, notices: readonly Notice[], store: OutboxStore) {
  const told = new Map<string, Map<string, Told>>();
  const resolved = notices.filter((notice) => notice.event === 'resolved').map((notice) => notice.subject);
  if (resolved.length > 0)
    for (const { subject, ruleId, ...to } of await store.channelsTold(tx, resolved))
      remember(told, subject, { ...to, id: ruleId });
  return told;
}

function remember(told: Map<string, Map<string, Told>>, subject: string, to: Told): void {
  const known = told.get(subject);
  if (known) known.set(to.channelId, to);
  else told.set(subject, new Map([[to.channelId, to]]));
}

export async function momentOf(
  tx: Tx,
  rules: readonly RuleRecord[],
  notices: readonly Notice[],
  store: Pick<OutboxStore, 'orgPaths'>,
  options: RoutingOptions,
  now: number,
): Promise<Moment> {
  const asked = rules.some((rule) => rule.orgIds !== null);
  const orgs = asked ? [...new Set(notices.flatMap((notice) => notice.orgId ?? []))] : [];
  return {
    now,
    orgPaths: orgs.length === 0 ? new Map() : await store.orgPaths(tx, orgs),
    working: options.working?.() ?? usualHours,
    timeZone: options.timeZone ?? DEFAULT_WORKING_HOURS.zone,
  };
}
