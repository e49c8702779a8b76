import { setTimeout as sleep } from 'node:timers/promises';
import type { CDPSession } from 'playwright-core';
import { sql } from '../../gateway/src/store/database.ts';
import type { ConsoleCity } from './city.ts';
import { report } from './report.ts';

const PAGES = ['/', '/devices', '/map', '/tickets'];
const MIB = 1_048_576;

/** Four pages left open while devices change every second: what the browser holds at the start and at the end. */
export async function benchMemory(city: ConsoleCity, minutes: number): Promise<void> {
  const context = await city.window();
  const open = await Promise.all(
    PAGES.map(async (path) => {
      const page = await context.newPage();
      await page.goto(city.base + path);
      return { path, wire: await context.newCDPSession(page) };
    }),
  );
  const settle = Math.min(2, minutes / 4);
  await live(city, settle);
  const before = await Promise.all(open.map(({ wire }) => heapOf(wire)));
  await live(city, minutes - settle);
  const after = await Promise.all(open.map(({ wire }) => heapOf(wire)));
  for (const [index, { path }] of open.entries()) {
    report(
      `memory of ${path} after ${minutes} min of a change a second`,
      (after[index] ?? 0) / MIB,
      'MiB',
      (before[index] ?? 0) / MIB,
    );
  }
  await context.close();
}

/** Some devices fall and come back, once a second. */
async function live(city: ConsoleCity, minutes: number): Promise<void> {
  const end = performance.now() + minutes * 60_000;
  for (let n = 0; performance.now() < end; n++) {
    await sql(city.db.autocommit).query(
      `with turned as (
         update health set state = case state when 'online' then 'offline' else 'online' end, since = now()
         where device % 10000 = $1::int returning device, state)
       insert into health_history (device, at, was, state, reason)
       select device, now(), case state when 'online' then 'offline' else 'online' end, state, 'silent' from turned`,
      [n % 10_000],
    );
    await sleep(1_000);
  }
}

async function heapOf(wire: CDPSession): Promise<number> {
  await wire.send('HeapProfiler.collectGarbage');
  await wire.send('HeapProfiler.collectGarbage');
  const { usedSize } = await wire.send('Runtime.getHeapUsage');
  return usedSize;
}
