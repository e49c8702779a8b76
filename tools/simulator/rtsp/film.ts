import { execFile, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Clip, parseClip } from './clip.ts';
import { type FilmRecipe, graphOf, INPUTS, sceneSize, secondsOf } from './pictures.ts';
import { PAINTER_VERSION, paintCar, paintLeaves, paintStreet, paintWalker, type Raster, toPam } from './scene.ts';

/** A clip and its key pictures as JPEG, one a second. */
export interface Film {
  readonly clip: Clip;
  readonly stills: readonly Buffer[];
}

const run = promisify(execFile);
const ENCODE_MS = 60_000;
const running = new Map<string, Promise<Film>>();

/** Whether films can be made here; without, cameras play the bundled clip. */
export const filmsAvailable = (): boolean => spawnSync('ffmpeg', ['-version'], { stdio: 'ignore' }).status === 0;

/** Where films are kept between runs; `user` keeps one person from another's files. */
export const filmFolder = (): string => join(tmpdir(), `chengyun-simulator-films-${process.getuid?.() ?? 'user'}`);

/**
 * The film of a recipe, made by ffmpeg when it is asked for the first time and kept in {@link filmFolder}. Two
 * processes may ask at once: each makes its own and one of them is kept whole. Throws when ffmpeg is missing or cannot.
 */
export function filmOf(recipe: FilmRecipe, folder = filmFolder()): Promise<Film> {
  if (!/^[\w .-]{0,40}$/.test(recipe.label)) throw new Error(`a label of a camera cannot be "${recipe.label}"`);
  if (recipe.colour && !/^#[0-9a-f]{6}$/i.test(recipe.colour)) throw new Error(`"${recipe.colour}" is no #rrggbb`);
  const args = argumentsOf(recipe);
  const hash = createHash('sha256')
    .update(JSON.stringify([PAINTER_VERSION, recipe.seed, args]))
    .digest('hex')
    .slice(0, 32);
  const home = join(folder, hash);
  const known = running.get(home);
  if (known) return known;
  const film = load(home, recipe).catch(async (error: { code?: string }) => {
    if (error.code !== 'ENOENT') throw error;
    await make(home, recipe, args);
    return load(home, recipe);
  });
  running.set(home, film);
  film.catch(() => running.delete(home));
  return film;
}

async function load(home: string, recipe: FilmRecipe): Promise<Film> {
  const clip = parseClip(await readFile(join(home, 'film')), recipe.fps, recipe.codec);
  const names = (await readdir(home)).filter((name) => name.endsWith('.jpg')).sort();
  const stills = await Promise.all(names.map((name) => readFile(join(home, name))));
  return { clip: { ...clip, size: { width: recipe.width, height: recipe.height } }, stills };
}

async function make(home: string, recipe: FilmRecipe, args: readonly string[]): Promise<void> {
  const folder = join(home, '..');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  const workshop = `${home}.${process.pid}.${randomBytes(4).toString('hex')}`;
  await mkdir(workshop);
  try {
    if (recipe.picture !== 'plain') {
      for (const [name, raster] of Object.entries(paintings(recipe))) {
        await writeFile(join(workshop, `${name}.pam`), toPam(raster));
      }
    }
    await run('ffmpeg', [...args], { cwd: workshop, timeout: ENCODE_MS, killSignal: 'SIGKILL' });
    for (const name of await readdir(workshop)) if (name.endsWith('.pam')) await rm(join(workshop, name));
    await rename(workshop, home).catch((error: { code?: string }) => {
      // Another process was first; its film is as good.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
}

function paintings(recipe: FilmRecipe): Record<(typeof INPUTS)[number], Raster> {
  const { width, height } = sceneSize(recipe);
  return {
    street: paintStreet(width, height, recipe.seed),
    leaves: paintLeaves(Math.round(recipe.width * 1.08), recipe.height, recipe.seed),
    carA: paintCar(Math.round(width * 0.13), [168, 44, 40]),
    carB: paintCar(Math.round(width * 0.19), [210, 212, 214]),
    walker: paintWalker(Math.round(height * 0.12), [190, 150, 40]),
  };
}

/** Names of files are relative, so that the hash of the arguments is the same everywhere. */
function argumentsOf(recipe: FilmRecipe): string[] {
  const { fps } = recipe;
  const plain = recipe.picture === 'plain';
  const seconds = secondsOf(recipe.picture);
  const inputs = plain
    ? []
    : INPUTS.flatMap((name) => ['-loop', '1', '-framerate', String(fps), '-t', String(seconds), '-i', `${name}.pam`]);
  const graph = `${graphOf(recipe)},split[film][look];[look]select='not(mod(n,${fps}))',scale=out_range=pc[stills]`;
  const gop = `keyint=${fps}:min-keyint=${fps}:scenecut=0:bframes=0:repeat-headers=1`;
  const coder =
    recipe.codec === 'h265'
      ? [
          'libx265',
          '-preset',
          'ultrafast',
          '-crf',
          '28',
          '-x265-params',
          `${gop}:open-gop=0:pools=none:log-level=error`,
        ]
      : ['libx264', '-preset', 'veryfast', '-crf', '26', '-x264-params', gop];
  const frames = plain ? 1 : fps * seconds;
  return [
    ...['-hide_banner', '-loglevel', 'error', '-nostdin', '-y', ...inputs, '-filter_complex', graph],
    ...['-map', '[film]', '-frames:v', String(frames), '-c:v', ...coder, '-threads', '1', '-pix_fmt', 'yuv420p'],
    ...['-color_range', 'tv', '-f', recipe.codec === 'h265' ? 'hevc' : 'h264', 'film'],
    ...['-map', '[stills]', '-frames:v', String(plain ? 1 : seconds), '-fps_mode', 'passthrough', '-c:v', 'mjpeg'],
    ...['-q:v', '4', '-pix_fmt', 'yuvj420p', '-f', 'image2', 'still-%03d.jpg'],
  ];
}
