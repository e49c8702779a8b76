import type { ChannelRecord, RuleRecord, SendingChannel } from '../domain/notification-rows.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { RULE_COLUMNS } from './outbox.ts';
import { jsonParam } from './ticket-rows.ts';

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

    async putChannel(tx: Tx, channel: Omit<ChannelRecord, 'hasSecret'>, secret?: string): Promise<void> {
      await sql(tx).query(
        `insert into notification_channel as c (id, name, kind, config, enabled, secret)
         values ($1, $2, $3, $4::jsonb, $5, $6::text)
         on conflict (id) do update set name = excluded.name, kind = excluded.kind, config = excluded.config,
           enabled = excluded.enabled, secret = coalesce(excluded.secret, c.secret), updated_at = now(),
           resting_until = null`,
        [channel.id, channel.name, channel.kind, jsonParam(channel.config), channel.enabled, secret ?? null],
      );
    },

    async removeChannel(tx: Tx, id: string): Promise<boolean> {
      return (await sql(tx).query('delete from notification_channel where id = $1', [id])).rowCount === 1;
    },

    async rules(tx: Tx): Promise<RuleRecord[]> {
      const { rows } = await sql(tx).query<RuleRecord>(`select ${RULE_COLUMNS} from notification_rule r order by r.id`);
      return rows;
    },

    async putRule(tx: Tx, rule: RuleRecord): Promise<void> {
      await sql(tx).query(
        `insert into notification_rule (id, channel_id, enabled, faults, min_severity, stages, modules, org_ids, life_safety,
           level, events, times, language)
         values ($1, $2, $3, $4::text[], $5, $6::text[], $7::text[], $8::text[], $9::boolean, $10::smallint, $11::text[],
           $12::jsonb, $13)
         on conflict (id) do update set channel_id = excluded.channel_id, enabled = excluded.enabled,
           faults = excluded.faults, min_severity = excluded.min_severity, stages = excluded.stages,
           modules = excluded.modules, org_ids = excluded.org_ids, life_safety = excluded.life_safety,
           level = excluded.level, events = excluded.events, times = excluded.times, language = excluded.language`,
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
        ],
      );
    },

    async removeRule(tx: Tx, id: string): Promise<boolean> {
      return (await sql(tx).query('delete from notification_rule where id = $1', [id])).rowCount === 1;
    },
  };
}
