import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openMedia } from './media-file.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cgw-media-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

it('a file is handed out; a planted link, a folder and a pipe are not', async () => {
  const path = (name: string) => join(dir, name);
  await writeFile(path('r1-1.m4s'), 'piece');
  await symlink('/etc/passwd', path('r1-2.m4s'));
  execFileSync('mkfifo', [path('r1-3.m4s')]);
  const file = await openMedia(path('r1-1.m4s'), 'video/mp4');
  if (!file || Buffer.isBuffer(file.body)) throw new Error('no stream');
  expect([file.length, String(await file.body.toArray())]).toEqual([5, 'piece']);
  for (const name of ['r1-2.m4s', 'r1-3.m4s', '.', 'none']) {
    expect([name, await openMedia(path(name), 'video/mp4')]).toEqual([name, undefined]);
  }
});
