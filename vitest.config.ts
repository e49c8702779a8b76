import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    // Tests of one file that are marked concurrent wait for cameras and processes, hardly for each other.
    maxConcurrency: 10,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    globalSetup: ['gateway/test/support/global-setup.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'parts',
          include: [
            'gateway/src/**/*.test.ts',
            'adapters/**/*.test.ts',
            'device-schemas/**/*.test.ts',
            'tools/**/*.test.ts',
            'bench/**/*.test.ts',
          ],
          sequence: { groupOrder: 0 },
        },
      },
      {
        // Real processes under load: one file at a time, so that none takes its neighbour's processor for a fault.
        extends: true,
        test: {
          name: 'whole path',
          include: ['gateway/test/**/*.test.ts'],
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
