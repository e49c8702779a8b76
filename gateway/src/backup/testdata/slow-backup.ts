// A backup that never ends, to be killed in the middle: node slow-backup.ts <file> <key> <data directory>
import { randomBytes } from 'node:crypto';
import { writeBackup } from '../write.ts';

const [file = '', key = '', dataDir = ''] = process.argv.slice(2);
await writeBackup({
  file,
  key,
  dataDir,
  facts: { gateway: '0', secretKeyId: '' },
  now: Date.now,
  source: {
    atOneMoment: (work) =>
      work({
        engine: 'none',
        facts: async () => ({ schema: [], sequences: [], partitions: [], auditSeq: 0 }),
        tables: async () => [{ name: 'endless', columns: ['a'] }],
        async *rows() {
          for (;;) yield [randomBytes(200_000).toString('hex')];
        },
      }),
  },
});
