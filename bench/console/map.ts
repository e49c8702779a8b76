import { type Database, sql } from '../../gateway/src/store/database.ts';
import type { ConsoleCity } from './city.ts';
import { quantile, report } from './report.ts';

const ROUNDS = 5;

/** The map with every device of the city on it: until it is drawn, and how it moves under the hand. Software drawing. */
export async function benchMap(city: ConsoleCity): Promise<void> {
  await strew(city.db);
  const context = await city.window();
  const page = await context.newPage();
  // A page of the console: its policy lets scripts ask the gateway, that of a plain answer does not.
  await page.goto(`${city.base}/help`);
  await page.locator('#content').waitFor();
  const answers: number[] = [];
  for (let round = 0; round < ROUNDS; round++) answers.push(await page.evaluate<number>(ASK(round)));
  report(`map of ${city.devices} devices, answer with all points, median`, quantile(answers, 0.5), 'ms');
  report('map, all points packed', await page.evaluate<number>(SIZE), 'bytes');
  const start = performance.now();
  await page.goto(`${city.base}/map`);
  const frame = page.locator('.map-frame[data-points]');
  await frame.waitFor({ timeout: 120_000 });
  report('map, from the address to all points drawn', performance.now() - start, 'ms');
  const box = await frame.boundingBox();
  if (!box) throw new Error('the map has no place on the screen');
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const counting = page.evaluate<number[]>(FRAMES);
  await page.mouse.move(x, y);
  await page.mouse.down();
  for (let step = 0; step < 120; step++) {
    await page.mouse.move(x + Math.sin(step / 10) * 250, y + Math.cos(step / 14) * 150);
    await page.waitForTimeout(16);
  }
  await page.mouse.up();
  const frames = await counting;
  report('map dragged, frames a second, median', 1_000 / quantile(frames, 0.5), '1/s');
  report('map dragged, frames a second, slowest of twenty', 1_000 / quantile(frames, 0.95), '1/s');
  await context.close();
}

/** Devices that have no place get one in their organisation's neighbourhood; every sixth stands in a room with others. */
async function strew(db: Database): Promise<void> {
  await sql(db.autocommit).script(`
    update device d set location = jsonb_build_object('crs', 'wgs84',
        'lon', round((121.38 + (hood % 20 + (hashint4(spot) & 65535) / 65536.0) * 0.012)::numeric, 6),
        'lat', round((31.11 + (hood / 20 + (hashint4(-spot) & 65535) / 65536.0) * 0.012)::numeric, 6))
      from (select key, key % 200 as hood, case when key % 6 = 0 then key / 1200 else key end as spot from device) s
      where s.key = d.key and d.location is null;
    analyze device`);
}

/** The gateway keeps an answer for two seconds: each round asks for something else. */
const ASK = (round: number) => `(async () => {
  const start = performance.now();
  await (await fetch('/api/v1/map/points?lifecycle=active,suspended,trial${',pending'.repeat(round)}')).arrayBuffer();
  return performance.now() - start;
})()`;

const SIZE = `(async () => {
  await (await fetch('/api/v1/map/points', { cache: 'no-store' })).arrayBuffer();
  return performance.getEntriesByType('resource').at(-1).encodedBodySize;
})()`;

const FRAMES = `new Promise((resolve) => {
  const frames = [];
  let last = performance.now();
  const start = last;
  const step = (now) => {
    frames.push(now - last);
    last = now;
    if (now - start < 2500) requestAnimationFrame(step);
    else resolve(frames.slice(2));
  };
  requestAnimationFrame(step);
})`;
