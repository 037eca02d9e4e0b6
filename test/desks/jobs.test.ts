import { beforeAll, describe, expect, test } from 'vitest';
import type { Ledger } from '../helpdesk/contract.ts';
import { redmineAt, ledgerOf as redmineLedger, sharedRedmine } from '../support/desks/redmine-rig.ts';
import { ledgerOf as rtLedger, startRt } from '../support/desks/request-tracker-rig.ts';
import { killsWanted, randomOf, seed } from '../support/kills.ts';
import { filesHolding } from '../support/oracle.ts';
import { lacks } from '../support/requirements.ts';
import { type Finished, type RunOptions, runProgram, startRig, temporaryFolder } from '../support/rig.ts';

const kills = killsWanted(5, 5);

type RealDesk = {
  /** The `helpdesk:` of a configuration; its token is in DESK_TOKEN. */
  settings: Record<string, unknown>;
  token: string;
  /** The tickets whose subject has the word in it. */
  made(word: string): Promise<Ledger>;
};

/** An answer that was lost is settled after that; a killed run cannot be at work there any longer. */
const settle = '8s';
const token = { env: 'DESK_TOKEN' };

async function realRedmine(): Promise<RealDesk> {
  const { shared, ids } = await sharedRedmine();
  const real = redmineAt(shared);
  return {
    settings: {
      ...{ provider: 'redmine', url: shared.url, token, settle },
      ...{ project: 'support', tracker: 'Support ticket', referenceField: ids.cf_id },
    },
    token: shared.token,
    made: (word) => redmineLedger(real, `subject=~${word}`, ids),
  };
}

async function realRequestTracker(): Promise<RealDesk> {
  const rt = await startRt();
  return {
    settings: { provider: 'request-tracker', url: rt.url, token, settle, queue: 'Support' },
    token: rt.token,
    made: (word) => rtLedger(rt, `Subject LIKE '${word}'`),
  };
}

/** Mock servers, and a real help desk in their configuration. */
async function jobRig(startDesk: () => Promise<RealDesk>) {
  const desk = await startDesk();
  const rig = await startRig({ helpdesk: false });
  await rig.configure((document) => {
    document.helpdesk = desk.settings;
  });
  return { rig, token: desk.token, env: { DESK_TOKEN: desk.token }, made: desk.made };
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

const desks = [
  ['Redmine', 'redmine', realRedmine, /^RM-\d+$/],
  ['Request Tracker', 'request-tracker', realRequestTracker, /^RT-\d+$/],
] as const;

describe.each(desks)('a job at a real %s', (_name, program, startDesk, keys) => {
  const it = lacks(program) ? test.skip : test;
  beforeAll(async () => void (lacks(program) || (await startDesk())), 240_000); // it takes its time to start

  it('ends with one ticket and one attachment of the very bytes that were zipped', { timeout: 240_000 }, async () => {
    const { rig, env, token, made } = await jobRig(startDesk);
    const word = `whole-${seed}-`;

    const finished = await rig.icepack([...collecting(word, 0), '--json'], { env });

    const { ticket, bundle, exitCode } = finished.json();
    const [ticketThere, ...others] = await made(word);
    expect(exitCode, finished.stderr).toBe(0);
    expect(others).toEqual([]);
    expect(ticketThere).toMatchObject({ state: 'open', files: [{ name: bundle.name, sha256: bundle.sha256 }] });
    expect(ticketThere?.markers).toEqual([`[bundle ${bundle.sha256.slice(0, 16)}]`]);
    expect(ticket.key).toMatch(keys);
    expect(await filesHolding(rig.folder, [token])).toEqual([]);
  });

  it('that is killed at any moment, and taken up until it is done, has one ticket and one attachment', {
    timeout: 240_000 + kills * 60_000,
  }, async () => {
    const { rig, env, made } = await jobRig(startDesk);
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
      const tickets = await made(word);
      const seen = `${tickets.length} tickets, ${tickets.map(({ files }) => files.length).join()} files`;
      if (last.code !== 0 || seen !== '1 tickets, 1 files')
        failed.push(`${nth}: ${last.code}, ${seen}: ${last.stderr}`);
    }

    expect(failed, `seed ${seed}`).toEqual([]);
  });
});

describe.skipIf(lacks('request-tracker'))('a route to another queue of a real Request Tracker', () => {
  test('is taken, and kept by resume', { timeout: 240_000 }, async () => {
    const { rig, env } = await jobRig(realRequestTracker);
    await rig.configure((document) => {
      document.routes = [{ severity: ['high'], helpdesk: { queue: 'On-call' }, say: 'Call Kim' }];
    });
    const word = `route-${seed}-`;
    const { ask } = await startRt();
    const inQueue = async (queue: string) => {
      const query = encodeURIComponent(`Subject LIKE '${word}' AND Queue = '${queue}'`);
      return (await ask(`tickets?query=${query}`))['total'];
    };

    const away = { ...env, DESK_TOKEN: '1-14-0123456789abcdef0123456789abcdef' };
    const refused = await rig.icepack([...collecting(word, 1000), '--only', 'cli'], { env: away });
    const resumed = await rig.icepack(['resume', '--batch', '--json'], { env });

    expect(refused.code).toBe(6);
    expect(resumed.json()).toMatchObject({ exitCode: 0, say: 'Call Kim', bundle: { attached: true } });
    expect([await inQueue('On-call'), await inQueue('Support')]).toEqual([1, 0]);
  });
});
