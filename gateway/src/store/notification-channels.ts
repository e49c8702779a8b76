import type { ChannelRecord, RuleRecord, SendingChannel } from '../domain/notification-rows.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { RULE_COLUMNS } from './outbox.ts';
import { jsonParam } from './ticket-rows.ts';

const at = (n: number) => `to_timestamp($${n}::float8 / 1000.0)`;

const COLUMNS = 'id, name, kind, config, enabled, secret is not null as "hasSecret"';

export function createNotificationChannelStore() {
  return {
    async channels(tx: Tx): Promise<ChannelRecord[]> {
      return (await sql(tx).query<ChannelRecord>(`select ${COLUMNS} from notification_channel order by name, id`)).rows;
    },

    async channel(tx: Tx, id: string): Promise<SendingChannel | undefined> {
      const { rows } = await sql(tx).query<SendingChannel>(
        `select ${COLUMNS}, secret, resting_until as "restingUntil" from notification_channel where id = $1`,
        [id],
      );
      return rows[0];
    },

    async putChannel(tx: Tx, channel: Omit<ChannelRecord, 'hasSecret'>, now: number, secret?: string): Promise<void> {
      await sql(tx).query(
        `insert into notification_channel as c (id, name, kind, config, enabled, secret, active_since)
         values ($1, $2, $3, $4::jsonb, $5, $6::text, ${at(7)})
         on conflict (id) do update set name = excluded.name, kind = excluded.kind, config = excluded.config,
           enabled = excluded.enabled, secret = coalesce(excluded.secret, c.secret), updated_at = now(),
           resting_until = null,
           active_since = case when excluded.enabled and not c.enabled then excluded.active_since else c.active_since end`,
        [channel.id, channel.name, channel.kind, jsonParam(channel.config), channel.enabled, secret ?? null, now],
      );
    },

    async removeChannel(tx: Tx, id: string): Promise<boolean> {
      return (await sql(tx).query('delete from notification_channel where id = $1', [id])).rowCount === 1;
    },

    async rules(tx: Tx): Promise<RuleRecord[]> {
      const { rows } = await sql(tx).query<RuleRecord>(`select ${RULE_COLUMNS} from notification_rule r order by r.id`);
      return rows;
    },

    async putRule(tx: Tx, rule: RuleRecord, now: number): Promise<void> {
      await sql(tx).query(
        `insert into notification_rule (id, channel_id, enabled, faults, min_severity, stages, modules, org_ids, life_safety,
           level, events, times, language, active_since)
         values ($1, $2, $3, $4::text[], $5, $6::text[], $7::text[], $8::text[], $9::boolean, $10::smallint, $11::text[],
           $12::jsonb, $13, ${at(14)})
         on conflict (id) do update set channel_id = excluded.channel_id, enabled = excluded.enabled,
           faults = excluded.faults, min_severity = excluded.min_severity, stages = excluded.stages,
           modules = excluded.modules, org_ids = excluded.org_ids, life_safety = excluded.life_safety,
           level = excluded.level, events = excluded.events, times = excluded.times, language = excluded.language,
           active_since = excluded.active_since`,
        [
          rule.id,
          rule.channelId,
          rule.enabled,
          rule.faults,
          rule.minSeverity,
          rule.stages,
          rule.modules,
          rule.orgIds,
          rule.lifeSafety,
          rule.level,
          rule.events,
          rule.times === null ? null : jsonParam(rule.times),
          rule.language,
          now,
        ],
      );
    },

    /** Since when each enabled rule of an enabled channel is what it is. */
    async rulesSince(tx: Tx): Promise<ReadonlyMap<string, number>> {
      const { rows } = await sql(tx).query<{ id: string; since: number }>(
        `select r.id, greatest(r.active_since, c.active_since) as since
         from notification_rule r join notification_channel c on c.id = r.channel_id where r.enabled and c.enabled`,
      );
      return new Map(rows.map(({ id, since }) => [id, since]));
    },

    async removeRule(tx: Tx, id: string): Promise<boolean> {
      return (await sql(tx).query('delete from notification_rule where id = $1', [id])).rowCount === 1;
    },
  };
}
