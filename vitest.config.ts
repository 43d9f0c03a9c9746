import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: [
      'src/**/*.test.ts',
      'functions/**/*.test.ts',
      'xds-relay/**/*.test.ts',
      'dev/**/*.test.ts',
      'dp/**/*.test.ts',
      'cli/**/*.test.ts',
      'test/**/*.test.ts',
    ],
    // Has a command of its own, `npm run test:deploy`.
    exclude: ['test/deploy/**'],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // Unless told, a machine of two cores would use one.
    maxWorkers: '100%',
  },
});
