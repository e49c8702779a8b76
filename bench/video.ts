/**
 * Cameras: probes beside bare connects, processor time of a picture check and of a live view, time to the first frame in
 * a browser. `npm run bench video [probes|check|remux|live …]`.
 */
import { benchFirstFrame } from './video/first-frame.ts';
import { benchProbes } from './video/probes.ts';
import { benchCheck, benchRemux } from './video/streams.ts';

const PARTS: Readonly<Record<string, () => Promise<void>>> = {
  probes: benchProbes,
  check: benchCheck,
  remux: benchRemux,
  live: benchFirstFrame,
};

const asked = process.argv.slice(2);
for (const name of asked.length > 0 ? asked : Object.keys(PARTS)) {
  const part = PARTS[name];
  if (!part) throw new Error(`unknown part '${name}'; there are: ${Object.keys(PARTS).join(', ')}`);
  await part();
}
