import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { killsWanted, seed } from '../support/kills.ts';
import { type Survival, traced } from '../support/power-loss.ts';
import { lacks } from '../support/requirements.ts';
import { type Rig, startRig } from '../support/rig.ts';
import { wholeCaptures } from '../support/ring.ts';

/** All ways to end are tried where there are no more than so many; else so many of them. */
const most = killsWanted(6, 5);

type End = { killAt?: [call: string, nth: number]; survival: Survival };

/** Before each sync, and before each change of a name: a kill there, and a power failure there. */
function endsOf(syncs: number): End[] {
  const survivals: Survival[] = ['everything', 'what was synced', 'names, and what was synced of files'];
  const each = Array.from({ length: syncs }, (_, index) => index + 1);
  const ends = each.flatMap((nth) => survivals.map((survival): End => ({ killAt: ['fsync', nth], survival })));
  const kills = (['link', 'rename', 'unlink'] as const).map(
    (call): End => ({ killAt: [call, 1], survival: 'everything' }),
  );
  return [...ends, ...kills];
}

/** Evenly spread over all of them, beginning where the seed says. */
function chosen<T>(all: readonly T[]): T[] {
  if (all.length <= most) return [...all];
  const step = all.length / most;
  return Array.from({ length: most }, (_, index) => all[Math.floor(seed + index * step) % all.length] as T);
}

/**
 * Ends a command in all chosen ways, each in a state of its own.
 * @param make makes the state folder `root` and says what is run in it
 * @param judge what must hold afterwards
 * @param atOnce so many side by side
 */
async function endedEverywhere(
  rig: Rig,
  make: (root: string, name: string) => string[],
  judge: (
    root: string,
    name: string,
    icepack: (...args: string[]) => ReturnType<Rig['icepack']>,
    hasEnded: boolean,
  ) => Promise<void>,
  atOnce = 2,
): Promise<void> {
  let count = 0;
  const one = async (end: End | undefined) => {
    const name = `end${count++}`;
    const state = join(rig.folder, '.local', name);
    const root = join(state, 'icepack');
    mkdirSync(root, { recursive: true, mode: 0o700 });
    const args = make(root, name);
    const env = { ...rig.env, XDG_STATE_HOME: state };
    const { killAt, survival = 'everything' } = end ?? {};
    const run = await traced(args, { env, cwd: rig.folder, root, ...(killAt === undefined ? {} : { killAt }) });
    run.crash(survival);
    try {
      const icepack = (...again: string[]) => rig.icepack(again, { env: { XDG_STATE_HOME: state } });
      await judge(root, name, icepack, run.code === 0);
    } catch (error) {
      throw new Error(`ended at ${killAt?.join(' ') ?? 'its end'}, ${survival} survived (seed ${seed})`, {
        cause: error,
      });
    }
    return run;
  };
  const whole = await one(undefined);
  expect(whole.code, whole.stderr).toBe(0);
  await one({ survival: 'what was synced' }); // the power fails when it has just ended
  const ends = chosen(endsOf(whole.syncs));
  const next = async (): Promise<void> => {
    for (let end = ends.shift(); end !== undefined; end = ends.shift()) await one(end);
  };
  await Promise.all(Array.from({ length: atOnce }, next));
}

describe.skipIf(lacks('strace'))(
  'a state whose writing was cut off by a kill or a power failure',
  { timeout: 600_000 },
  () => {
    it('has every host key pinned before, and can have the others pinned (G02)', async () => {
      const rig = await startRig();
      await rig.configure((document) => {
        delete document.appliances.ice01.cli.hostKey;
        delete document.appliances.ice01.hostOs.hostKey;
      });
      const before = '192.0.2.99 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBmEW0bfTqqfSbx6gPAJgD3rFmLoPQ4Qzr2dXnVpeTy8\n';

      await endedEverywhere(
        rig,
        (root) => {
          writeFileSync(join(root, 'known_hosts'), before, { mode: 0o600 });
          return ['doctor', '--pin', '--batch'];
        },
        async (root, _name, icepack) => {
          expect(readFileSync(join(root, 'known_hosts'), 'utf8')).toContain(before);

          const done = await icepack('doctor', '--pin', '--json');

          expect(done.code, done.stderr).toBe(0);
          expect(readFileSync(join(root, 'known_hosts'), 'utf8').match(/^\S+ ssh-ed25519 \S+$/gm)).toHaveLength(3);
        },
      );
    });

    it('has no half capture under a final name, and the next one works (Q02)', async () => {
      const rig = await startRig();

      await endedEverywhere(
        rig,
        () => ['capture', '--all', '--batch', '--jitter', '0'],
        async (root, _name, icepack, hasEnded) => {
          const whole = wholeCaptures(join(root, 'captures', 'ice01'));
          if (hasEnded) expect(whole).toHaveLength(1);

          const next = await icepack('capture', '--all', '--batch', '--jitter', '0');

          expect(next.code, next.stdout + next.stderr).toBe(0);
          expect(wholeCaptures(join(root, 'captures', 'ice01'))).toHaveLength(1); // too early for a second one
        },
        1, // techsupport names its file by the second: two in one second would take each other's
      );
    });

    it('has a run as it was after one step or the next, and never a damaged one (G02)', async () => {
      const rig = await startRig();

      await endedEverywhere(
        rig,
        () => ['collect', '--batch', '--at', '-45m', '--only', 'cli', '--no-submit'],
        async (root, _name, icepack, hasEnded) => {
          const { runs } = (await icepack('runs', '--json')).json();
          if (hasEnded) expect(runs).toMatchObject([{ state: 'collected' }]);
          for (const { id, state } of runs) {
            expect(['not begun', 'unfinished', 'collected']).toContain(state);
            const sent = await icepack('submit', id, '--batch', '--summary', 'x', '--severity', 'low');
            expect(state === 'collected' ? [0] : [0, 2], sent.stderr).toContain(sent.code); // the evidence may be whole already
          }
          expect(runs.length).toBe(readdirSync(root).includes('runs') ? readdirSync(join(root, 'runs')).length : 0);
        },
      );
    });

    it('makes one ticket with one bundle all the same (G02)', async () => {
      const rig = await startRig();
      const { run } = (
        await rig.icepack(['collect', '--batch', '--at', '-45m', '--no-submit', '--only', 'vm', '--json'])
      ).json();
      const stored = join(rig.folder, '.local', 'state', 'icepack', 'runs', run);
      const command = (name: string) => ['submit', idOf(name), '--batch', '--summary', 'x', '--severity', 'low'];
      const idOf = (name: string) => `20260101-0000-${name}`;

      await endedEverywhere(
        rig,
        (root, name) => {
          const folder = join(root, 'runs', idOf(name));
          cpSync(stored, folder, { recursive: true });
          const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
          const changed = JSON.stringify({ ...manifest, run: idOf(name), reference: name });
          writeFileSync(join(folder, 'manifest.json'), changed, { mode: 0o600 });
          return command(name);
        },
        async (_root, name, icepack) => {
          const done = await icepack(...command(name));

          expect(done.code, done.stderr).toBe(0);
          const mine = rig.mock.helpdesk?.tickets.filter(({ reference }) => reference === name);
          expect(mine?.map(({ files }) => files.length)).toEqual([1]);
        },
      );
    });
  },
);
