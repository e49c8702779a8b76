import type { StuckRow } from '../domain/notification-rows.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const [SECONDS_AGO, MINUTES_AGO, HOUR_AGO, DAY_AGO, IN_AN_HOUR] = [1, 2, 3, 4, 5].map(
  (n) => `to_timestamp($${n}::float8 / 1000.0)`,
);

/** What must not be there, as ids. */
const CHECKS: Readonly<Record<string, string>> = {
  ticketWithoutDeadline: `select id from ticket where stage in ('dispatched', 'handling', 'verifying') and due_at is null
    and stage_since < ${HOUR_AGO}`,
  ticketLateUnsaid: `select id from ticket where stage in ('dispatched', 'handling', 'verifying') and due_at < ${MINUTES_AGO}
    and overdue_marked is distinct from due_at`,
  ticketNotResumed: `select id from ticket where stage = 'suspended' and suspended_until < ${MINUTES_AGO}`,
  noticeWaiting: `select o.id::text from outbox o join notification_channel c on c.id = o.channel_id
    where o.state = 'pending' and not o.life_safety and o.next_at < ${MINUTES_AGO} and c.enabled
      and coalesce(c.resting_until, ${MINUTES_AGO}) <= ${MINUTES_AGO} and (o.lease_until is null or o.lease_until < ${MINUTES_AGO})
      and not exists (select 1 from outbox p where p.subject = o.subject and p.channel_id = o.channel_id
        and p.state = 'pending' and p.id < o.id)`,
  noticeLeased: `select id::text from outbox where state = 'pending' and lease_until > ${IN_AN_HOUR}`,
  lifeSafetyLate: `select o.id::text from outbox o join notification_channel c on c.id = o.channel_id
    where o.life_safety and o.event = 'firing' and o.state in ('pending', 'dead') and o.sent_at is null
      and o.acknowledged_at is null and o.created_at < ${SECONDS_AGO} and o.created_at > ${DAY_AGO} and c.enabled`,
  lifeSafetyUntold: `select coalesce(n.notice ->> 'ticketNo', n.key) from notice_trace n
    where n.life_safety and n.event = 'firing' and n.channels = 0 and n.at > ${DAY_AGO}
      and not exists (select 1 from notice_trace l
        where (l.ticket_id = n.ticket_id or l.incident_id = n.incident_id) and l.subject = n.subject and l.at >= n.at
          and (l.event = 'resolved' or l.event = 'firing' and l.channels > 0))`,
  incidentHeld: `select i.id from incident i join observed_clock p on p.path = i.path
    where i.state = 'held' and i.decide_at < p.observed - ${10 * MINUTE}`,
};

const EXAMPLES = 5;
const COUNTED = 1_000;

/** What the auditor asks: does anything stand still that should move? */
export function createNotificationAuditStore() {
  const parts = Object.entries(CHECKS).map(
    ([code, check]) => `select '${code}' as code, count(*)::int as count, (array_agg(id))[1:${EXAMPLES}] as examples
      from (select id from (${check}) as stuck (id) limit ${COUNTED}) as ${code}`,
  );
  const question = `select * from (${parts.join(' union all ')}) as every where count > 0 order by code`;
  return {
    async stuck(tx: Tx, now: number): Promise<StuckRow[]> {
      const times = [now - 10 * SECOND, now - 10 * MINUTE, now - HOUR, now - 24 * HOUR, now + HOUR];
      return (await sql(tx).query<StuckRow>(question, times)).rows;
    },
  };
}
