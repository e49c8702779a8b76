import { createSecrets } from '../../gateway/src/access/secrets.ts';
import { createSystemClock } from '../../gateway/src/clock.ts';
import { type Database, sql } from '../../gateway/src/store/database.ts';
import { migrate } from '../../gateway/src/store/migrate.ts';
import { createSqlTimeSeries } from '../../gateway/src/timeseries/sql.ts';
import { SECRET_KEY } from './gateway.ts';

export const METRICS = ['totalPower', 'gridVoltage', 'energyTotal', 'cabinetTemp', 'csq'];
const PASSWORD = 'a-device-password-of-the-benchmark';

/** Logins of the devices that {@link seedDevices} makes. */
export const logins = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ id: `bench-${n}`, password: PASSWORD }));

/** Charging cabinets in an empty database, with the partitions and metric keys of the hour before now in place. */
export async function seedDevices(db: Database, count: number) {
  await migrate(db);
  const hash = createSecrets(SECRET_KEY).hash(PASSWORD);
  const { rows } = await sql(db.autocommit).query<{ id: string; key: number }>(
    `insert into device (id, type, name, lifecycle, secret_hash)
     select 'bench-' || n, 'generic/ebike-charger', 'bench', 'active', decode($1, 'base64') from generate_series(0, $2 - 1) as n returning id, key`,
    [hash, count],
  );
  const series = createSqlTimeSeries({ db, clock: createSystemClock() });
  const now = Date.now();
  const readings = METRICS.map((metric) => ({
    device: rows[0]?.key ?? 0,
    metric,
    time: now,
    receivedAt: now,
    value: 1,
  }));
  await series.prepare([...readings, ...readings.map((reading) => ({ ...reading, time: now - 3_600_000 }))]);
  const keys = await sql(db.autocommit).query<{ name: string; key: number }>('select name, key from metric');
  return {
    devices: Object.fromEntries(rows.map(({ id, key }) => [id, key])),
    metrics: Object.fromEntries(keys.rows.map(({ name, key }) => [name, key])),
  };
}
