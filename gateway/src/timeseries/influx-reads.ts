import type { TrialMetric } from '../domain/acceptance.ts';
import type { DeviceKey } from '../domain/device.ts';
import type { MetricSum, ReadingsElsewhere } from '../domain/readings-elsewhere.ts';
import type { InfluxClient, Table } from './influx-client.ts';
import type { InfluxDatabase } from './influx-database.ts';
import type { DeviceIds } from './influx-devices.ts';
import { devicesAre, literal, metricName, micros, pointValue, timeIn, VALUE_FIELDS } from './influx-lines.ts';
import { slices } from './influx-look.ts';

const DEVICES_A_STATEMENT = 500;
const STATEMENTS_A_REQUEST = 50;

/** What the database's own statements ask of the readings. */
export function createInfluxReads(client: InfluxClient, database: InfluxDatabase, ids: DeviceIds): ReadingsElsewhere {
  const askAll = async (statements: readonly string[]): Promise<Table[][]> => {
    const answers: Table[][] = [];
    for (const some of slices(statements, STATEMENTS_A_REQUEST)) answers.push(...(await client.query(some)));
    return answers;
  };

  return {
    async twins(tx, probes, windowMs) {
      await ids.load(
        tx,
        probes.map(({ device }) => device),
      );
      const table = await database.readings();
      const known = [...probes.entries()].filter(([, { device, values }]) => ids.get(device) && values.size > 0);
      const answers = await askAll(
        known.map(([, { device, receivedAt }]) => {
          const time = timeIn(receivedAt - windowMs, receivedAt);
          return `select ${VALUE_FIELDS} from ${table} where device = ${literal(ids.get(device) ?? '')} and ${time} group by metric`;
        }),
      );
      return known.flatMap(([i, { values }], position) => {
        const agreeing = new Map<number, number>();
        for (const { tags, rows } of answers[position] ?? []) {
          const wanted = values.get(metricName(tags.metric ?? ''));
          if (wanted === undefined) continue;
          for (const [time, value, flag, text] of rows) {
            if (pointValue(value, flag, text) !== wanted) continue;
            agreeing.set(Number(time), (agreeing.get(Number(time)) ?? 0) + 1);
          }
        }
        return [...agreeing].filter(([, n]) => n === values.size).map(([time]) => ({ i, time: time / 1_000 }));
      });
    },

    async received(tx, asks, { most, lateMs }) {
      await ids.load(
        tx,
        asks.map(({ key }) => key),
      );
      const table = await database.readings();
      const groups = [...Map.groupBy(asks, ({ key, since }) => `${key}@${since}`).values()];
      const known = groups.filter(([ask]) => ask && ids.get(ask.key) !== undefined);
      const answers = await askAll(
        known.map(([ask]) => {
          const { key, since } = ask ?? { key: 0, since: 0 };
          const condition = `device = ${literal(ids.get(key) ?? '')} and time >= ${micros(since - lateMs)}u and receivedAt >= ${micros(since)}`;
          return `select count(receivedAt), min(receivedAt), max(receivedAt) from ${table} where ${condition} group by metric`;
        }),
      );
      return known.flatMap((group, position) =>
        group.flatMap(({ key, metric }) => {
          const fits = patternOf(metric);
          return (answers[position] ?? []).flatMap(({ tags, rows: [row] }): TrialMetric[] => {
            const name = metricName(tags.metric ?? '');
            if (!row || !fits.test(name)) return [];
            const [, n, first, last] = row.map(Number);
            return [
              {
                device: key,
                metric,
                name,
                readings: Math.min(n ?? 0, most),
                first: (first ?? 0) / 1_000,
                last: (last ?? 0) / 1_000,
              },
            ];
          });
        }),
      );
    },

    async sums(tx, devices, { from, to }, texts) {
      await ids.load(tx, devices);
      const keys = new Map(devices.map((key) => [ids.get(key) ?? '', key]));
      const table = await database.readings();
      const sums: MetricSum[] = [];
      for (const some of slices([...keys.keys()].filter(Boolean), DEVICES_A_STATEMENT)) {
        const place = (also = '') =>
          `from ${table} where ${devicesAre(some)} and ${timeIn(from, to)}${also} group by device, metric`;
        const chosen = texts.map((text) => `text = ${literal(text)}`).join(' or ');
        const [all = [], skewed = [], taken = []] = await client.query([
          `select count(receivedAt), count(value), count(flag), count(text), min(value), max(value) ${place()}`,
          `select count(flags) ${place(' and flags = 1')}`,
          `select count(text) ${place(chosen === '' ? '' : ` and (${chosen})`)}`,
        ]);
        const counted = (tables: readonly Table[]) => new Map(tables.map((one) => [nameOf(one), cell(one, 1)]));
        const [wrong, of] = [counted(skewed), counted(chosen === '' ? [] : taken)];
        for (const one of all) sums.push(sumOf(one, keys.get(one.tags.device ?? '') ?? 0, wrong, of));
      }
      return sums;
    },
  };
}

function sumOf(
  one: Table,
  device: DeviceKey,
  skewed: ReadonlyMap<string, number>,
  chosen: ReadonlyMap<string, number>,
): MetricSum {
  // Booleans stand in `value` as well; a metric that sends both is none of numbers.
  const numbers = cell(one, 3) > 0 ? 0 : cell(one, 2);
  return {
    device,
    metric: metricName(one.tags.metric ?? ''),
    readings: cell(one, 1),
    skewed: skewed.get(nameOf(one)) ?? 0,
    numbers,
    least: numbers === 0 ? null : cell(one, 5),
    most: numbers === 0 ? null : cell(one, 6),
    texts: cell(one, 4),
    chosen: chosen.get(nameOf(one)) ?? 0,
  };
}

function nameOf({ tags }: Table): string {
  return `${tags.device}\n${tags.metric}`;
}

function cell({ rows }: Table, column: number): number {
  return Number(rows[0]?.[column] ?? 0);
}

/** `ports.*.current` → any part in place of the star. */
function patternOf(metric: string): RegExp {
  return new RegExp(
    `^${metric
      .split('*')
      .map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
      .join('.*')}$`,
    's',
  );
}
