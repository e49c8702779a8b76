/** Child of the kill test: appends groups, tells on stdout which number was resolved last, and kills itself at that moment. */
import { writeSync } from 'node:fs';
import { createSystemClock } from '../../clock.ts';
import { createLogger } from '../../log.ts';
import { createSpool } from '../spool.ts';

const dir = process.argv[2] ?? '';
const groups = Number(process.argv[3]);
const spool = createSpool({ dir, capacityBytes: 1e9, log: createLogger('warn'), clock: createSystemClock() });
await spool.open();
for (let round = 1; ; round++) {
  const { lastSeq } = spool.status();
  const group = Array.from({ length: 1 + (round % 50) }, (_, i) =>
    spool.append({
      via: 'mqtt',
      principal: 'device:a',
      topic: `t/${lastSeq + i + 1}`,
      payload: Buffer.alloc(20_000, i),
      receivedAt: 1_000 + lastSeq + i + 1,
      dup: false,
      retained: false,
    }),
  );
  const seqs = await Promise.all(group);
  writeSync(1, `${seqs.at(-1)}\n`);
  if (round === groups) process.kill(process.pid, 'SIGKILL');
}
