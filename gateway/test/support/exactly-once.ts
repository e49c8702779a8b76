import { type Database, sql } from '../../src/store/database.ts';
import { sample } from './gateway-process.ts';
import type { Fleet } from './load.ts';

/** What is wrong with the stored messages of a fleet, as sentences; empty = every promise was kept. */
export async function storageFaults(db: Database, fleet: Fleet): Promise<string[]> {
  const faults: string[] = [];
  const { rows } = await sql(db.autocommit).query<{ id: string; n: number; copies: number; keyed: number }>(
    `select d.id, r.num::float8 as n, count(*)::int as copies,
       count(*) filter (where k.time = r.time)::int as keyed
     from reading r
     join device d on d.key = r.device
     join metric m on m.key = r.metric and m.name = 'totalPower'
     left join message_key k on k.device = r.device and k.key = 'm:' || d.id || ':' || r.num::bigint
     group by 1, 2`,
    [],
  );
  const stored = new Set<string>();
  for (const { id, n, copies, keyed } of rows) {
    const msgId = `${id}:${n}`;
    stored.add(msgId);
    if (copies !== 1) faults.push(`${msgId} is stored ${copies} times`);
    if (keyed !== copies) faults.push(`${msgId} stands apart from its message key`);
    if (!fleet.wasSent(msgId)) faults.push(`${msgId} is stored and was never sent`);
  }
  for (const msgId of fleet.acked) if (!stored.has(msgId)) faults.push(`${msgId} was acknowledged and is not stored`);
  return faults;
}

export interface LedgerTotals {
  readonly drained: number;
  readonly stored: number;
  readonly duplicate: number;
  readonly rejected: number;
  readonly quarantined: number;
  readonly lost: number;
}

export async function ledgerTotals(db: Database): Promise<LedgerTotals> {
  const { rows } = await sql(db.autocommit).query<LedgerTotals>(
    `select drained::float8 as drained, stored::float8 as stored, duplicate::float8 as duplicate,
       rejected::float8 as rejected, quarantined::float8 as quarantined, lost::float8 as lost from ingest_ledger`,
    [],
  );
  const [only, ...others] = rows;
  if (!only || others.length > 0) throw new Error(`one spool has ${rows.length} ledgers`);
  return only;
}

/** Both sides of `received + recovered = stored + duplicate + rejected + quarantined + spooled` of one process. */
export function accountingOf(metrics: string): { taken: number; ended: number; spooled: number } {
  const bucket = (name: string) => sample(metrics, 'cgw_ingest_messages_total', `bucket="${name}"`);
  const spooled = sample(metrics, 'cgw_spool_records');
  const ended = ['stored', 'duplicate', 'rejected', 'quarantined'].reduce((sum, name) => sum + bucket(name), spooled);
  return { taken: bucket('received') + bucket('recovered'), ended, spooled };
}

/** Device faults that were told to anybody, as `device fault state`. */
export async function filedFaults(db: Database): Promise<string[]> {
  const { rows } = await sql(db.autocommit).query<{ text: string }>(
    `select concat_ws(' ', d.id, i.fault, i.state) as text from incident i left join device d on d.key = i.device
     union all select concat_ws(' ', 'ticket', t.no, t.fault) from ticket t`,
    [],
  );
  return rows.map(({ text }) => text);
}
