/**
 * `npm run screenshots`: every page in both languages, of a street on which things have gone wrong, into docs/screenshots.
 * Phone pages as a phone shows them. `--only NAME` takes those whose name contains it.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { DEMO_SCRIPT, play } from '../../../../tools/simulator/script.ts';
import { DEMO_STREET } from '../../../../tools/simulator/street.ts';
import { drawn, type Look } from './browser.ts';
import { fillDesks } from './desks.ts';
import { placesOf } from './places.ts';
import { makeWorld } from './world.ts';

const FOLDER = join(import.meta.dirname, '../../../../docs/screenshots');
const LANGUAGES = ['zh-CN', 'en'] as const;
const PHONE: Look = { width: 390, height: 844 };
const OFFICE: Look = { width: 1440, height: 900 };
const WALL: Look = { width: 1920, height: 1080 };
/** Until the faults of the script have become states, tickets and pictures. */
const STORY_MS = 60_000;

const { values } = parseArgs({ options: { only: { type: 'string', default: '' }, story: { type: 'string' } } });
const world = await makeWorld({ size: DEMO_STREET });
const stop = play(world.street, DEMO_SCRIPT, () => undefined, 100_000);
try {
  await fillDesks(world);
  await sleep(values.story === undefined ? STORY_MS : Number(values.story) * 1_000);
  const places = (await placesOf(world.admin)).filter(({ name }) => name.includes(values.only));
  for (const language of LANGUAGES) {
    mkdirSync(join(FOLDER, language), { recursive: true });
    for (const { name, path } of places) {
      const look = name.startsWith('field') ? PHONE : name === 'wall' ? WALL : OFFICE;
      const { page, context, go } = await world.screen('admin', { ...look, language });
      await go(path);
      // Pictures of cameras and maps come after the page itself.
      await page.waitForTimeout(1_000);
      await drawn(page);
      save(await page.screenshot(), join(FOLDER, language, `${name}.webp`));
      await context.close();
      console.log(`${language} ${name}`);
    }
  }
} finally {
  stop();
  await world.end();
}

/** A quarter of the size of a PNG, readable in every browser and on GitHub. */
function save(png: Buffer, file: string): void {
  const made = spawnSync(
    'ffmpeg',
    ['-v', 'error', '-y', '-f', 'png_pipe', '-i', '-', '-c:v', 'libwebp', '-quality', '82', file],
    {
      input: png,
    },
  );
  if (made.status !== 0) {
    rmSync(file, { force: true });
    throw new Error(`ffmpeg: ${made.stderr.toString()}`);
  }
}
