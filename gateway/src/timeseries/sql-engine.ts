import type { Logger } from '../../../adapters/adapter.ts';
import { GatewayError } from '../errors.ts';
import { bilingual } from '../messages/index.ts';
import { type Database, type Session, sql } from '../store/database.ts';
import { settleDayStart } from './rollup-state.ts';
import type { SeriesEngine } from './series-engine.ts';
import type { ReadingDays } from './sql-days.ts';
import { createTableRollup } from './sql-rollup.ts';
import { createHypertable, createTimescaleTables } from './timescale.ts';

const FACTS = `select
  exists (select from pg_extension where extname = 'timescaledb') as installed,
  exists (select from pg_settings where name = 'timescaledb.license') as loaded,
  (select relkind from pg_class where oid = 'reading'::regclass) as kind,
  (select converting from reading_rollup) as converting`;

interface Facts {
  readonly installed: boolean;
  readonly loaded: boolean;
  readonly kind: 'p' | 'r';
  readonly converting: boolean;
}

/** Makers of partitions hold it. */
const DAYS_LOCK = 'select pg_advisory_xact_lock(7411201608)';

export function createPartitions(db: Database, days: ReadingDays): SeriesEngine {
  return {
    kind: 'partitions',
    ...createTableRollup(db),
    drop: days.drop,
    sumTables: async () => ({ hourly: 'reading_hourly', daily: 'reading_daily' }),
  };
}

/**
 * Finds out what the database keeps readings in. Where TimescaleDB is installed and nothing is stored yet, the hypertable
 * is made; what is stored stays in its partitions until `cgw timescale` moves it.
 */
export async function findEngine(
  db: Database,
  options: { readonly days: ReadingDays; readonly dayStart: number; readonly log?: Logger | undefined },
): Promise<SeriesEngine> {
  const facts = await readFacts(sql(db.autocommit));
  if (facts.converting) throw new GatewayError('INVALID_CONFIG', bilingual('timescale.unfinished'));
  if (facts.kind === 'r') {
    // Without its library a hypertable looks empty instead of failing.
    if (!facts.loaded) throw new GatewayError('UNAVAILABLE', bilingual('timescale.notLoaded'));
    return createHypertable(db);
  }
  if (facts.installed && facts.loaded && (await convertEmpty(db, options.dayStart))) return createHypertable(db);
  if (facts.installed)
    options.log?.warn({}, 'readings stay in partitions: npx cgw timescale moves them to TimescaleDB');
  return createPartitions(db, options.days);
}

export async function readFacts(session: Session): Promise<Facts> {
  const { rows } = await session.query<Facts>(FACTS);
  const [facts] = rows;
  if (!facts) throw new Error('the database says nothing of itself');
  return facts;
}

async function convertEmpty(db: Database, dayStart: number): Promise<boolean> {
  return db.transaction(async (tx) => {
    const session = sql(tx);
    await session.query(DAYS_LOCK);
    if ((await readFacts(session)).kind === 'r') return true;
    await session.query('lock table reading, reading_hourly, reading_daily in access exclusive mode');
    const { rows } = await session.query<{ used: boolean }>(
      `select exists (select from reading) or exists (select from reading_hourly) or exists (select from reading_daily) as used`,
    );
    if (rows[0]?.used) return false;
    await session.query('drop table reading, reading_hourly, reading_daily');
    await createTimescaleTables(session, await settleDayStart(session, dayStart));
    return true;
  });
}
