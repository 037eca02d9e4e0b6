import type { Staging } from '../bundle/staging.js';
import type { Window } from '../domain/window.js';
import { cutCoverage } from '../logs/coverage.js';
import { createCutter } from '../logs/cut.js';

type Source = { chunks: AsyncIterable<Buffer>; modifiedAt: Date };

/** Cuts a log that was collected down to a smaller window, into a file of its own. */
export async function narrowLog(
  { chunks }: Source,
  window: Window,
  { zones, readAt }: { zones: readonly string[]; readAt: Date },
  name: string,
  staging: Staging,
): Promise<Awaited<ReturnType<Staging['store']>> & { cut: ReturnType<typeof cutCoverage> }> {
  const [zone = 'UTC', ...otherZones] = zones;
  const cutter = createCutter({ window, zone, otherZones, readAt });
  async function* cut(): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) yield* cutter.push(chunk);
    yield* cutter.endOfPart();
  }
  const stored = await staging.store('Logs', name, cut(), { replaces: { path: `Logs/${name}` } });
  return { ...stored, cut: cutCoverage(cutter.result()) };
}
