import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { MockSwitches } from '../../src/mock/help-desk.ts';
import type { MockOptions } from '../../src/mock/mock.ts';
import { behindProxies, type Proxies } from '../support/behind-proxies.ts';
import type { Toxics } from '../support/chaos-proxy.ts';
import { torture } from '../support/kills.ts';
import { batch, type Finished, type Rig, startRig, startRun, until } from '../support/rig.ts';
import { openTerminal } from '../support/terminal.ts';

const exits = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
const signals = Object.keys(exits) as (keyof typeof exits)[];

/** It takes less than 2 s; this is for a machine that has other things to do. */
const stopsWithinMs = 10_000;

type Phase = {
  options?: Partial<MockOptions>;
  /** What connections to the servers, or to the help desk, suffer until the signal has struck. */
  slow?: { servers?: Toxics; desk?: Toxics };
  switches?: Partial<MockSwitches>;
  args: string[];
  /** What is at work in this phase: a run that was collected before, else a collection. */
  verb?: 'submit';
  /** The exit code when all was gone on with. */
  ends?: number;
  /** Whether a run that has said this is at it. */
  at(said: string, rig: Rig): boolean;
};

const saying = (text: string) => (said: string) => said.includes(text);
const allRequested = (start: string) => (_said: string, rig: Rig) =>
  requested(rig, start) >= rig.mock.appliances.length;
function requested({ mock }: Rig, start: string): number {
  return (mock.helpdesk?.requests ?? []).filter((request) => request.startsWith(start)).length;
}

const slowLine: Toxics = { bytesPerSecond: 50_000 };

const phases: Record<string, Phase> = {
  'connects to servers that say nothing': {
    slow: { servers: { stall: { afterBytes: 0 } } },
    args: ['--only', 'cli,config'],
    at: saying('"item-started"'),
  },
  'waits for a command of the CLI': {
    options: { replies: { techsupport: 'hang' } },
    args: ['--only', 'techsupport,cli'],
    at: saying('"path":"CLI/transcript.txt"'),
  },
  'takes a file over a slow line': {
    // What is on its way already has to pass before anything can be removed.
    options: { techsupport: { durationMs: 0, bytes: 60_000 } },
    slow: { servers: slowLine },
    args: ['--only', 'techsupport'],
    at: saying('"item-progress"'),
  },
  'cuts and masks logs': {
    options: { logBytes: 500_000 },
    slow: { servers: slowLine },
    args: ['--only', 'logs'],
    at: saying('"item-progress"'),
  },
  'writes the ZIP': {
    options: { techsupport: { durationMs: 0, bytes: 4_000_000 } },
    args: ['--only', 'techsupport'],
    verb: 'submit',
    at: saying('"step":"zip"'),
  },
  'registers the ticket': {
    switches: { preCommitMs: 3000, idempotency: false },
    args: ['--only', 'vm'],
    verb: 'submit',
    at: allRequested('POST /api/v1/tickets'),
  },
  'attaches the bundle': {
    options: { techsupport: { durationMs: 0, bytes: 500_000 } },
    slow: { desk: slowLine },
    args: ['--only', 'techsupport'],
    verb: 'submit',
    at: allRequested('PUT /api/v1/tickets'),
  },
  'waits for the end of the window': {
    args: ['--only', 'logs', '--at', 'now', '--wait'],
    ends: 3,
    at: saying('"step":"wait"'),
  },
};

function stateOf(rig: Rig): string {
  return join(rig.folder, '.local', 'state', 'icepack');
}

function partials(rig: Rig): string[] {
  if (!existsSync(stateOf(rig))) return [];
  return readdirSync(stateOf(rig), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.partial'));
}

/** What a run has made on the servers and not taken away. */
function leftOn(rig: Rig): string[] {
  return rig.mock.appliances.flatMap(({ trees }) =>
    [...trees.cli.files.keys(), ...trees.hostOs.files.keys()].filter((path) => /techsupport_|icepack-/.test(path)),
  );
}

function change({ servers, desk }: Proxies, slow: Phase['slow']): void {
  for (const { cli, hostOs } of Object.values(servers))
    for (const proxy of [cli, hostOs]) proxy.change({ down: slow?.servers ?? {} });
  desk.change({ up: slow?.desk ?? {} });
}

/** The call of each signal's run: each has a server of its own, so that they need not wait for one another. */
async function callsOf({ args, verb }: Phase, rig: Rig): Promise<string[][]> {
  const collects = rig.mock.appliances.map(({ name }) => ['collect', name, ...batch, ...args, '--json']);
  if (verb === undefined) return collects;
  const collected = await Promise.all(collects.map((call) => rig.icepack([...call, '--no-submit'])));
  const said = ['--batch', '--summary', 'x', '--severity', 'low', '--json'];
  return collected.map((done) => [verb, done.json().run, ...said]);
}

/** Types the command that was printed. */
async function goOn(rig: Rig, stopped: Finished): Promise<Finished> {
  const [recommended] = stopped.json().next;
  return rig.icepack([...recommended.split(' ').slice(1), '--batch', '--json']);
}

/** One of the signals in turn; all of them in the large run. */
function struckIn(index: number): readonly (typeof signals)[number][] {
  return torture ? signals : signals.filter((_signal, turn) => turn === index % signals.length);
}

describe('a signal while the program', () => {
  it.each(Object.entries(phases).map(([what, phase], index) => [what, phase, struckIn(index)] as const))(
    '%s ends it soon, leaves nothing anywhere, and names commands that go on (H01, H02)',
    { timeout: 90_000 },
    async (_what, phase, signals) => {
      const rig = await startRig({ appliances: signals.length, ...phase.options });
      await rig.configure((document) => {
        document.helpdesk = { ...document.helpdesk, idempotencyKeys: false, settle: '4s' };
      });
      const proxies = await behindProxies(rig);
      const calls = await callsOf(phase, rig);
      Object.assign(rig.mock.helpdesk?.switches ?? {}, phase.switches);
      change(proxies, phase.slow);

      const runs = calls.map((args) => startRun(rig, args));
      const tookMs = await Promise.all(
        runs.map(async (run, index) => {
          await until(() => phase.at(run.said(), rig));
          const struckAt = performance.now();
          run.kill(signals[index] ?? 'SIGKILL');
          await run.ended;
          return performance.now() - struckAt;
        }),
      );
      const stopped = await Promise.all(runs.map(({ ended }) => ended));
      const left = [...partials(rig), ...leftOn(rig)];
      change(proxies, {});
      delete rig.replies['techsupport'];
      const ended = await Promise.all(stopped.map((done) => goOn(rig, done)));

      expect(stopped.map(({ code }) => code)).toEqual(signals.map((signal) => exits[signal]));
      expect(Math.max(...tookMs)).toBeLessThan(stopsWithinMs);
      expect(left).toEqual([]);
      expect(ended.map(({ code }) => code)).toEqual(signals.map(() => phase.ends ?? 0));
      expect(ended.map((done) => done.json().bundle.attached)).toEqual(signals.map(() => true));
      const tickets = rig.mock.helpdesk?.tickets ?? [];
      expect(tickets).toHaveLength(signals.length);
      expect(new Set(tickets.map(({ reference }) => reference)).size).toBe(signals.length);
    },
  );

  it.each([
    ['collect', 'cli', batch],
    ['collect', 'hostOs', batch],
    ['capture', 'cli', []], // it asks the host OS first
    ['watch', 'cli', ['--once']],
    ['watch', 'cli', []],
    ['watch', 'hostOs', []],
  ] as const)('is let in at one face and waits for the other ends it, too: %s, %s %j (H01)', async (verb, stalled, args) => {
    const rig = await startRig();
    const [faces] = Object.values((await behindProxies(rig)).servers);
    faces?.[stalled].change({ down: { stall: { afterBytes: 0 } } });
    await rig.configure((document) => {
      document.captures = { jitter: '0s' };
    });
    const other = stalled === 'cli' ? 'hostOs' : 'cli';

    const run = startRun(rig, [verb, ...args]);
    await until(() => rig.mock.appliances[0]?.logins[other].includes('password') === true);
    await new Promise((resolve) => setTimeout(resolve, 300)); // it is in
    const struckAt = performance.now();
    run.kill('SIGTERM');
    await run.ended;

    expect(performance.now() - struckAt).toBeLessThan(stopsWithinMs);
  });

  it.each(signals)('asks something at a terminal: %s ends it, and nothing was done (H01)', async (signal) => {
    const rig = await startRig();
    const terminal = openTerminal(['collect'], rig.env);

    await terminal.shows('When did it happen?');
    terminal.strike(signal);
    await terminal.shows(`ended with ${exits[signal]}`);

    await expect(rig.runs()).rejects.toThrow('ENOENT');
  });
});

/** Presses Ctrl-C again and again until it has ended. */
async function endImpatiently({ kill, ended }: ReturnType<typeof startRun>): Promise<Finished> {
  const pressing = setInterval(() => kill('SIGINT'), 30);
  const done = await ended;
  clearInterval(pressing);
  return done;
}

describe('a second Ctrl-C', () => {
  it('while a server that went silent is waited for ends at once; no more is lost than by kill -9 (H03)', async () => {
    const rig = await startRig({ techsupport: { durationMs: 0, bytes: 500_000 } });
    const proxies = await behindProxies(rig);
    change(proxies, { servers: slowLine });
    const run = startRun(rig, ['collect', ...batch, '--only', 'techsupport,cli', '--json']);
    await until(() => run.said().includes('"item-progress"'));
    change(proxies, { servers: { stall: { afterBytes: 0 } } });

    const { code, stdout } = await endImpatiently(run);
    change(proxies, {});
    const done = await rig.icepack(['resume', '--batch', '--json']);

    expect(code).toBe(130);
    expect(stdout).toBe(''); // it did not even wait for the result
    expect(done.json()).toMatchObject({ exitCode: 0, bundle: { attached: true } });
    expect(rig.mock.helpdesk?.tickets).toHaveLength(1);
    expect(leftOn(rig)).toEqual([]);
  });

  it('while a ticket is registered leaves the intent, and there is one ticket in the end (H02, H03)', async () => {
    const rig = await startRig();
    await rig.configure((document) => {
      document.helpdesk = { ...document.helpdesk, idempotencyKeys: false, settle: '3s' };
    });
    Object.assign(rig.mock.helpdesk?.switches ?? {}, { preCommitMs: 2000, idempotency: false });
    const run = startRun(rig, ['collect', ...batch, '--only', 'cli', '--json']);
    await until(() => requested(rig, 'POST /api/v1/tickets') > 0);

    const { code } = await endImpatiently(run);
    const [listed] = (await rig.icepack(['runs', '--json'])).json().runs;
    const done = await rig.icepack(['resume', '--batch', '--json']);

    expect(code).toBe(130);
    expect(listed).toMatchObject({ state: 'unknown', owes: true });
    expect(done.json()).toMatchObject({ exitCode: 0, bundle: { attached: true } });
    expect(rig.mock.helpdesk?.tickets).toHaveLength(1);
  });
});
