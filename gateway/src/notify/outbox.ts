import type { Notice } from '../domain/notice.ts';
import type { NewOutboxRow, RuleRecord } from '../domain/notification-rows.ts';
import { SEVERITIES } from '../domain/reading.ts';
import type { Tx } from '../domain/tx.ts';
import type { OutboxStore } from './ports.ts';

export interface Outbox {
  /** Inside the caller's transaction: a notice exists exactly when what it tells was committed. */
  add(tx: Tx, notices: readonly Notice[]): Promise<void>;
}

/** Chooses the channels of each notice; the sender does the rest. Three statements at most, whatever the number. */
export function createOutbox({ store, clock }: { store: OutboxStore; clock: { now(): number } }): Outbox {
  return {
    async add(tx, notices) {
      if (notices.length === 0) return;
      const rules = await store.activeRules(tx);
      const resolved = notices.filter((notice) => notice.event === 'resolved').map((notice) => notice.subject);
      const told = new Map<string, Set<string>>();
      const remember = (subject: string, channelId: string) => {
        const known = told.get(subject);
        if (known) known.add(channelId);
        else told.set(subject, new Set([channelId]));
      };
      if (resolved.length > 0)
        for (const { subject, channelId } of await store.channelsTold(tx, resolved)) remember(subject, channelId);

      const rows: NewOutboxRow[] = [];
      for (const notice of notices) {
        const channels =
          notice.event === 'resolved'
            ? (told.get(notice.subject) ?? new Set())
            : new Set(rules.filter((rule) => matches(rule, notice)).map((rule) => rule.channelId));
        for (const channelId of channels) {
          rows.push({ channelId, notice });
          if (notice.event === 'firing') remember(notice.subject, channelId);
        }
      }
      if (rows.length > 0) await store.insert(tx, rows, clock.now());
    },
  };
}

export function matches(rule: RuleRecord, notice: Notice): boolean {
  const among = (list: readonly string[] | null, value: string | null) =>
    list === null || (value !== null && list.includes(value));
  return (
    among(rule.faults, notice.fault) &&
    among(rule.modules, notice.module) &&
    among(rule.orgIds, notice.orgId) &&
    SEVERITIES.indexOf(notice.severity) >= SEVERITIES.indexOf(rule.minSeverity) &&
    (rule.lifeSafety === null || rule.lifeSafety === notice.lifeSafety) &&
    (notice.event !== 'stage' || (notice.stage !== null && (rule.stages?.includes(notice.stage) ?? false)))
  );
}
