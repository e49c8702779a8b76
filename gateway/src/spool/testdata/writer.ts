/** Child of the kill test: appends as fast as it can and says on stdout which number was resolved last. */
import { writeSync } from 'node:fs';
import { createSystemClock } from '../../clock.ts';
import { createLogger } from '../../log.ts';
import { createSpool } from '../spool.ts';

const dir = process.argv[2] ?? '';
const spool = createSpool({ dir, capacityBytes: 1e9, log: createLogger('warn'), clock: createSystemClock() });
await spool.open();
for (;;) {
  const { lastSeq } = spool.status();
  const group = Array.from({ length: 1 + (lastSeq % 50) }, (_, i) =>
    spool.append({
      via: 'mqtt',
      principal: 'device:a',
      topic: `t/${lastSeq + i + 1}`,
      payload: Buffer.alloc(200, i),
      receivedAt: lastSeq + i,
      dup: false,
      retained: false,
    }),
  );
  const seqs = await Promise.all(group);
  writeSync(1, `${seqs.at(-1)}\n`);
}
