import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/support/databases.ts';
import type { DeviceBrief } from '../domain/device.ts';
import type { Reading } from '../domain/reading.ts';
import type { Transactor } from '../domain/tx.ts';
import { GatewayError } from '../errors.ts';
import { createLogger } from '../log.ts';
import { sql } from '../store/database.ts';
import { createIngestStore } from '../store/ingest.ts';
import { createDrain } from './drain.ts';
import { createPlanner } from './plan.ts';
import type { DecodedItem, SpoolRecord, TimeSeriesPort } from './ports.ts';
import { createLateness, DEFAULT_WINDOW } from './timing.ts';

const AT = Date.UTC(2026, 10, 23, 8);
const clock = { now: () => AT, monotonic: () => performance.now() };

/** Overwrites, and remembers who wrote, as InfluxDB is made to. */
function createOutside() {
  const points = new Map<string, Reading>();
  const order: string[] = [];
  const port: TimeSeriesPort = {
    transactional: false,
    prepare: async () => undefined,
    async write(_, readings) {
      order.push('readings');
      const duplicates: number[] = [];
      for (const [index, reading] of readings.entries()) {
        const name = `${reading.device} ${reading.metric} ${reading.time}`;
        const there = points.get(name);
        if (there && there.receivedAt !== reading.receivedAt) duplicates.push(index);
        else points.set(name, reading);
      }
      return { duplicates, conflicts: [], poison: [] };
    },
  };
  return { points, order, port };
}

describe('readings in a store of their own', () => {
  let test: TestDatabase;
  let device: DeviceBrief;

  beforeAll(async () => {
    test = await createTestDatabase('pglite');
    const { rows } = await sql(test.db.autocommit).query<{ key: number }>(
      "insert into device (id, type, name, lifecycle) values ('d', 'generic/test', 'd', 'active') returning key",
    );
    device = { key: rows[0]?.key ?? 0, id: 'd', type: 'generic/test', lifecycle: 'active' } as DeviceBrief;
  });
  afterAll(() => test?.close());

  const item = (n: number, msgId?: string): DecodedItem =>
    ({
      values: new Map([['a', n]]),
      events: [],
      notes: [],
      unknown: [],
      ...(msgId && { msgId }),
    }) as unknown as DecodedItem;

  /** Drains these messages to the end, each an array of items. */
  async function drain(
    spoolId: string,
    messages: readonly { items: readonly DecodedItem[]; receivedAt: number }[],
    { port, transactor }: { port: TimeSeriesPort; transactor: Transactor },
  ) {
    const records = messages.map(
      ({ receivedAt }, index): SpoolRecord => ({
        seq: index + 1,
        via: 'mqtt',
        principal: 'device:d',
        topic: 'cgw/v1/d/telemetry',
        payload: Buffer.from(String(index)),
        receivedAt,
        dup: false,
        retained: false,
      }),
    );
    const counts = { stored: 0, duplicate: 0, rejected: 0, quarantined: 0 };
    const stopping = new AbortController();
    const trimmed: number[] = [];
    await createDrain({
      spool: {
        id: spoolId,
        append: async () => 0,
        read: async (after, limit) => records.filter(({ seq }) => seq > after).slice(0, limit),
        wait: () => new Promise((resolve) => setImmediate(resolve)),
        drained(upTo) {
          trimmed.push(upTo);
          if (upTo === records.length) stopping.abort();
        },
        trim: async () => undefined,
      },
      transactor,
      store: createIngestStore(),
      readings: port,
      planner: createPlanner({
        directory: { byId: () => device, bySerial: () => undefined, byExternalId: () => undefined },
        types: {
          decode: (_: string, { payload }: { payload: Uint8Array }) => ({
            ok: true,
            items: messages[Number(Buffer.from(payload).toString())]?.items ?? [],
            refused: [],
          }),
          typesForTopic: () => [],
          lateAfter: () => 90_000,
        } as unknown as Parameters<typeof createPlanner>[0]['types'],
        window: () => DEFAULT_WINDOW,
        isLate: createLateness(),
      }),
      hooks: { observe: () => undefined, reply: () => undefined },
      metrics: {
        received: () => undefined,
        puback: () => undefined,
        recovered: () => undefined,
        failed: (code) => void (code === 'INTERNAL' && stopping.abort()),
        drained: (found) => {
          for (const name of Object.keys(counts) as (keyof typeof counts)[]) counts[name] += found[name];
        },
      },
      clock,
      log: createLogger('silent'),
      lingerMs: 0,
      trimTo: (drained) => drained,
      crowded: () => false,
    }).run(stopping.signal);
    return { counts, trimmed };
  }

  it('are written before the transaction begins, and once although it fails twice after them', async () => {
    const { points, order, port } = createOutside();
    let failures = 2;
    const transactor: Transactor = {
      autocommit: test.db.autocommit,
      transaction: (work) =>
        test.db.transaction(async (tx) => {
          order.push('transaction');
          const result = await work(tx);
          if (failures-- > 0) throw new GatewayError('UNAVAILABLE', 'gone');
          return result;
        }),
    };
    const messages = [
      { items: [item(1), item(2), item(3)], receivedAt: AT },
      { items: [item(4, 'keyed')], receivedAt: AT + 0.001 },
      { items: [item(5)], receivedAt: AT + 0.002 },
    ];
    const { counts, trimmed } = await drain('once', messages, { port, transactor });
    expect(order).toEqual(['readings', 'transaction', 'readings', 'transaction', 'readings', 'transaction']);
    expect(counts).toEqual({ stored: 3, duplicate: 0, rejected: 0, quarantined: 0 });
    // Nothing counts as drained before both stores have it.
    expect(trimmed.filter((upTo) => upTo !== 0)).toEqual([3]);
    expect([...points.values()].map(({ value }) => value)).toEqual([1, 2, 3, 4, 5]);
    const { rows } = await sql(test.db.autocommit).query<{ n: number }>(
      "select count(*)::int as n from message_key where key = 'm:keyed'",
    );
    expect(rows).toEqual([{ n: 1 }]);
  });

  it('are written once when two processes were given the same message', async () => {
    const { points, port } = createOutside();
    const message = (receivedAt: number) => [{ items: [item(7, 'twice')], receivedAt }];
    const transactor = test.db;
    const first = await drain('p1', message(AT + 10), { port, transactor });
    const second = await drain('p2', message(AT + 500), { port, transactor });
    expect([first.counts.stored, second.counts.duplicate]).toEqual([1, 1]);
    expect([...points.values()].map(({ time }) => time)).toEqual([AT + 10]);
  });
});
