import { describe, expect, it } from 'vitest';
import { runInjected } from '../support/injected.ts';
import { killsWanted } from '../support/kills.ts';
import { lacks } from '../support/requirements.ts';
import { runProgram } from '../support/rig.ts';
import { type CollectedRig, collectedRig, modes, oneOfEach } from './collected-rig.ts';

/** What lasts of a submission: on the disk, and at the help desk (`writev` is a request with a body). */
const calls = ['fsync', 'rename', 'link', 'connect', 'writev'];

/** In the usual run, the help desk that forgives least. */
const swept = Object.entries(modes).filter(
  ([mode]) => killsWanted(0, 0) > 0 || mode === 'that takes its time before it registers, and knows no keys',
);

/** Kills a submission at the first, second, … call of a kind, until one gets through. @returns the references */
async function sweep(
  { rig, copy, submitting }: CollectedRig,
  call: string,
): Promise<{ references: string[]; failed: string[] }> {
  const references: string[] = [];
  const failed: string[] = [];
  for (let nth = 1; ; nth++) {
    const reference = `${call}-${nth}`;
    const id = copy(reference);
    references.push(reference);
    const killed = await runInjected(submitting(id), { call, nth, what: 'kill' }, { env: rig.env, cwd: rig.folder });
    if (killed.code === 0) return { references, failed };
    const last = await runProgram(submitting(id), { env: rig.env, cwd: rig.folder });
    if (last.code !== 0) failed.push(`${reference}: ${last.code} ${last.stderr}`);
  }
}

describe.skipIf(lacks('strace'))('a tool that is killed at every single step of registering and attaching', () => {
  it.each(swept)(
    'makes one ticket with one bundle at a help desk %s (F03, G02)',
    { timeout: 240_000 },
    async (_what, switches) => {
      const prepared = await collectedRig(switches);

      const done = await Promise.all(calls.map((call) => sweep(prepared, call)));

      const references = done.flatMap((each) => each.references);
      expect(done.flatMap(({ failed }) => failed)).toEqual([]);
      expect(prepared.made(references)).toEqual(oneOfEach(references));
      expect(references.filter((reference) => reference.startsWith('fsync')).length).toBeGreaterThan(15);
      expect(references.filter((reference) => reference.startsWith('writev')).length).toBeGreaterThan(3);
    },
  );
});
