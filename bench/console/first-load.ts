import type { ConsoleCity } from './city.ts';
import { quantile, report } from './report.ts';

const ROUNDS = 5;
const KIB = 1_024;

/** Bytes over the wire and time until the overview stands, with an empty cache. */
export async function benchFirstLoad(city: ConsoleCity): Promise<void> {
  const bytes: number[] = [];
  const whole: number[] = [];
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const context = await city.window();
    const page = await context.newPage();
    const wire = await context.newCDPSession(page);
    await wire.send('Network.enable');
    const assets = new Set<string>();
    let sum = 0;
    let withHeads = 0;
    wire.on('Network.responseReceived', ({ requestId, response }) => {
      if (!new URL(response.url).pathname.startsWith('/api/')) assets.add(requestId);
    });
    wire.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
      if (assets.has(requestId)) withHeads += encodedDataLength;
    });
    wire.on('Network.dataReceived', ({ requestId, encodedDataLength }) => {
      if (assets.has(requestId)) sum += encodedDataLength;
    });
    const start = performance.now();
    await page.goto(city.base, { waitUntil: 'commit' });
    await page.locator('#content h1').waitFor();
    await page.locator('.figure-value').first().waitFor();
    await page.locator('.ant-skeleton-active, .ant-spin-spinning').first().waitFor({ state: 'detached' });
    times.push(performance.now() - start);
    bytes.push(sum);
    whole.push(withHeads);
    await context.close();
  }
  report('first load until the overview stands, packed files', quantile(bytes, 0.5) / KIB, 'KiB', 350);
  report('the same with the heads of the answers', quantile(whole, 0.5) / KIB, 'KiB');
  report(
    `empty cache to the overview with its figures, ${city.devices} devices, median`,
    quantile(times, 0.5),
    'ms',
    2_000,
  );
}
