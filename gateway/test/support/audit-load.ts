// Appends audited changes from ten hands at a time until it is killed: `node audit-load.ts <engine> <url or directory>`.
import { createSecrets } from '../../src/access/secrets.ts';
import { createSystemClock } from '../../src/clock.ts';
import { SYSTEM } from '../../src/domain/actor.ts';
import { createLogger } from '../../src/log.ts';
import { createAuditStore } from '../../src/store/audit.ts';
import { sql } from '../../src/store/database.ts';
import { openPglite } from '../../src/store/pglite.ts';
import { openPostgres } from '../../src/store/postgres.ts';
import { TEST_KEY } from './registry.ts';

const [engine, place = ''] = process.argv.slice(2);
const log = createLogger('silent');
const db =
  engine === 'postgres'
    ? openPostgres(place, { log })
    : await openPglite(place, { log, clock: createSystemClock(), fsync: false });
const audit = createAuditStore(createSecrets(TEST_KEY));
let done = 0;

async function work(hand: number): Promise<void> {
  for (;;) {
    const resourceId = `h${hand}-${done}`;
    await db.transaction(async (tx) => {
      const entry = { at: Date.now(), actor: SYSTEM, action: 'update', resource: 'devices', resourceId };
      await audit.append(tx, [entry, entry, entry]);
      await sql(tx).query('insert into change (id) values ($1)', [resourceId]);
    });
    if (++done === 20) process.stdout.write('working\n');
  }
}

await Promise.all(Array.from({ length: 10 }, (_, hand) => work(hand)));
