import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createManualClock } from '../../src/clock.ts';
import { SYSTEM } from '../../src/domain/actor.ts';
import { startReceiver } from '../../src/notify/testing.ts';
import { sql } from '../../src/store/database.ts';
import { compose, createWorld, openWorld, type World } from '../support/acceptance/composition.ts';
import { MONDAY, numbered } from '../support/acceptance/street.ts';
import { PLAY_WITHIN_MS } from '../support/acceptance/suite.ts';
import type { Life } from '../support/acceptance/victim.ts';
import { ENGINES, type Engine } from '../support/databases.ts';

/** Every step between state and send, and the side of it on which the process dies. */
const DEATHS: readonly (Pick<Life, 'step' | 'moment'> & { receiver?: 'asked' | 'answered'; event?: string })[] = [
  { step: 'held', moment: 'after' },
  { step: 'open', moment: 'before' },
  { step: 'open', moment: 'after' },
  { step: 'leased', moment: 'before' },
  { step: null, moment: 'after', receiver: 'asked', event: 'firing' },
  { step: null, moment: 'after', receiver: 'answered', event: 'firing' },
  { step: 'resolved', moment: 'after' },
  { step: null, moment: 'after', receiver: 'asked', event: 'resolved' },
];
/** The same steps without the second way to die at one of them: a process on the embedded database takes longer to start. */
const deathsOn = (engine: Engine) =>
  engine === 'pglite' ? DEATHS.filter(({ receiver }) => receiver !== 'asked') : DEATHS;
const isBack = ({ step, event }: (typeof DEATHS)[number]) => step === 'resolved' || event === 'resolved';
const VICTIM = join(import.meta.dirname, '../support/acceptance/victim.ts');
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** One life; answers the clock at its end and what ended it. */
function play(life: Life, onStart: (kill: () => void) => void): Promise<{ now: number; how: string }> {
  const child = spawn(process.execPath, [VICTIM, JSON.stringify(life)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let now = life.now;
  child.stdout.on('data', (chunk: Buffer) => {
    const last = Number(chunk.toString().trim().split('\n').at(-1));
    if (last > 0) now = last;
  });
  onStart(() => child.kill('SIGKILL'));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ now, how: signal ?? String(code) }));
  });
}

describe.each(ENGINES)('kill -9 between any two steps of state, ticket, outbox and send on %s', (engine) => {
  it('loses nothing and doubles nothing in the store; a notice may come twice under its key', {
    timeout: 2 * PLAY_WITHIN_MS,
  }, async () => {
    let world: World = await createWorld(engine);
    const { dataDir } = world.config;
    const url = world.url ?? null;
    const remove = world.close;
    const deaths = deathsOn(engine);
    const devices = numbered('d', deaths.length);
    await sql(world.store.db.autocommit).query(
      `insert into device (id, type, name, lifecycle, module)
       select id, 'generic/ebike-charger', id, 'active', 'charging' from unnest($1::text[]) id`,
      [[...devices, ...numbered('well', 30)]],
    );
    const receiver = await startReceiver();
    closers.push(receiver.stop);
    const clock = createManualClock(MONDAY);
    const first = compose(world, clock, { sing: async () => 1 });
    const { channel } = await first.notifications.createChannel(SYSTEM, {
      ...{ name: 'duty', kind: 'webhook', config: { url: receiver.url() } },
    });
    await first.notifications.createRule(SYSTEM, { channelId: channel.id, events: ['firing', 'resolved'] });
    if (engine === 'pglite') await world.store.close();

    let now = MONDAY;
    let before: string | null = null;
    for (const [index, death] of [...deaths, null].entries()) {
      const victim = devices[index] ?? null;
      let kill = (): void => undefined;
      receiver.answer((response, { body }) => {
        const told = JSON.parse(body) as { event: string; notice: { devices: { id: string }[] } };
        const mine =
          death?.receiver !== undefined && told.event === death.event && told.notice.devices[0]?.id === victim;
        if (mine && death?.receiver === 'asked') {
          kill();
          return;
        }
        response.writeHead(204).end(mine ? kill : undefined);
      });
      const life: Life = {
        ...{ dataDir, url, now, before, victim, pace: 15_000 },
        ...{ step: death?.step ?? null, moment: death?.moment ?? 'after' },
      };
      const end = await play(life, (killer) => {
        kill = killer;
      });
      expect([victim, end.how]).toEqual([victim, death ? 'SIGKILL' : '0']);
      now = end.now + 20_000;
      before = death && !isBack(death) ? victim : null;
    }

    if (engine === 'pglite') world = await openWorld(dataDir, undefined);
    closers.push(engine === 'pglite' ? () => world.close().then(() => rm(dataDir, { recursive: true })) : remove);
    const { query } = sql(world.store.db.autocommit);
    const { rows } = await query(
      `select d.id,
         (select count(*)::int from incident i where i.device = d.key) as incidents,
         (select count(*)::int from ticket_device t where t.device = d.key) as tickets,
         (select array_agg(coalesce(h.code, '') order by h.id) from ticket_history h join ticket_device t using (ticket_id)
            where t.device = d.key and h.code in ('discovered', 'recovered', 'relapsed', 'reopened')) as steps,
         (select array_agg(o.event || ' ' || o.state order by o.id) from outbox o join ticket_device t on t.ticket_id = o.subject
            where t.device = d.key) as told
       from device d where d.id = any($1::text[]) or exists (select from incident i where i.device = d.key) order by d.key`,
      [devices],
    );
    const once = {
      incidents: 1,
      tickets: 1,
      steps: ['discovered', 'recovered'],
      told: ['firing sent', 'resolved sent'],
    };
    expect(rows).toEqual(devices.map((id) => ({ id, ...once })));
    const keys = receiver.received.map(({ headers }) => String(headers['idempotency-key']));
    expect(new Set(keys).size).toBe(2 * devices.length);
    // Those that died between sending and marking, and no others.
    expect(keys.length - new Set(keys).size).toBeLessThanOrEqual(3);
  });
});
