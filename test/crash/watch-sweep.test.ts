import { describe, expect, it } from 'vitest';
import { seed, torture } from '../support/kills.ts';
import { lacks } from '../support/requirements.ts';
import { runProgram } from '../support/rig.ts';
import { straced } from '../support/strace.ts';
import { firingRig, incidentsOf, once, type PreparedRig, rounds, watch, withPages } from './watch-rig.ts';

/** How often a call is passed over between two kills; all of them count with ICEPACK_KILLS=200, else others each time. */
type Sweep = { call: string; least: number; apart: number };

/**
 * Kills a command at one call after the other, each time from the same state, until it comes through.
 * @param least so many times it is to be killed, or the calls are not those that are meant
 * @param wrong does what follows, and says what is not as it should be then
 */
async function sweep(
  { rig, again }: PreparedRig,
  words: readonly string[],
  { call, least, apart }: Sweep,
  wrong: (nth: number) => Promise<string | undefined>,
  prepare: (nth: number) => Promise<void> = async () => undefined,
): Promise<void> {
  const failed: string[] = [];
  const stride = torture ? 1 : apart;
  let nth = 1 + (seed % stride);
  for (; ; nth += stride) {
    again();
    await prepare(nth);
    const { under, env } = straced([call], { inject: `${call}:signal=KILL:when=${nth}` });
    const killed = await runProgram([...words], { under, env: { ...rig.env, ...env }, cwd: rig.folder });
    const what = await wrong(nth);
    if (what !== undefined) failed.push(`${call} ${nth}: ${what}`);
    if (killed.code === 0) break;
  }
  expect(failed, `seed ${seed}`).toEqual([]);
  expect(nth).toBeGreaterThan(least);
}

describe.skipIf(lacks('strace'))('killed at every single step of an incident', { timeout: 600_000 }, () => {
  it('a watch makes one incident and one ticket (W01)', async () => {
    const prepared = await firingRig();
    const { rig } = prepared;
    for (const calls of [
      { call: 'fsync', least: 10, apart: 8 },
      { call: 'rename', least: 2, apart: 3 },
      { call: 'connect', least: 3, apart: 4 },
    ]) {
      const nameOf = (nth: number) => `Example ${calls.call} ${nth}`;
      const prepare = (nth: number) =>
        rig.configure(
          (document) => void Object.assign(document, { organization: nameOf(nth), watch: { ...watch, tickets: true } }),
        );
      const wrong = async (nth: number) => {
        const incidents = await incidentsOf(rig);
        const made = rig.mock.helpdesk?.tickets.filter(({ subject }) => subject.startsWith(`${nameOf(nth)},`)) ?? [];
        if (made.length === 1 && incidents.length === 1 && incidents[0].ticket?.key === made[0]?.key) return undefined;
        return `${made.length} tickets, ${incidents.length} incidents`;
      };
      await sweep(prepared, once, calls, (nth) => rounds(rig, () => wrong(nth)), prepare);
    }
  });

  it('a watch tells whom it is to tell, and at most once more (W01)', async () => {
    const prepared = await firingRig();
    const { sent, forget } = await withPages(prepared);
    const wrong = async () => {
      const incidents = await incidentsOf(prepared.rig);
      const isTold = sent().length === 1 || sent().length === 2;
      return isTold && incidents.length === 1 ? undefined : `${incidents.length} incidents, told by ${sent()}`;
    };
    for (const calls of [
      { call: 'fsync', least: 12, apart: 9 },
      { call: 'link', least: 1, apart: 2 },
    ])
      await sweep(
        prepared,
        once,
        calls,
        () => rounds(prepared.rig, wrong),
        async () => forget(),
      );
  });

  it('ack is said after it is typed again, and nobody is told any more (W01, W26)', async () => {
    const prepared = await firingRig();
    const { rig, keep } = prepared;
    const { sent } = await withPages(prepared);
    await rig.icepack(once);
    keep();
    const before = sent();

    await sweep(prepared, ['ack', 'I1', '--note', 'mine'], { call: 'fsync', least: 2, apart: 2 }, async () => {
      const typed = await rig.icepack(['ack', 'I1', '--note', 'mine']);
      await rig.icepack(once);
      const [incident] = await incidentsOf(rig);
      const isSaid = typed.code === 0 && incident?.state === 'acknowledged' && incident.note === 'mine';
      return isSaid && sent().length === before.length ? undefined : `${incident?.state}, ${sent()}; ${typed.stderr}`;
    });
  });

  it('resolved is said at the ticket once, after it is typed again (W01)', async () => {
    const prepared = await firingRig();
    const { rig, keep } = prepared;
    await rig.configure((document) => void Object.assign(document, { watch: { ...watch, tickets: true } }));
    await rig.icepack(once);
    keep();
    const words = ['resolved', 'I1', '--hours', '1.5', '--summary', 'The old logs are gone.'];
    const [ticket] = rig.mock.helpdesk?.tickets ?? [];
    if (ticket === undefined) throw new Error('there is no ticket');
    const wrong = async () => {
      const typed = await rig.icepack(words);
      const [incident] = await incidentsOf(rig);
      const told = ticket.comments.filter(({ body }) => body.includes('The old logs are gone.'));
      const isSaid = typed.code === 0 && ticket.state === 'fixed' && incident?.state === 'resolved';
      return isSaid && told.length === 1 ? undefined : `${ticket.state}, told ${told.length} times; ${typed.stderr}`;
    };
    for (const calls of [
      { call: 'fsync', least: 3, apart: 3 },
      { call: 'connect', least: 2, apart: 3 },
    ])
      await sweep(prepared, words, calls, wrong, async () => {
        ticket.state = 'open';
        ticket.comments.splice(0);
      });
  });
});
