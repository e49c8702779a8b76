import type { ConsoleCity } from './city.ts';
import { quantile, report } from './report.ts';

const ROUNDS = 15;
const ROW = '.ant-table-tbody .ant-table-row';

/** The list of all devices: a filter until its rows are drawn, and pushing the list. */
export async function benchList(city: ConsoleCity): Promise<void> {
  const context = await city.window();
  const page = await context.newPage();
  await page.goto(`${city.base}/devices`);
  await page.locator(ROW).first().waitFor();
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    // Another module each time, so that no answer is at hand already.
    times.push(await page.evaluate<number>(FILTER(`/devices?module=m${round % 5}&q=${round + 10}`)));
  }
  report(`list of ${city.devices} devices, filter to rows on the screen, median`, quantile(times, 0.5), 'ms', 200);
  report(`list of ${city.devices} devices, filter to rows on the screen, p95`, quantile(times, 0.95), 'ms', 200);
  await page.evaluate(FILTER('/devices'));
  const frames = await page.evaluate<number[]>(SCROLL);
  report('list pushed up and down, longest frame', Math.max(...frames), 'ms', 200);
  report('list pushed up and down, frames a second', 1_000 / quantile(frames, 0.5), '1/s');
  await context.close();
}

/** From the change of the address to the frame that shows other rows. */
const FILTER = (address: string) => `new Promise((resolve) => {
  const rows = () => [...document.querySelectorAll('${ROW}')].map((row) => row.getAttribute('data-row-key')).join();
  const before = rows();
  const start = performance.now();
  history.pushState({}, '', '${address}');
  dispatchEvent(new PopStateEvent('popstate'));
  const look = () => {
    const now = rows();
    if (now !== before && now !== '') resolve(performance.now() - start);
    else if (performance.now() - start > 10000) resolve(10000);
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})`;

const SCROLL = `new Promise((resolve) => {
  const frames = [];
  const place = document.querySelector('#content');
  let last = performance.now();
  const start = last;
  const step = (now) => {
    frames.push(now - last);
    last = now;
    const way = ((now - start) / 1500) % 2;
    place.scrollTop = (way < 1 ? way : 2 - way) * place.scrollHeight;
    if (now - start < 6000) requestAnimationFrame(step);
    else resolve(frames.slice(2));
  };
  requestAnimationFrame(step);
})`;
