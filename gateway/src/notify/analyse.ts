import type { Clock } from '../../../adapters/adapter.ts';
import type { Notice, NoticeEvent } from '../domain/notice.ts';
import type { OutboxRow, RuleRecord } from '../domain/notification-rows.ts';
import type { Transactor, Tx } from '../domain/tx.ts';
import { type Language, text } from '../messages/index.ts';
import { momentOf, type RoutingOptions } from './outbox.ts';
import type { CareStore, ChannelStore, OutboxStore, Subject } from './ports.ts';
import { render } from './render.ts';
import { routesOf, type WhyNot, whyNot } from './routing.ts';

/** How one rule reads one notice. */
export interface RuleReading {
  readonly ruleId: string;
  readonly channelId: string;
  readonly channelName: string | null;
  readonly matched: boolean;
  /** First reason against it; `widened` = taken although a reason was against it, because nobody else would be told. */
  readonly why: WhyNot | 'disabled' | 'channelDisabled' | 'notTold' | 'notThen' | 'otherRuleFirst' | 'widened' | null;
}

export interface AnalysedNotice {
  readonly key: string;
  readonly event: NoticeEvent;
  readonly at: number;
  readonly title: string;
  readonly lifeSafety: boolean;
  readonly level: number;
  /** Channels it was meant for when it was raised; the rules below are those of now. */
  readonly channels: number;
  readonly rules: readonly RuleReading[];
  readonly sent: readonly {
    readonly id: number;
    readonly channelId: string;
    readonly channelName: string | null;
    readonly state: OutboxRow['state'];
    readonly attempts: number;
    readonly detail: string | null;
    readonly sentAt: number | null;
    readonly nextAt: number | null;
    readonly repeated: number;
    readonly message: string | null;
    readonly acknowledgedAt: number | null;
    readonly acknowledgedBy: string | null;
  }[];
}

export interface Analysis {
  /** Why the incident made no ticket or notice of its own, e.g. `maintenance:mw_1`. */
  readonly quiet: readonly {
    readonly incidentId: string;
    readonly state: string;
    readonly reasons: readonly string[];
  }[];
  readonly notices: readonly AnalysedNotice[];
  /** Nothing was ever raised: the fault is still held, was quiet, or is none that files a ticket. */
  readonly neverRaised: boolean;
}

const NOTICES = 200;
const ROWS = 1_000;

/** Says why somebody was told or was not: the notices of a ticket or incident read through the rules once more. */
export function createAnalyser(
  options: RoutingOptions & {
    readonly store: OutboxStore & CareStore & ChannelStore;
    readonly transactor: Transactor;
    readonly clock: Clock;
  },
) {
  const { store, transactor, clock } = options;
  const timeZone = options.timeZone ?? 'Asia/Shanghai';

  async function book(tx: Tx) {
    const channels = new Map((await store.channels(tx)).map((channel) => [channel.id, channel]));
    return { rules: await store.rules(tx), channels, since: await store.rulesSince(tx) };
  }
  type Book = Awaited<ReturnType<typeof book>>;

  /** `told` = channels that were given the firing, `given` = those that were given this notice. */
  async function read(
    tx: Tx,
    notice: Notice,
    at: number,
    { rules, channels, since }: Book,
    told: ReadonlySet<string>,
    given: ReadonlySet<string>,
  ) {
    const active = rules.filter((rule) => rule.enabled && channels.get(rule.channelId)?.enabled);
    const moment = await momentOf(tx, active, [notice], store, options, at);
    const routes = new Map(routesOf(active, notice, moment).map((route) => [route.rule.id, route]));
    const channelsTaken = new Set([...routes.values()].map(({ rule }) => rule.channelId));
    const whyOn = (rule: RuleRecord): RuleReading['why'] => {
      if (notice.event === 'resolved') return told.has(rule.channelId) ? null : 'notTold';
      if (!given.has(rule.channelId) && (since.get(rule.id) ?? 0) > at) return 'notThen';
      const route = routes.get(rule.id);
      if (route) return route.widened ? 'widened' : null;
      const reason = whyNot(rule, notice, moment);
      return reason === null && channelsTaken.has(rule.channelId) ? 'otherRuleFirst' : reason;
    };
    return rules.map((rule): RuleReading => {
      const reason = whyOff(rule, channels.get(rule.channelId)) ?? whyOn(rule);
      const channelName = channels.get(rule.channelId)?.name ?? null;
      const matched = reason === null || reason === 'widened' || reason === 'otherRuleFirst';
      return { ruleId: rule.id, channelId: rule.channelId, channelName, matched, why: reason };
    });
  }

  return {
    /** Whether the reader may see the ticket or incident is asked before. */
    async analyse(of: Subject, language: Language = 'zh-CN'): Promise<Analysis> {
      const tx = transactor.autocommit;
      const traced = await store.traced(tx, of, NOTICES);
      const subjects = [...new Set(traced.map(({ notice }) => notice.subject))];
      const rows = subjects.length === 0 ? [] : await store.ofSubjects(tx, subjects, ROWS);
      const quiet = await store.quietReasons(tx, of);
      const all = await book(tx);
      const told = (subject: string) =>
        new Set(
          rows.filter((row) => row.notice.subject === subject && row.event === 'firing').map((row) => row.channelId),
        );
      const notices: AnalysedNotice[] = [];
      for (const { notice, at, channels } of traced) {
        const mine = rows.filter((row) => row.key === notice.key);
        notices.push({
          key: notice.key,
          event: notice.event,
          at,
          title: render(notice, language, timeZone).title,
          lifeSafety: notice.lifeSafety,
          level: notice.level ?? 1,
          channels,
          rules: await read(tx, notice, at, all, told(notice.subject), new Set(mine.map((row) => row.channelId))),
          sent: mine.map((row) => sentOf(row, all)),
        });
      }
      return {
        quiet: quiet.map(({ incidentId, state, suppressed }) => ({ incidentId, state, reasons: suppressed })),
        notices,
        neverRaised: notices.length === 0,
      };
    },

    /** How the rules would read a notice that does not exist. */
    async tryOut(notice: Notice, at = clock.now()): Promise<{ title: string; rules: RuleReading[] }> {
      const tx = transactor.autocommit;
      const all = await book(tx);
      // Asked of the rules as they are, whenever that would be.
      const rules = await read(tx, notice, at, all, new Set(), new Set(all.channels.keys()));
      return { title: render(notice, 'zh-CN', timeZone).title || text('zh-CN', 'notice.digest', { count: 1 }), rules };
    },
  };

  function sentOf(row: OutboxRow, { channels }: Book): AnalysedNotice['sent'][number] {
    const { id, channelId, state, attempts, detail, sentAt, repeated, message, acknowledgedAt, acknowledgedBy } = row;
    const nextAt = state === 'pending' ? row.nextAt : null;
    const channelName = channels.get(channelId)?.name ?? null;
    return {
      ...{ id, channelId, channelName, state, attempts, detail, sentAt, nextAt, repeated, message, acknowledgedAt },
      acknowledgedBy,
    };
  }
}

function whyOff(
  rule: RuleRecord,
  channel: { readonly enabled: boolean } | undefined,
): 'disabled' | 'channelDisabled' | null {
  if (!rule.enabled) return 'disabled';
  return channel?.enabled ? null : 'channelDisabled';
}
