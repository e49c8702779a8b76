import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';

/** Ends of small indexes that move when something changed; equal marks = nothing did. */
export interface ChangeMarks {
  /** States of devices, and which of them are in doubt: a doubt leaves no history. */
  readonly health: string | null;
  /** Steps of tickets. */
  readonly tickets: string | null;
  readonly quarantine: string | null;
  readonly notifications: string | null;
  /** Whatever people changed. */
  readonly people: string | null;
}

export async function changeMarks(tx: Tx): Promise<ChangeMarks> {
  const { rows } = await sql(tx).query<ChangeMarks>(
    `select concat_ws(':', (select max(id) from health_history),
         (select concat(count(*), '.', sum(device::bigint * device)) from health where suspect)) as health,
       (select max(id) from ticket_history)::text as tickets,
       (select max(id) from quarantine)::text as quarantine, (select max(id) from outbox)::text as notifications,
       (select max(seq) from audit_head)::text as people`,
  );
  const [marks] = rows;
  if (!marks) throw new Error('no marks');
  return marks;
}
