import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { killsWanted, seed } from '../support/kills.ts';
import { type Survival, traced } from '../support/power-loss.ts';
import { lacks } from '../support/requirements.ts';
import type { Rig } from '../support/rig.ts';
import { firingRig, incidentsOf, once, type PreparedRig, rounds, withPages } from './watch-rig.ts';

/** The power fails before each sync where there are no more than so many ways; else so many of them. */
const most = killsWanted(2, 2);
const survivals: readonly Survival[] = ['what was synced', 'names, and what was synced of files'];

type Loss = { nth?: number; survival: Survival };
type Judge = {
  /** Makes the outside what it was before. @param name another one each time */
  prepare(name: string): Promise<void>;
  /** What has left the machine, or was said to be done, and is not on the disk. */
  lost(hasEnded: boolean): string | undefined;
  /** Does what follows, and says what is not as it should be then. */
  wrong(): Promise<string | undefined>;
};

function chosen(syncs: number): Loss[] {
  const each = Array.from({ length: syncs }, (_, index) => index + 1);
  const all = each.flatMap((nth) => survivals.map((survival): Loss => ({ nth, survival })));
  const step = Math.max(1, all.length / most);
  return all.filter((_, index) => Math.floor((index + (seed % all.length)) % step) === 0);
}

/** The power fails while a command is at work, at one sync after the other, and when it has just ended. */
async function powerFails(
  { rig, again }: PreparedRig,
  words: string[],
  { prepare, lost, wrong }: Judge,
): Promise<{ syncs: number }> {
  const root = stateOf(rig);
  const failed: string[] = [];
  const one = async ({ nth, survival }: Loss) => {
    const name = nth === undefined ? 'its end' : `sync ${nth}, ${survival}`;
    again();
    await prepare(name);
    const killAt = nth === undefined ? {} : { killAt: ['fsync', nth] satisfies [string, number] };
    const run = await traced(words, { env: rig.env, cwd: rig.folder, root, ...killAt });
    run.crash(survival);
    const what = lost(run.code === 0) ?? (await wrong());
    if (what !== undefined) failed.push(`${name}: ${what}`);
    return run;
  };
  const whole = await one({ survival: 'what was synced' });
  expect(whole.code, whole.stderr).toBe(0);
  for (const loss of chosen(whole.syncs)) await one(loss);
  expect(failed, `seed ${seed}`).toEqual([]);
  return whole;
}

const stateOf = (rig: Rig) => join(rig.folder, '.local', 'state', 'icepack');

/** What the journals of the first incident say; nothing where there is none. */
function journalsOf(rig: Rig): string {
  const folder = join(stateOf(rig), 'watch', 'open', 'I1');
  try {
    return readdirSync(folder)
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('');
  } catch {
    return '';
  }
}

describe.skipIf(lacks('strace'))('when the power fails at any step of an incident', { timeout: 1_800_000 }, () => {
  it('what left the machine is known to it, with one ticket, and one page more at most (W02)', async () => {
    const prepared = await firingRig();
    const { rig } = prepared;
    const { sent, forget } = await withPages(prepared, { tickets: true });
    let organization = '';
    const tickets = () =>
      rig.mock.helpdesk?.tickets.filter(({ subject }) => subject.startsWith(`${organization},`)) ?? [];

    const { syncs } = await powerFails(prepared, once, {
      async prepare(name) {
        organization = `Example ${name.replaceAll(',', ' -')}`;
        await rig.configure((document) => void Object.assign(document, { organization }));
        forget();
      },
      lost(hasEnded) {
        const known = journalsOf(rig);
        if (tickets().length > 0 && !known.includes('"registering"')) return 'a ticket of which nothing is known';
        if (sent().length > 0 && !known.includes('"paging"')) return 'a page of which nothing is known';
        return !hasEnded || (known.includes('"registered"') && known.includes('"paged"')) ? undefined : 'what was done';
      },
      wrong: () =>
        rounds(rig, async () => {
          const incidents = await incidentsOf(rig);
          const made = tickets();
          const isOne = incidents.length === 1 && made.length === 1 && incidents[0].ticket?.key === made[0]?.key;
          const isTold = sent().length === 1 || sent().length === 2;
          return isOne && isTold ? undefined : `${incidents.length} incidents, ${made.length} tickets, ${sent()}`;
        }),
    });

    expect(syncs).toBeGreaterThan(15);
  });

  it('an ack that was taken is kept, and else counts when it is typed again (W02)', async () => {
    const prepared = await firingRig();
    const { rig, keep } = prepared;
    const { sent } = await withPages(prepared);
    await rig.icepack(once);
    keep();
    const before = sent().length;
    const words = ['ack', 'I1', '--note', 'mine'];

    const { syncs } = await powerFails(prepared, words, {
      prepare: async () => undefined,
      lost: (hasEnded) => (hasEnded && !journalsOf(rig).includes('"mine"') ? 'what was said' : undefined),
      async wrong() {
        const typed = await rig.icepack(words);
        await rig.icepack(once);
        const [incident] = await incidentsOf(rig);
        const isSaid = typed.code === 0 && incident?.state === 'acknowledged' && incident.note === 'mine';
        return isSaid && sent().length === before ? undefined : `${incident?.state}, ${sent()}; ${typed.stderr}`;
      },
    });

    expect(syncs).toBeGreaterThan(1);
  });
});
