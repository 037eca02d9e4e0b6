import { describe, expect, it } from 'vitest';
import { killsWanted, seed, torture } from '../support/kills.ts';
import { lacks } from '../support/requirements.ts';
import { type Finished, type Rig, runProgram } from '../support/rig.ts';
import { straced } from '../support/strace.ts';
import { type CollectedRig, collectedRig, modes, oneOfEach } from './collected-rig.ts';

/** A ticket appears when the next submission is looking already, and only the journal can know of it. */
const slowDesk = { preCommitMs: 4000, idempotency: false };
const swept = Object.entries(modes).filter(([mode]) => killsWanted(0, 0) > 0 || mode.includes('takes its time'));

type Swept = { references: string[]; failed: string[] };

/**
 * Kills a submission at one step of a kind after the other, until one gets through; each is then brought to its end.
 * @param apart so many steps, but for torture: others each time
 */
async function sweep(
  { rig, copy, submitting }: CollectedRig,
  kind: string,
  apart: number,
  submitKilled: (args: string[], nth: number) => Promise<{ code: number | null }>,
): Promise<Swept & { last: number }> {
  const swept: Swept = { references: [], failed: [] };
  const stride = torture ? 1 : apart;
  for (let nth = 1 + (seed % stride); ; nth += stride) {
    const reference = `${kind}-${nth}`;
    const id = copy(reference);
    swept.references.push(reference);
    const killed = await submitKilled(submitting(id), nth);
    if (killed.code === 0) return { ...swept, last: nth };
    const last = await runProgram(submitting(id), { env: rig.env, cwd: rig.folder });
    if (last.code !== 0) swept.failed.push(`${reference}: ${last.code} ${last.stderr}`);
  }
}

function expectOneOfEach(
  prepared: CollectedRig,
  { references, failed, last }: Swept & { last: number },
  atLeast: number,
): void {
  expect(failed, `seed ${seed}`).toEqual([]);
  expect(prepared.made(references)).toEqual(oneOfEach(references));
  expect(last).toBeGreaterThan(atLeast); // else the steps were not those that are meant
}

function runUnder({ under, env }: ReturnType<typeof straced>, args: string[], rig: Rig): Promise<Finished> {
  return runProgram(args, { under, env: { ...rig.env, ...env }, cwd: rig.folder });
}

describe('a tool that is killed at every single step of registering and attaching', () => {
  it('when a request has come to a help desk that takes long: makes one ticket with one bundle (F02, F03, F04)', {
    timeout: 240_000,
  }, async () => {
    const prepared = await collectedRig(slowDesk, '6s');
    const { rig } = prepared;
    const desk = rig.mock.helpdesk;

    const done = await sweep(prepared, 'request', 2, async (args, nth) => {
      let left = nth;
      const finished = await runProgram(args, {
        env: rig.env,
        cwd: rig.folder,
        onStart: (kill) => {
          if (desk !== undefined) desk.onRequest = () => void (--left === 0 && kill('SIGKILL'));
        },
      });
      if (desk !== undefined) desk.onRequest = () => undefined;
      return finished;
    });

    expectOneOfEach(prepared, done, 6);
  });

  describe.skipIf(lacks('strace')).each(swept)('at a help desk %s', (_what, switches) => {
    it.each([
      ['fsync', 15, 4],
      ['rename', 1, 1],
      ['connect', 3, 3],
      ['writev', 3, 2], // a request with a body
    ] as const)(
      'at every %s: makes one ticket with one bundle (F03, G02)',
      { timeout: 240_000 },
      async (call, least, apart) => {
        const prepared = await collectedRig(switches);
        const { rig } = prepared;

        const done = await sweep(prepared, call, apart, (args, nth) =>
          runUnder(straced([call], { inject: `${call}:signal=KILL:when=${nth}` }), args, rig),
        );

        expectOneOfEach(prepared, done, least);
      },
    );
  });
});
