// How many faults the picture diagnosis finds, and how often it speaks up for nothing. `npm run bench diagnosis [folder]`:
// a folder of photographs (JPEG or PNG) adds natural scenes to the painted ones, which alone say little about real streets.
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { paintLeaves, paintStreet, toPam } from '../tools/simulator/rtsp/scene.ts';
import { lookAt, SIZE } from './diagnosis/films.ts';
import { tally } from './diagnosis/tally.ts';
import { USUAL, VARIANTS } from './diagnosis/variants.ts';

const [folder] = process.argv.slice(2);
const workshop = await mkdtemp(join(tmpdir(), 'chengyun-diagnosis-'));
try {
  const painted = [];
  for (const seed of [1, 2, 3]) {
    const file = join(workshop, `street-${seed}.pam`);
    await writeFile(file, toPam(paintStreet(960, 540, seed)));
    painted.push(file);
  }
  const photographs = folder
    ? (await readdir(folder)).filter((name) => /\.(jpe?g|png)$/i.test(name)).map((name) => join(folder, name))
    : [];
  const scenes = [...painted, ...photographs];
  const leaves = join(workshop, 'leaves.pam');
  await writeFile(leaves, toPam(paintLeaves(SIZE.width, SIZE.height, 5)));
  const count = tally();
  for (const [at, scene] of scenes.entries()) {
    const elsewhere = scenes[(at + 2) % scenes.length] ?? scene;
    const look = (variant: (typeof VARIANTS)[number], day: number) =>
      lookAt({ scene, elsewhere, leaves, variant, day, folder: workshop });
    const usual = [];
    for (const [day, variant] of USUAL.entries()) usual.push(await look(variant, day));
    for (const [day, variant] of VARIANTS.entries()) {
      count.add(basename(scene), variant, usual, await look(variant, day + 10));
    }
  }
  count.print();
} finally {
  await rm(workshop, { recursive: true, force: true });
}
