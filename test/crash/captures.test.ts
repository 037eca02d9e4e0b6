import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { killsWanted, seed } from '../support/kills.ts';
import { lacks } from '../support/requirements.ts';
import { runProgram, startRig } from '../support/rig.ts';
import { techsupportOn, timer, wholeCaptures } from '../support/ring.ts';
import { smallDisk } from '../support/small-disk.ts';
import { straced } from '../support/strace.ts';

const most = killsWanted(6, 4);

/** Room on a disk, in KiB: from none to more than a capture takes; pages have 4. */
const rooms = Array.from({ length: most }, (_, at) => Math.round(((at / (most - 1)) * 72) / 4) * 4);

/** What makes a capture last, and what it is written with. */
const calls = ['mkdir', 'fsync', 'rename'] as const;

/** Where the ring lies below a state folder. */
const ringBelow = (state: string) => join(state, 'icepack', 'captures', 'ice01');

const partialsBelow = (ring: string) =>
  existsSync(ring) ? readdirSync(ring).filter((name) => name.endsWith('.partial')) : [];

describe('a disk that is full while a server is captured', () => {
  it.skipIf(lacks('unshare'))(
    'at any moment ends with exit code 8, half of nothing, and a capture once there is room (Q02)',
    { timeout: 300_000 },
    async () => {
      const rig = await startRig();
      const empty = join(rig.folder, 'mock', 'empty');
      mkdirSync(empty);
      const codes: number[] = [];

      for (const room of rooms) {
        const disk = smallDisk(join(rig.folder, 'mock', `disk-${room}`), empty, room);
        const env = { ...rig.env, ...disk.options.env };
        const again = await runProgram(timer, { cwd: rig.folder, ...disk.options, env });
        const { code, stdout, stderr } = disk.first();
        codes.push(code);
        expect([stdout, code === 0 ? '' : 'said'], `${room} KiB`).toEqual(['', stderr === '' ? '' : 'said']);
        if (code !== 0) expect(stderr, `${room} KiB`).toContain('the disk is full');
        expect(wholeCaptures(ringBelow(disk.full)), `${room} KiB`).toHaveLength(code === 0 ? 1 : 0);
        expect(again.code, `${room} KiB: ${again.stderr}`).toBe(0);
        expect(wholeCaptures(ringBelow(disk.after)), `${room} KiB`).toHaveLength(1);
        expect(partialsBelow(ringBelow(disk.after)), `${room} KiB`).toEqual([]);
        expect(techsupportOn(rig), `${room} KiB`).toEqual([]);
      }

      expect(new Set(codes)).toEqual(new Set([0, 8]));
    },
  );

  it.skipIf(lacks('strace'))(
    'at the steps that make it last: exit code 8 or a whole capture, and the next one clears up (Q02)',
    { timeout: 300_000 },
    async () => {
      const rig = await startRig();
      const log = join(rig.folder, 'mock', 'strace.txt');
      const stateOf = (name: string) => ({ XDG_STATE_HOME: join(rig.folder, '.local', name) });
      const capture = (name: string, { under, env }: ReturnType<typeof straced>) =>
        rig.icepack(timer, { under, env: { ...env, ...stateOf(name) } });
      expect((await capture('counted', straced(calls, { log }))).code).toBe(0);
      const steps = some(stepsIn(readFileSync(log, 'utf8')));

      const one = async ({ call, when }: Step) => {
        const [how, name] = [`${call} ${when} (seed ${seed})`, `${call}-${when}`];
        const ring = ringBelow(stateOf(name).XDG_STATE_HOME);
        const failed = await capture(name, straced([call], { inject: `${call}:error=ENOSPC:when=${when}` }));
        const whole = wholeCaptures(ring).length;
        if (failed.code === 0) expect([whole, failed.stderr], how).toEqual([1, '']);
        else expect([failed.code, failed.stderr], how).toEqual([8, expect.stringContaining('the disk is full')]);

        const next = await rig.icepack(timer, { env: stateOf(name) });

        expect(next.code, `${how}: ${next.stderr}`).toBe(0);
        expect(wholeCaptures(ring), how).toHaveLength(1);
        expect(partialsBelow(ring), how).toEqual([]);
        return failed.code;
      };
      const codes: (number | null)[] = [];
      for (const step of steps) codes.push(await one(step));

      expect(codes).toContain(8);
      expect(techsupportOn(rig)).toEqual([]);
    },
  );
});

type Step = { call: (typeof calls)[number]; when: number };

function stepsIn(made: string): Step[] {
  return calls.flatMap((call) =>
    Array.from(made.matchAll(new RegExp(`^\\d+ +${call}\\(`, 'gm')), (_, at): Step => ({ call, when: at + 1 })),
  );
}

/** All of them, or so many, evenly spread over them, beginning where the seed says. */
function some(steps: readonly Step[]): Step[] {
  const wanted = Math.min(steps.length, killsWanted(8, 4));
  return Array.from({ length: wanted }, (_, at) => {
    const nth = Math.floor(at * (steps.length / wanted) + seed) % steps.length;
    return steps.slice(nth, nth + 1);
  }).flat();
}
