import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, ENGINES, type TestDatabase } from '../../test/support/databases.ts';
import { until } from '../../test/support/until.ts';
import { createSystemClock } from '../clock.ts';
import type { MessageEvidence } from '../domain/evidence.ts';
import { createLogger } from '../log.ts';
import { sql } from '../store/database.ts';
import { createEvidenceStore } from '../store/evidence.ts';
import type { Judge } from './ports.ts';
import { createEvidenceReader } from './reader.ts';
import { createEvidenceWriter } from './writer.ts';

const log = createLogger('silent');
const clock = createSystemClock();
const store = createEvidenceStore();
/** A writer tells twice a second. */
const QUICK = { poll: 20, settle: 40, away: 1_500, hold: 2_500 };

describe.each(ENGINES)('what processes tell the one that judges on %s', (engine) => {
  let database: TestDatabase;
  const running: { stop(): Promise<void> }[] = [];
  beforeAll(async () => {
    database = await createTestDatabase(engine);
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((one) => one.stop()));
    await sql(database.db.autocommit).query('delete from evidence');
    await sql(database.db.autocommit).query('delete from evidence_source');
  });
  afterAll(() => database.close());

  const judge = () => {
    const heard: unknown[] = [];
    const settled = { flush: true };
    const note = (call: string) => (said: unknown, more?: unknown) =>
      void heard.push(more === undefined ? [call, said] : [call, said, more]);
    const made: Judge = {
      observe: (messages) => void heard.push(...messages.map((one) => ['message', one])),
      link: note('link'),
      probe: note('probe'),
      sign: note('sign'),
      condition: note('condition'),
      vendorLink: note('vendorLink'),
      lifecycleChanged: note('lifecycleChanged'),
      decideAgain: note('decideAgain'),
      pathUp: note('up'),
      pathDown: note('down'),
      sweep: async () => undefined,
      flush: async () => {
        if (!settled.flush) throw new Error('not now');
      },
    };
    return { heard, settled, made };
  };
  const reader = (to: Judge) => {
    const made = createEvidenceReader({ store, transactor: database.db, judge: to, clock, log, times: QUICK });
    running.push(made);
    made.start();
    return made;
  };
  const writer = (source: string, kept = { undrained: 0, oldestUndrainedAt: null as number | null }) => {
    const paths = [{ path: 'mqtt', kept: () => kept }];
    const made = createEvidenceWriter({
      ...{ store, transactor: database.db, source: () => source, node: source, paths, clock, log },
    });
    running.push(made);
    made.start();
    return made;
  };
  const message = (device: number, more: Partial<MessageEvidence> = {}): MessageEvidence => ({
    ...{ device, path: 'mqtt', receivedAt: 1_000.25 + device, late: false, values: { t: 1 }, events: [] },
    ...more,
  });
  const left = async () => (await sql(database.db.autocommit).query('select from evidence')).rowCount;

  it('arrives in its order and whole, messages only when their transaction is committed', async () => {
    const { heard, made } = judge();
    reader(made);
    const a = writer('a');
    a.pathUp('mqtt');
    await until('the path is open', () => heard.length > 0);
    const event = { device: 2, code: 'smoke', time: 5, receivedAt: 6, severity: 'critical', lifeSafety: true } as const;
    const messages = [
      message(1, {
        values: new Map<string, number | string | boolean>([
          ['ports.3.current', 2.5],
          ['on', true],
          ['s', '\u0000\ud800'],
        ]),
      }),
      message(2, { late: true, events: [event], skewMs: -3, claim: 'offline' }),
    ];
    const rolledBack = database.db.transaction(async (tx) => {
      await a.keep(tx, [message(9)]);
      throw new Error('not stored');
    });
    await expect(rolledBack).rejects.toThrow('not stored');
    await database.db.transaction((tx) => a.keep(tx, messages));
    const link = { device: 1, path: 'mqtt', state: 'up', reason: 'connect', at: 7, session: 's' } as const;
    a.link(link);
    a.lifecycleChanged(4);
    await until('all is heard', () => heard.length === 5);
    expect(heard).toEqual([
      ['up', 'mqtt'],
      ['message', { ...messages[0], values: { 'ports.3.current': 2.5, on: true, s: '\u0000\ud800' } }],
      ['message', messages[1]],
      ['link', link],
      ['lifecycleChanged', 4],
    ]);
    await until('what is judged by is removed', async () => (await left()) === 0);
  });

  it('is read again by a successor as long as it is not part of the verdict', async () => {
    const first = judge();
    first.settled.flush = false;
    const before = reader(first.made);
    const a = writer('a');
    await database.db.transaction((tx) => a.keep(tx, [message(1)]));
    await until('it is heard', () => first.heard.length > 1);
    await before.stop();
    expect(await left()).toBe(1);
    const next = judge();
    reader(next.made);
    await until('the successor hears it', () => next.heard.length > 1);
    expect(next.heard).toContainEqual(['message', message(1)]);
    await until('it is removed', async () => (await left()) === 0);
  });

  it('bounds the clock of its path; who goes away with messages on its disk blinds the path for a while', async () => {
    const { heard, made } = judge();
    const read = reader(made);
    const oldest = clock.now() - 5_000;
    const [a, b] = [writer('a', { undrained: 3, oldestUndrainedAt: oldest }), writer('b')];
    a.pathUp('mqtt');
    b.pathUp('mqtt');
    await until('the oldest message bounds it', () => Math.abs((read.heardTo('mqtt') ?? 0) - oldest) < 1);
    await until('the path is up', () => heard.some((one) => JSON.stringify(one) === '["up","mqtt"]'));
    // Says nothing any more, as one that was killed.
    await a.stop();
    running.splice(running.indexOf(a), 1);
    await until('it is missed', () => heard.some((one) => JSON.stringify(one) === '["down","mqtt","ingestAway"]'));
    expect(read.heardTo('mqtt')).toBeCloseTo(oldest, 0);
    await until('the others go on without it', () => JSON.stringify(heard.at(-1)) === '["up","mqtt"]');
    expect(clock.now() - (read.heardTo('mqtt') ?? 0)).toBeLessThan(4_000);
    expect(read.away()).toMatchObject([{ source: 'a', undrained: 3 }]);
    // One that ends with nothing left is waited for by nobody.
    await b.stop();
    running.splice(running.indexOf(b), 1);
    await until('nobody hears it', () => JSON.stringify(heard.at(-1)) === '["down","mqtt","nobodyHears"]');
    expect(read.away().map(({ source }) => source)).toEqual(['a']);
  });
});
