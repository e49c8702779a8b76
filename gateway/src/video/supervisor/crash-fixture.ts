// A gateway that dies: starts a supervisor with five ffmpegs, prints their ids and is killed by the test.
import { createSystemClock } from '../../clock.ts';
import { createLogger } from '../../log.ts';
import { createSupervisor } from './supervisor.ts';

const [dir = ''] = process.argv.slice(2);
const supervisor = createSupervisor({ log: createLogger('error'), clock: createSystemClock(), dir });
await supervisor.start();
const endless = ['-nostdin', '-loglevel', 'error', '-re', '-f', 'lavfi', '-i', 'color=s=64x64:r=2', '-f', 'null', '-'];
for (let index = 0; index < 5; index++) {
  await supervisor.spawn({
    kind: 'live',
    program: 'ffmpeg',
    args: endless,
    deadlineMs: null,
    label: `camera-${index}`,
  });
}
console.log(JSON.stringify(supervisor.stats().pids));
