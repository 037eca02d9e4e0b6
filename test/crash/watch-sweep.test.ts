import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { seed, torture } from '../support/kills.ts';
import { lacks } from '../support/requirements.ts';
import { type Rig, runProgram, startRig, startRun, until } from '../support/rig.ts';
import { straced } from '../support/strace.ts';

const watch = {
  ...{ every: '3s', retry: '1s', tickets: false, bundles: false, flood: { wait: '1h' } },
  checks: { data: { every: '3s', for: '2s' } },
};
const once = ['watch', '--once', '--batch'];

/** A rig whose state can be made what it was again and again. */
type PreparedRig = { rig: Rig; keep(): void; again(): void };

/** A server whose volume was seen full for long enough: the next round makes an incident of it. */
async function firingRig(): Promise<PreparedRig> {
  const rig = await startRig({ cluster: 'east' });
  await rig.configure((document) => void Object.assign(document, { watch }));
  await rig.mock.appliances[0]?.fail({ fullPercent: 93 });
  const watching = startRun(rig, ['watch', '--batch']);
  await until(() => watching.said().includes('I1 opened'));
  watching.kill('SIGTERM');
  await watching.ended;
  const state = join(rig.folder, '.local', 'state', 'icepack');
  const prepared = join(rig.folder, 'prepared');
  rmSync(join(state, 'watch', 'open'), { recursive: true });
  const keep = () => {
    rmSync(prepared, { recursive: true, force: true });
    cpSync(state, prepared, { recursive: true });
  };
  const again = () => {
    rmSync(state, { recursive: true });
    mkdirSync(state, { recursive: true, mode: 0o700 });
    cpSync(prepared, state, { recursive: true });
  };
  keep();
  return { rig, keep, again };
}

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

const incidentsOf = async (rig: Rig) => (await rig.icepack(['watch', 'status', '--json'])).json().incidents;

/** A person who is told by a modem that nobody reads: what is in its spool, was sent. */
async function withPages({ rig }: PreparedRig, more: object = {}): Promise<{ sent(): string[]; forget(): void }> {
  const spool = Object.fromEntries(['outbox', 'sent', 'error'].map((name) => [name, join(rig.folder, 'sms', name)]));
  const outbox = spool['outbox'] ?? '';
  const forget = () => {
    rmSync(join(rig.folder, 'sms'), { recursive: true, force: true });
    for (const folder of Object.values(spool)) mkdirSync(folder, { recursive: true });
  };
  forget();
  await rig.configure((document) => {
    Object.assign(document, {
      watch: { ...watch, ...more },
      people: { kim: { name: 'Kim Doe', phone: '+46 660 29 92 00' } },
      channels: { sms: { kind: 'gammu', ...spool } },
      escalation: {
        routes: [{ policy: 'all' }],
        policies: { all: { steps: [{ at: '0m', to: ['kim'], by: ['sms'] }] } },
      },
    });
  });
  return { sent: () => readdirSync(outbox).filter((name) => name.startsWith('OUT')), forget };
}

/** Goes on until nothing is wrong any more, and not for longer than a watch may take. */
async function rounds(rig: Rig, wrong: () => Promise<string | undefined>): Promise<string | undefined> {
  for (let left = 2; ; left--) {
    const { stderr } = await rig.icepack(once);
    const what = await wrong();
    if (what === undefined || left === 1) return what && `${what}; ${stderr}`;
  }
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
