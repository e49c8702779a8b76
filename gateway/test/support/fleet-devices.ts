import { createSecrets } from '../../src/access/secrets.ts';
import type { HealthPolicy } from '../../src/domain/device.ts';
import { type Database, sql } from '../../src/store/database.ts';
import type { Login } from './load.ts';

/** `CGW_SECRET_KEY` of gateways whose devices are registered here. */
export const FLEET_KEY = 'whole-path-tests-only-0123456789abcdef';

/**
 * Registers active devices behind the gateway's back, before it starts: thousands of them through the API would cost more
 * than the test. Durations of the policy in milliseconds.
 */
export async function registerFleet(
  db: Database,
  options: { prefix: string; count: number; healthPolicy?: HealthPolicy; type?: string },
): Promise<Login[]> {
  const secrets = createSecrets(FLEET_KEY);
  const logins = Array.from({ length: options.count }, (_, index) => ({
    id: `${options.prefix}${index}`,
    password: `secret of ${options.prefix}${index}`,
  }));
  await sql(db.autocommit).query(
    "insert into module (id, name_zh, name_en) values ('charging', '充电设施', 'Charging') on conflict do nothing",
    [],
  );
  await sql(db.autocommit).query(
    `insert into device (id, type, name, module, lifecycle, health_policy, secret_hash)
     select id, $3, id, 'charging', 'active', $4::jsonb, decode(hash, 'base64')
     from unnest($1::text[], $2::text[]) as d (id, hash)`,
    [
      logins.map(({ id }) => id),
      logins.map(({ password }) => secrets.hash(password)),
      options.type ?? 'generic/ebike-charger',
      options.healthPolicy ? JSON.stringify(options.healthPolicy) : null,
    ],
  );
  return logins;
}

/** Sets `PUT /settings` values before the gateway starts. */
export async function presetSettings(db: Database, settings: Readonly<Record<string, unknown>>): Promise<void> {
  for (const [name, value] of Object.entries(settings)) {
    await sql(db.autocommit).query(
      `insert into setting (name, value) values ($1, $2::jsonb) on conflict (name) do update set value = excluded.value`,
      [name, JSON.stringify(value)],
    );
  }
}
