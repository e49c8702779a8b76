// Plays one life of a gateway that ends at a given step: `node victim.ts '<Life as JSON>'`. For tests that kill.
import { writeSync } from 'node:fs';
import { createManualClock } from '../../../src/clock.ts';
import type { Tx } from '../../../src/domain/tx.ts';
import { sql } from '../../../src/store/database.ts';
import { compose, openWorld } from './composition.ts';

/** Where a life ends: in a transaction that takes the victim to a step, before or after its commit; null = it lives on. */
export interface Life {
  readonly dataDir: string;
  readonly url: string | null;
  /** Clock of the test at the start, epoch ms. */
  readonly now: number;
  /** Silent since the life before; speaks again when it was heard of. */
  readonly before: string | null;
  readonly victim: string | null;
  readonly step: 'held' | 'open' | 'resolved' | 'leased' | null;
  readonly moment: 'before' | 'after';
  readonly pace: number;
}

const life = JSON.parse(process.argv[2] ?? '{}') as Life;
const clock = createManualClock(life.now);
const opened = await openWorld(life.dataDir, life.url ?? undefined);
const silent = new Set(life.before === null ? [] : [life.before]);
const die = () => process.kill(process.pid, 'SIGKILL');

/** How far the victim's fault has come, as this transaction sees it. */
async function stepOf(tx: Tx): Promise<string> {
  const { rows } = await sql(tx).query<{ state: string }>(
    `select i.state from incident i join device d on d.key = i.device where d.id = $1 order by opened_at desc limit 1`,
    [life.victim],
  );
  return rows[0]?.state ?? '';
}

const world = {
  ...opened,
  guard: {
    ...opened.guard,
    // Asked after the lease and before the first byte leaves.
    async resolveUrl(url: Parameters<typeof opened.guard.resolveUrl>[0]) {
      if (life.step === 'leased' && (await stepOf(opened.store.db.autocommit)) === 'open') die();
      return opened.guard.resolveUrl(url);
    },
  },
};
const gateway = compose(world, clock, {
  sing: async () => 1,
  async around(work, run) {
    let reached = false;
    const result = await run(async (tx) => {
      const value = await work(tx);
      reached = life.step !== null && (await stepOf(tx)) === life.step;
      if (reached && life.moment === 'before') die();
      return value;
    });
    if (reached) die();
    return result;
  },
});
await gateway.start();

async function live(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= life.pace) {
    clock.advance(life.pace);
    writeSync(1, `${clock.now()}\n`);
    const receivedAt = clock.now();
    const said = [...gateway.registry.directory.all()].filter(({ id }) => !silent.has(id));
    gateway.monitor.observe(
      said.map(({ key: device }) => ({
        ...{ device, path: 'mqtt', receivedAt, late: false, events: [] },
        values: { totalPower: 1, gridVoltage: 230, cabinetTemp: 20 },
      })),
    );
    await gateway.monitor.sweep();
    await gateway.monitor.flush();
    await gateway.tickets.sweep();
    await delivered();
  }
}

async function delivered(): Promise<void> {
  gateway.sender.kick();
  for (let tries = 0; tries < 100; tries += 1) {
    const { rows } = await sql(opened.store.db.autocommit).query<{ n: number }>(
      `select count(*)::int as n from outbox where state = 'pending' and next_at <= to_timestamp($1 / 1000.0)
         and coalesce(lease_until, '-infinity') <= to_timestamp($1 / 1000.0)`,
      [clock.now()],
    );
    if (rows[0]?.n === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const MINUTE = 60_000;
// What the life before left is dealt with first: told, and back.
await live(life.before === null ? MINUTE : 4 * MINUTE);
silent.clear();
await live(2 * MINUTE);
if (life.victim !== null) {
  silent.add(life.victim);
  await live(4 * MINUTE);
  silent.clear();
  await live(3 * MINUTE);
}
await gateway.stop();
await opened.close();
