import { openSync } from 'node:fs';
import { probe } from './testing-prober.ts';

// Run under a low limit of open files (see probe.test.ts): uses them all up, then probes, then says what came of it.
const url = process.argv[2] ?? '';
// The first probe loads what Node loads lazily.
await probe(url);
try {
  for (;;) openSync('/dev/null', 'r');
} catch (error) {
  const outcome = await probe(url).catch((thrown: unknown) => thrown);
  process.stdout.write(JSON.stringify({ full: (error as { code?: string }).code, outcome }));
}
