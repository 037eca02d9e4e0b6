import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it, onTestFinished } from 'vitest';
import type { Seen, ServerSeen, Sighting, Stamp } from '../../src/domain/watch-event.ts';
import { openWatchNotes } from '../../src/state/watch-notes.ts';
import { temporaryFolder } from '../support/rig.ts';

const stamp = (minutes: number): Stamp => ({ wallMs: 1e12 + minutes * 60_000, boot: 'b', upMs: minutes * 60_000 });

const minute = fc.integer({ min: 0, max: 3 }).map(stamp);
const seen: fc.Arbitrary<Seen> = fc.record({
  check: fc.constantFrom('silent', 'data'),
  answer: fc.constantFrom<Seen['answer'][]>({ is: 'ok', text: 'fine' }, { is: 'bad', text: '93 %' }),
  at: minute,
});
const server: fc.Arbitrary<ServerSeen> = fc.record(
  { visitedAt: minute, seen: fc.array(seen), refused: fc.constant({}), hung: fc.constant({}) },
  { requiredKeys: ['seen', 'refused', 'hung'] },
);

it('what was seen is read as it was written, each thing with its time', async () => {
  const notes = openWatchNotes(await temporaryFolder(), () => new Date());
  onTestFinished(await notes.lock(new Date()));

  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(fc.constantFrom('ice01', 'ice02'), server),
      fc.boolean(),
      async (servers, isOften) => {
        const sighting: Sighting = { schema: 1, servers };
        await (isOften ? notes.writeOften(sighting) : notes.write(sighting));
        expect(await notes.read()).toEqual(sighting);
      },
    ),
    { numRuns: 50 },
  );
});

it('what was seen at the visit has no time of its own in the file', async () => {
  const folder = await temporaryFolder();
  const notes = openWatchNotes(folder, () => new Date());
  onTestFinished(await notes.lock(new Date()));
  const of = (check: string, at: Stamp): Seen => ({ check, answer: { is: 'ok', text: 'fine' }, at });
  const visit = { visitedAt: stamp(9), seen: [of('silent', stamp(9)), of('data', stamp(3))], refused: {}, hung: {} };

  await notes.write({ schema: 1, servers: { ice01: visit } });

  const kept = JSON.parse(await readFile(join(folder, 'watch', 'seen.json'), 'utf8'));
  expect(kept.servers.ice01.seen.map(({ at }: Partial<Seen>) => at?.upMs)).toEqual([undefined, stamp(3).upMs]);
});
