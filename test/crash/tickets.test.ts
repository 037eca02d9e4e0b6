import { describe, expect, it } from 'vitest';
import { killsWanted, randomOf, seed } from '../support/kills.ts';
import { runProgram } from '../support/rig.ts';
import { type CollectedRig, collectedRig, modes, oneOfEach } from './collected-rig.ts';

const killsPerMode = killsWanted(8, 8);
const maxKillsPerTicket = 3;

/** Submits until so many runs were killed on the way, each ticket to its end at last. @returns references, and kills */
async function submitWithKills(
  { rig, copy, submitting }: CollectedRig,
  kills: number,
  random: () => number,
  name = 'crash',
): Promise<{ references: string[]; killed: number; failed: string[] }> {
  const references: string[] = [];
  const failed: string[] = [];
  let killed = 0;
  const submit = (id: string, killAfterMs?: number) =>
    runProgram(submitting(id), {
      env: rig.env,
      cwd: rig.folder,
      ...(killAfterMs === undefined ? {} : { killAfterMs }),
    });
  const started = performance.now();
  await submit(copy(`${name}-warm-up`));
  const usualMs = performance.now() - started;
  const one = async () => {
    const reference = `${name}-${references.length}`;
    references.push(reference);
    const id = copy(reference);
    for (let tries = 0; tries < maxKillsPerTicket && killed < kills; tries++) {
      const { code } = await submit(id, usualMs * (0.3 + 0.7 * random()));
      if (code !== null) break;
      killed++;
    }
    const last = await submit(id);
    if (last.code !== 0) failed.push(`${id}: ${last.code} ${last.stderr}`);
  };
  while (killed < kills) await Promise.all([one(), one()]);
  return { references, killed, failed };
}

describe('a tool that is killed while it registers and attaches', () => {
  it.each(Object.entries(modes))(
    'makes one ticket with one bundle at a help desk %s (F01, F03, F04, F05)',
    { timeout: 30_000 + killsPerMode * 6000 },
    async (_what, switches) => {
      const prepared = await collectedRig(switches);

      const { references, failed } = await submitWithKills(prepared, killsPerMode, randomOf(seed));

      expect(failed, `seed ${seed}`).toEqual([]);
      expect(prepared.made(references), `seed ${seed}`).toEqual(oneOfEach(references));
    },
  );

  it('makes two where the help desk neither finds tickets nor knows keys: so the others prove something', {
    timeout: 600_000,
  }, async () => {
    const prepared = await collectedRig({ search: false, idempotency: false, preCommitMs: 400 });
    const tickets = () => prepared.rig.mock.helpdesk?.tickets ?? [];
    const doubled = () => tickets().length - new Set(tickets().map(({ reference }) => reference)).size;

    // On a busy machine no kill of a round may come while the help desk is at work.
    for (let round = 0; round < 5 && doubled() === 0; round++)
      await submitWithKills(prepared, Math.max(killsPerMode, 20), randomOf(seed + round), `round-${round}`);

    expect(doubled(), `seed ${seed}`).toBeGreaterThan(0);
  });
});
