import { defineConfig } from 'vitest/config';

/** Measurements, not tests: they print ratios and fail only when something does not work. */
export default defineConfig({
  test: {
    include: ['test/bench/*.bench.ts'],
    fileParallelism: false,
    testTimeout: 900_000,
    disableConsoleIntercept: true,
    env: { TZ: 'UTC', NO_COLOR: '1' },
  },
});
