import { openSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { probe } from './testing-prober.ts';

// Run under a low limit of open files (see probe.test.ts): uses them all up, then probes, then says what came of it.
const url = process.argv[2] ?? '';
// The first probe loads what Node loads lazily.
await probe(url);
let full: unknown;
// What the first probe still held is given back a little later, and is used up as well.
for (let round = 0; round < 5; round++) {
  full = usedUp();
  await setTimeout(50);
}
usedUp();
const outcome = await probe(url).catch((thrown: unknown) => thrown);
process.stdout.write(JSON.stringify({ full, outcome }));

function usedUp(): unknown {
  try {
    for (;;) openSync('/dev/null', 'r');
  } catch (error) {
    return (error as { code?: string }).code;
  }
}
