import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CollectedRun, type Copy, collectedRun, partialsIn, zipsIn } from '../support/collected-run.ts';
import { killsWanted, randomOf, seed } from '../support/kills.ts';
import { lacks, programPath } from '../support/requirements.ts';
import { runProgram, startRig } from '../support/rig.ts';
import { smallDisk } from '../support/small-disk.ts';
import { durableCalls, straced } from '../support/strace.ts';

const kills = killsWanted(8, 8);

/** Takes a while to be zipped. */
function evidence() {
  const random = randomOf(7);
  const noise = Buffer.from(Uint8Array.from({ length: 3_000_000 }, () => random() * 256));
  const lines = Array.from({ length: 60_000 }, (_, line) => `${line} a line of a log, ${random()}\n`);
  return { Techsupport: noise, 'Logs/system.log': Buffer.from(lines.join('')) };
}

/** A run, and what its ZIP is when nothing disturbs it. */
async function undisturbed(
  replacements = {},
): Promise<CollectedRun & { whole: Record<string, string>; zippingMs: number }> {
  const collected = await collectedRun(replacements);
  const copy = collected.copy('undisturbed');
  const { code, stderr } = await copy.zip();
  const whole = zipsIn(copy.folder);
  expect(code).toBe(0);
  expect(Object.keys(whole)).toHaveLength(1);
  return { ...collected, whole, zippingMs: timeOf(stderr, 'step-ended') - timeOf(stderr, 'step-started') };
}

/** When the ZIP was begun, or was there. */
function timeOf(events: string, type: string): number {
  const line = events.split('\n').find((each) => each.includes(`"${type}"`) && each.includes('"zip"'));
  return Date.parse(JSON.parse(line ?? '{}').time);
}

/** Zips into the run, and into a folder that the operator names. */
async function zipTwice(copy: Copy, options?: Parameters<Copy['zip']>[1]) {
  const output = join(copy.state, 'output');
  mkdirSync(output, { recursive: true });
  return copy.zip(['-o', output], options);
}

/** Nothing half has a final name, and to run it again, as it was, is all there is to do. */
async function expectRepaired(copy: Copy, whole: Record<string, string>, how: string): Promise<void> {
  const [hash] = Object.values(whole);
  const left = [...Object.values(zipsIn(copy.folder)), ...Object.values(zipsIn(join(copy.state, 'output')))];
  expect(left, `${how}: ZIPs that are not whole`).toEqual(left.map(() => hash));
  const again = await zipTwice(copy);
  expect(again.code, `${how}: ${again.stderr}`).toBe(0);
  expect(zipsIn(copy.folder), `${how}: the ZIP afterwards`).toEqual(whole);
  expect(Object.values(zipsIn(join(copy.state, 'output'))), `${how}: its copies`).toContain(hash);
  expect(partialsIn(copy.state), `${how}: left half-written`).toEqual([]);
}

/** How often each step is taken when nothing disturbs it. */
async function stepsOf(copy: Copy): Promise<{ call: string; when: number }[]> {
  const log = join(copy.state, 'strace.txt');
  const { code } = await zipTwice(copy, straced(durableCalls, { log }));
  expect(code).toBe(0);
  const made = readFileSync(log, 'utf8');
  return durableCalls.flatMap((call) => {
    const count = made.match(new RegExp(`^\\d+ +${call}\\(`, 'gm'))?.length ?? 0;
    return Array.from({ length: count }, (_, index) => ({ call, when: index + 1 }));
  });
}

async function twoAtATime<T>(all: readonly T[], work: (one: T, index: number) => Promise<void>): Promise<void> {
  const rest = [...all.entries()];
  const worker = async () => {
    for (let next = rest.shift(); next !== undefined; next = rest.shift()) await work(next[1], next[0]);
  };
  await Promise.all([worker(), worker()]);
}

describe('a tool that is killed while it makes a bundle', () => {
  it('leaves nothing half, and makes the same bundle when it is run again (E03)', {
    timeout: 60_000 + kills * 6000,
  }, async () => {
    const { copy, whole, zippingMs } = await undisturbed(evidence());
    const random = randomOf(seed);
    let killed = 0;
    let halfWritten = 0;
    const one = async (name: string) => {
      const mine = copy(name);
      const afterMs = zippingMs * 1.3 * random();
      const { code } = await zipTwice(mine, {
        onStderr: (text, kill) => {
          if (text.includes('"step":"zip"')) setTimeout(() => kill('SIGKILL'), afterMs);
        },
      });
      if (code === null) killed++;
      halfWritten += partialsIn(mine.state).length;
      await expectRepaired(mine, whole, `seed ${seed}, ${name}`);
    };

    for (let round = 0; killed < kills; round++) await Promise.all([one(`a${round}`), one(`b${round}`)]);

    expect(halfWritten, `seed ${seed}: files that a kill struck half-written`).toBeGreaterThan(0);
  });

  it.skipIf(lacks('strace'))(
    'at every step that makes it last leaves nothing half (E03)',
    {
      timeout: 240_000,
    },
    async () => {
      const { copy, whole } = await undisturbed();
      const steps = await stepsOf(copy('counted'));

      await twoAtATime(steps, async ({ call, when }) => {
        const mine = copy(`${call}-${when}`);
        const { code } = await zipTwice(mine, straced([call], { inject: `${call}:signal=KILL:when=${when}` }));
        expect(code, `${call} ${when}: killed`).toBeNull();
        await expectRepaired(mine, whole, `${call} ${when}`);
      });

      expect(new Set(steps.map(({ call }) => call))).toEqual(new Set(durableCalls));
    },
  );
});

const diskErrors = { ENOSPC: 'is full', EIO: 'reports an error', EDQUOT: 'quota is used up', EROFS: 'is read-only' };

describe('a disk', () => {
  it.skipIf(lacks('strace'))(
    'that fails at any step is never believed, and all is well when it works again (E01, E02)',
    {
      timeout: 240_000,
    },
    async () => {
      const { copy, whole } = await undisturbed();
      const steps = (await stepsOf(copy('counted'))).filter(({ call }) => call !== 'unlink'); // which only tidies up
      let withoutPage = 0;

      await twoAtATime(steps, async ({ call, when }, index) => {
        const [error, meaning] = Object.entries(diskErrors)[index % 4] ?? ['', ''];
        const mine = copy(`${call}-${when}`);
        const failed = await zipTwice(mine, straced([call], { inject: `${call}:error=${error}:when=${when}` }));
        if (failed.stderr.includes('the page for the browser was not written')) {
          withoutPage++; // it goes without it, and says so
          expect([failed.code, failed.stderr]).toEqual([0, expect.stringContaining(meaning)]);
        } else {
          expect(failed.code, `${call} ${when} ${error}: ${failed.stderr}`).toBe(8);
          expect(failed.json().error).toMatchObject({ code: 'local-write', message: expect.stringContaining(meaning) });
        }
        await expectRepaired(mine, whole, `${call} ${when} ${error}`);
      });

      expect(withoutPage, 'steps of the page').toBeLessThan(steps.length / 2);
    },
  );

  it.skipIf(lacks('unshare'))(
    'that is full while a bundle is written costs nothing once there is room (E01)',
    {
      timeout: 60_000 + kills * 3000,
    },
    async () => {
      const { rig, run, copy, whole } = await undisturbed();
      const rooms = roomsUpTo(80, kills / 2);
      const codes: number[] = [];
      const said: string[] = [];

      await twoAtATime(rooms, async (room) => {
        const mine = copy(`room-${room}`);
        const disk = smallDisk(join(rig.folder, 'mock', `disk-${room}`), mine.state, room);
        const again = await mine.zip([], disk.options);
        const { code, stdout, stderr } = disk.first();
        codes.push(code);
        if (code !== 0) expect(JSON.parse(stdout).error, stderr).toMatchObject({ code: 'local-write' });
        if (code !== 0) said.push(JSON.parse(stdout).error.message);
        expect(Object.entries(whole), `${room} KiB`).toEqual(
          expect.arrayContaining(Object.entries(zipsIn(join(disk.full, 'icepack', 'runs', run)))),
        );
        expect(again.code, `${room} KiB: ${again.stderr}`).toBe(0);
        expect(zipsIn(join(disk.after, 'icepack', 'runs', run)), `${room} KiB`).toEqual(whole);
        expect(partialsIn(disk.full), `${room} KiB`).toEqual([]);
      });

      expect(new Set(codes)).toEqual(new Set([0, 8]));
      expect(said).toContainEqual(
        expect.stringMatching(/\.zip": the disk is full: \d+ k?B are free, the ZIP takes up to [\d.]+ kB$/),
      );
    },
  );

  it.skipIf(lacks('unshare', 'unzip'))(
    'that is full at any moment of the whole job makes one ticket in the end (E01)',
    {
      timeout: 60_000 + kills * 6000,
    },
    async () => {
      const rig = await startRig();
      const empty = join(rig.folder, 'mock', 'empty');
      mkdirSync(empty);
      const codes: number[] = [];

      await twoAtATime(roomsUpTo(160, kills / 2), async (room, index) => {
        const disk = smallDisk(join(rig.folder, 'mock', `disk-${room}`), empty, room);
        const at = new Date(Date.now() - (45 + index) * 60_000).toISOString();
        const words = ['--batch', '--at', at, '--reference', `room-${room}`, '--summary', 'x', '--severity', 'low'];
        const again = await runProgram(['collect', ...words, '--json', '--skip', 'techsupport'], {
          cwd: rig.folder,
          ...disk.options,
          env: { ...rig.env, ...disk.options.env },
        });
        const { code, stderr } = disk.first();
        codes.push(code);
        expect([0, 8], `${room} KiB: ${stderr}`).toContain(code);
        expectZipsWhole(disk.full);
        expect(partialsIn(disk.full), `${room} KiB`).toEqual([]);
        expect(again.json(), `${room} KiB: ${again.stderr}`).toMatchObject({ exitCode: 0, bundle: { attached: true } });
        const tickets = rig.mock.helpdesk?.tickets.filter(({ reference }) => reference === `room-${room}`) ?? [];
        expect(tickets, `${room} KiB`).toHaveLength(1);
        expect(tickets[0]?.files.map(({ name }) => name)).toContain(again.json().bundle.name);
      });

      expect(new Set(codes)).toEqual(new Set([0, 8]));
    },
  );
});

/** Room on a disk, in KiB, from nearly none to more than enough; pages have 4. */
function roomsUpTo(enough: number, count: number): number[] {
  const rooms = Array.from(
    { length: Math.ceil(count) },
    (_, index) => 4 * Math.ceil((enough / 4 / count) * (index + 1)),
  );
  return [...new Set([4, ...rooms, enough])];
}

function expectZipsWhole(state: string): void {
  const zips = readdirSync(state, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.zip'));
  for (const zip of zips) execFileSync(programPath('unzip'), ['-tq', join(state, zip)]);
}
