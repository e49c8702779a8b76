/**
 * The console over a city of 100,000 devices in Chromium with software drawing: what a first visit loads, filters of the
 * long list, the map, memory under live updates. `npm run bench console [load|list|map|memory …] [--devices N] [--minutes 60]`.
 */
import { parseArgs } from 'node:util';
import { type ConsoleCity, openCity } from './console/city.ts';
import { benchFirstLoad } from './console/first-load.ts';
import { benchList } from './console/list.ts';
import { benchMap } from './console/map.ts';
import { benchMemory } from './console/memory.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { devices: { type: 'string', default: '100000' }, minutes: { type: 'string', default: '5' } },
});
const PARTS: Readonly<Record<string, (city: ConsoleCity) => Promise<void>>> = {
  load: benchFirstLoad,
  list: benchList,
  map: benchMap,
  memory: (city) => benchMemory(city, Number(values.minutes)),
};

const city = await openCity(Number(values.devices));
try {
  for (const name of positionals.length > 0 ? positionals : Object.keys(PARTS)) {
    const part = PARTS[name];
    if (!part) throw new Error(`unknown part '${name}'; there are: ${Object.keys(PARTS).join(', ')}`);
    await part(city);
  }
} finally {
  await city.end();
}
