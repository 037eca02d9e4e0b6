import { defineConfig } from 'vitest/config';

/** Guards, knocked out one by one: their tests must turn red (`npm run mutants`). */
export default defineConfig({
  test: {
    include: ['test/mutants/knock-out.ts'],
    testTimeout: 300_000,
    maxConcurrency: 2,
    env: { TZ: 'UTC', NO_COLOR: '1' },
  },
});
