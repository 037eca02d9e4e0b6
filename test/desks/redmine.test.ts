import { beforeAll, describe, expect, it } from 'vitest';
import { ledgerOf, redmineAt, sharedRedmine } from '../support/desks/redmine-rig.ts';
import { killsWanted, randomOf, seed } from '../support/kills.ts';
import { filesHolding } from '../support/oracle.ts';
import { lacks } from '../support/requirements.ts';
import { type Finished, type RunOptions, runProgram, startRig, temporaryFolder } from '../support/rig.ts';

const kills = killsWanted(10, 10);

/** Mock servers, and the real Redmine as the help desk of their configuration. */
async function jobRig() {
  const { shared, ids } = await sharedRedmine();
  const rig = await startRig({ helpdesk: false });
  await rig.configure((document) => {
    document.helpdesk = {
      provider: 'redmine',
      ...{ url: shared.url, token: { env: 'REDMINE_KEY' }, project: 'support', tracker: 'Support ticket' },
      ...{ referenceField: ids.cf_id, settle: '8s' },
    };
  });
  const real = redmineAt(shared);
  return {
    rig,
    token: shared.token,
    env: { REDMINE_KEY: shared.token },
    /** The issues whose subject has the word in it. */
    made: (word: string) => ledgerOf(real, `subject=~${word}`, ids),
  };
}

const started = Date.now();

/** Events of one minute would have one reference. @param nth tells the events of this file apart */
function collecting(word: string, nth: number): string[] {
  const at = new Date(started - (30 + 2 * nth) * 60_000).toISOString();
  return ['collect', '--batch', '--at', at, '--summary', word, '--severity', 'high'];
}

/** Takes up what was cut until it is done; where nothing was noted there is nothing to take up. */
async function untilDone(run: (args: string[]) => Promise<Finished>, begin: string[]): Promise<Finished> {
  let last = await run(['resume', '--batch']);
  for (let time = 0; last.code !== 0 && time < 5; time++) {
    last = await run(last.code === 2 ? begin : ['resume', '--batch']);
  }
  return last;
}

describe.skipIf(lacks('redmine'))('a job at a real Redmine', () => {
  beforeAll(async () => void (await sharedRedmine()), 240_000); // it takes its time to start

  it('ends with one issue and one attachment of the very bytes that were zipped', { timeout: 240_000 }, async () => {
    const { rig, env, token, made } = await jobRig();
    const word = `whole-${seed}`;

    const finished = await rig.icepack([...collecting(word, 0), '--json'], { env });

    const { ticket, bundle, exitCode } = finished.json();
    const [issue, ...others] = await made(word);
    expect(exitCode, finished.stderr).toBe(0);
    expect(others).toEqual([]);
    expect(issue).toMatchObject({ state: 'open', files: [{ name: bundle.name, sha256: bundle.sha256 }] });
    expect(issue?.markers).toEqual([`[bundle ${bundle.sha256.slice(0, 16)}]`]);
    expect(ticket.key).toMatch(/^RM-\d+$/);
    expect(await filesHolding(rig.folder, [token])).toEqual([]);
  });

  it('that is killed at any moment, and taken up until it is done, has one issue and one attachment', {
    timeout: 240_000 + kills * 60_000,
  }, async () => {
    const { rig, env, made } = await jobRig();
    const random = randomOf(seed);
    const newHome = async () => ({ ...rig.env, ...env, HOME: await temporaryFolder() });
    const runIn =
      (home: Record<string, string>, options: RunOptions = {}) =>
      (args: string[]) =>
        runProgram(args, { ...options, env: home, cwd: rig.folder });
    const before = performance.now();
    const warm = await runIn(await newHome())([...collecting(`warm-${seed}`, 1), '--only', 'cli']);
    expect(warm.code, warm.stderr).toBe(0);
    const usualMs = performance.now() - before;
    const failed: string[] = [];

    for (let nth = 0; nth < kills; nth++) {
      const word = `killed-${seed}-${nth}-`;
      const home = await newHome();
      const begin = [...collecting(word, 2 + nth), '--only', 'cli'];
      const killed = await runIn(home, { killAfterMs: usualMs * random() })(begin);
      const last = killed.code === 0 ? killed : await untilDone(runIn(home), begin);
      const issues = await made(word);
      const seen = `${issues.length} issues, ${issues.map(({ files }) => files.length).join()} files`;
      if (last.code !== 0 || seen !== '1 issues, 1 files') failed.push(`${nth}: ${last.code}, ${seen}: ${last.stderr}`);
    }

    expect(failed, `seed ${seed}`).toEqual([]);
  });
});
