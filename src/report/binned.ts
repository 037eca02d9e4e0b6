import type { Density } from '../reading/reading.js';

/** What a picture shows of one server in one step of time. */
export type Bin = { lines: number; warnings: number; errors: number };

const warning = 3;

/** The counts of one server in so many equal steps from the begin to the end of the density. */
export function binned({ counts, steps }: Density, server: number, bins: number): Bin[] {
  const found = Array.from({ length: bins }, () => ({ lines: 0, warnings: 0, errors: 0 }));
  counts[server]?.forEach((ofSeverity, severity) => {
    ofSeverity.forEach((count, step) => {
      const bin = found[Math.min(bins - 1, Math.floor((step * bins) / steps))];
      if (bin === undefined) return;
      bin.lines += count;
      if (severity === warning) bin.warnings += count;
      if (severity > warning) bin.errors += count;
    });
  });
  return found;
}
