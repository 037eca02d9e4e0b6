import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Item } from '../../src/domain/manifest.ts';
import { type Rig, startRig, startRun, until } from '../support/rig.ts';
import { capturesIn, ringOf, techsupportOn, timer, wholeCaptures } from '../support/ring.ts';

const collect = ['collect', '--batch', '--no-submit', '--skip', 'logs,config', '--json', '--at', '-20m'];
const whole = ['cli ok', 'techsupport ok', 'vm ok'];

/** The evidence of a bundle but for captures: what it is, and whether it is whole. */
function evidenceOf(items: readonly Item[]): string[] {
  return items
    .filter(({ status, path }) => status !== 'skipped' && !path.includes('/precapture_'))
    .map(({ collector, status }) => `${collector} ${status}`)
    .sort();
}

function noteOf(rig: Rig): string {
  const path = join(ringOf(rig), 'at-work.json');
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

/** Has the first request of a kind for the techsupport file wait. */
function holdTechsupport(rig: Rig, kind: 'read' | 'remove') {
  const held: { isReached: boolean; release: () => void } = { isReached: false, release: () => undefined };
  const released = new Promise<void>((resolve) => {
    held.release = resolve;
  });
  const tree = rig.mock.appliances[0]?.trees.cli;
  if (tree !== undefined)
    tree.gate = async (request, path) => {
      if (request !== kind || !path.endsWith('.tsf')) return;
      held.isReached = true;
      await released;
    };
  return held;
}

/** Has a command never answer, and notes when it is asked. */
function hangAt(replies: Record<string, string>, command: string) {
  const asked = { isReached: false };
  Object.defineProperty(replies, command, {
    ...{ configurable: true, enumerable: true },
    get() {
      asked.isReached = true;
      return 'hang';
    },
  });
  return asked;
}

/** No capture says that it is at work, nobody wants the server, and the kernel holds no lock of its captures. */
function expectNothingHeld(rig: Rig): void {
  expect(readdirSync(ringOf(rig)).filter((name) => !/^\d/.test(name))).toEqual([]);
  const state = join(rig.folder, '.local', 'state', 'icepack');
  const lock = createHash('sha256').update(`${state} capture ice01`).digest('hex').slice(0, 16);
  expect(readFileSync('/proc/net/unix', 'utf8')).not.toContain(`-${lock}`);
}

describe('a capture that a run meets before techsupport gives way at once, and the bundle is whole (Q01)', () => {
  it.each([
    ['while it looks at the load', 'hostOs', 'cat /proc/loadavg'],
    ['while it asks for the clock and the virtual machine', 'hostOs', "date '+icepack-clock"],
    ['in the middle of a CLI command', 'cli', 'log -status'],
  ] as const)('%s', async (_when, face, command) => {
    const hostReplies: Record<string, string> = {};
    const rig = await startRig({ hostReplies });
    const replies: Record<string, string> = face === 'cli' ? rig.replies : hostReplies;
    const asked = hangAt(replies, command);
    const capture = startRun(rig, timer);
    await until(() => asked.isReached);
    delete replies[command];

    const done = await rig.icepack(collect);
    const captured = await capture.ended;

    expect([done.code, captured.code], done.stderr).toEqual([0, 0]);
    expect(captured.stdout + captured.stderr).toBe('');
    expect(evidenceOf(done.json().servers[0].items)).toEqual(whole);
    expect(capturesIn(rig)).toEqual([]);
    expect(techsupportOn(rig)).toEqual([]);
    expectNothingHeld(rig);
  });
});

describe('a capture that a run meets in techsupport hands it over, and says so before it is done (Q01)', () => {
  it.each([
    ['while bytes of its file come', 'read'],
    ['while its file is removed from the server', 'remove'],
  ] as const)('%s', async (_when, kind) => {
    const rig = await startRig();
    const held = holdTechsupport(rig, kind);
    const capture = startRun(rig, timer);
    await until(() => held.isReached);

    const collecting = startRun(rig, collect);
    await until(() => noteOf(rig).includes('handsOver') && collecting.said().includes('it is waited for'));
    held.release();
    const [done, captured] = await Promise.all([collecting.ended, capture.ended]);

    const items: Item[] = done.json().servers[0].items;
    expect([done.code, captured.code], done.stderr).toEqual([0, 0]);
    expect(captured.stdout + captured.stderr).toBe('');
    expect(evidenceOf(items)).toEqual(whole);
    expect(items.flatMap(({ collector, capture }) => (capture ? [[collector, capture.id]] : []))).toEqual([
      ['techsupport', capturesIn(rig)[0]], // and not a second time, as a capture after the event
    ]);
    expect(wholeCaptures(ringOf(rig))).toHaveLength(1);
    expect(techsupportOn(rig)).toEqual([]);
    expectNothingHeld(rig);
  });
});

describe.skipIf(process.platform !== 'linux')('beside a capture that is at work (Q03)', () => {
  it('doctor, submit and resume do what they do, and nothing stays locked', async () => {
    const rig = await startRig({ replies: { 'log -status': 'cut' } });
    const [first, second] = [await rig.icepack(collect), await rig.icepack([...collect.slice(0, -1), '-15m'])];
    delete rig.replies['log -status'];
    const held = holdTechsupport(rig, 'read');
    const capture = startRun(rig, timer);
    await until(() => held.isReached);

    const doctor = await rig.icepack(['doctor', '--batch']);
    const said = ['--batch', '--summary', 'x', '--severity', 'low', '--json'];
    const submitted = await rig.icepack(['submit', first.json().run, ...said]);
    const resumed = await rig.icepack(['resume', second.json().run, '--batch', '--json']);
    const still = noteOf(rig);
    held.release();
    const captured = await capture.ended;

    expect(doctor.code, doctor.stdout).toBe(0);
    expect(doctor.stdout).not.toMatch(/left by capture|not of icepack/);
    expect(submitted.json()).toMatchObject({ exitCode: 3, bundle: { attached: true } });
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(still).toContain('handsOver');
    expect(captured).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(wholeCaptures(ringOf(rig))).toHaveLength(1);
    expectNothingHeld(rig);
  });
});
