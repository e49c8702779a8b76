import { configDefaults, defineConfig } from 'vitest/config';
import { LongFirst } from './gateway/test/support/long-first.ts';

/** What puts a gateway under load or judges it by a clock: a neighbour's work would look like the gateway's fault. */
const UNDER_LOAD = [
  'attack',
  'camera-soak',
  'database-outage',
  'graceful-stop',
  'kill',
  'many-processes',
  'probing-cameras',
  'restart',
].map((name) => `gateway/test/${name}.test.ts`);

/**
 * They keep nothing in their process that another file would meet, so its modules are loaded once: a process of its own
 * costs a file most of a second of work.
 */
const SHARING = [
  'adapters/**/*.test.ts',
  'bench/**/*.test.ts',
  'dashboards/console/src/**/*.test.ts',
  'device-schemas/**/*.test.ts',
  // Of these every file closes the database it was given.
  'gateway/src/store/{device-lanes,map-points,migrate,migration-rules,pg-types,reads-*,site-handlers,totals}.test.ts',
  // Whole folders of stages; `store` opens engines and `video` runs processes that must end with their file.
  'gateway/src/!(store|video)/**/*.test.ts',
  'tools/{checks,device-types}/**/*.test.ts',
];

/** A browser, a gateway and a street each. */
const CONSOLE = 'gateway/test/console/*.test.ts';

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    // Most test processes live for seconds: code of the embedded database is optimised only where it runs very often.
    execArgv: ['--wasm-tiering-budget=300000000'],
    // Tests of one file that are marked concurrent wait for cameras and processes, hardly for each other.
    maxConcurrency: 10,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Only what never comes waits so long; the second that is the default is short on a busy machine.
    expect: { poll: { timeout: 20_000 } },
    sequence: { sequencer: LongFirst },
    globalSetup: ['gateway/test/support/global-setup.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'parts',
          include: ['gateway/**/*.test.ts', 'tools/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...SHARING, ...UNDER_LOAD, CONSOLE],
          // More than two processors: most of a whole path, and much of the rest, is waiting.
          maxWorkers: 3,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: 'sharing', include: SHARING, isolate: false, maxWorkers: 3, sequence: { groupOrder: 0 } },
      },
      {
        extends: true,
        // Beside the others: alone they would leave a processor idle whenever the last of them ends.
        test: { name: 'console', include: [CONSOLE], testTimeout: 120_000, maxWorkers: 3, sequence: { groupOrder: 0 } },
      },
      {
        // When all others have ended. They wait far more than they work, so three at a time leave each other a processor.
        extends: true,
        test: {
          name: 'under load',
          include: UNDER_LOAD,
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
