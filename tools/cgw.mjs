#!/usr/bin/env node
// The command line's first step, on any Node ≥ 20: set-up, then tools/cli on Node 24 with signals handed on.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ensureConsole } from './setup/console.mjs';
import {
  COMPILE_CACHE,
  ensurePackages,
  ensureSystemPackages,
  MALLOC_ARENAS,
  NODE_FLAGS,
  nodePath,
  ROOT,
} from './setup/install.mjs';

/** ffprobe comes with it. A machine in service is told and left as it is; a demo is made to show everything. */
const VIDEO = { ffmpeg: 'ffmpeg', ffprobe: 'ffmpeg' };
const TOLD_ONLY = { uid: undefined, path: process.env.PATH ?? '' };

ensurePackages();
const [command] = process.argv.slice(2);
if (!process.argv.includes('--help')) {
  if (command === 'demo') ensureSystemPackages(VIDEO);
  if (command === 'start') ensureSystemPackages(VIDEO, TOLD_ONLY);
  if (command === 'demo' || command === 'start') ensureConsole();
}
const child = spawn(nodePath(), [...NODE_FLAGS, join(ROOT, 'tools/cli/cgw.ts'), ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { NODE_COMPILE_CACHE: COMPILE_CACHE, MALLOC_ARENA_MAX: MALLOC_ARENAS, ...process.env },
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 130 : 1)));
