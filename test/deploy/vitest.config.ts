import { defineConfig } from 'vitest/config';

/** `npm run test:deploy`: minutes on an emulated AWS, so not among the tests that everybody runs all the time. */
export default defineConfig({
  test: {
    include: ['test/deploy/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 600_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // Each waits most of the time: for a schedule, for stacks.
    maxWorkers: 2,
  },
});
