import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lacks } from '../support/requirements.ts';
import { type Rig, runProgram, startRig } from '../support/rig.ts';
import { smallDisk } from '../support/small-disk.ts';

const minutesAgo45 = new Date(Date.now() - 45 * 60_000).toISOString();
const call = ['collect', '--batch', '--at', minutesAgo45, '--summary', 'x', '--severity', 'low', '--json'];

/** Collects on a disk with so much room, then on the same one with more. */
async function onSmallDisk(rig: Rig, roomKib: number) {
  const empty = join(rig.folder, 'mock', 'empty');
  mkdirSync(empty);
  const disk = smallDisk(join(rig.folder, 'mock', 'disk'), empty, roomKib);
  const env = { ...rig.env, ...disk.options.env };
  let before: { comments: string[]; files: string[] } | undefined;
  const again = await runProgram(call, {
    cwd: rig.folder,
    ...disk.options,
    env,
    onStderr: () => {
      before ??= seen(rig);
    },
  });
  const { code, stdout } = disk.first();
  return { first: { code, ...JSON.parse(stdout) }, before, again };
}

function seen(rig: Rig) {
  const [ticket] = rig.mock.helpdesk?.tickets ?? [];
  return {
    comments: ticket?.comments.map(({ body }) => body) ?? [],
    files: ticket?.files.map(({ name }) => name) ?? [],
  };
}

describe.skipIf(lacks('unshare'))('a disk that is full while evidence is collected', () => {
  it('costs what did not fit: the ticket gets the rest at once (field-F14)', async () => {
    const rig = await startRig({ techsupport: { durationMs: 0, bytes: 7_000_000 } });

    const { first, before, again } = await onSmallDisk(rig, 5000);

    expect(first).toMatchObject({
      code: 8,
      ticket: { key: 'TIC-1001' },
      bundle: { attached: true },
      error: { code: 'local-write', message: expect.stringContaining('the disk is full') },
    });
    expect(first.next[0]).toBe(`icepack resume ${first.run}`);
    expect(before?.files).toEqual([first.bundle.name]);
    expect(again.json()).toMatchObject({ exitCode: 0, ticket: { key: 'TIC-1001' }, bundle: { attached: true } });
    expect(rig.mock.helpdesk?.tickets).toHaveLength(1);
    expect(again.stderr).not.toContain('too little room');
  });

  it('and too full for the ZIP: the ticket alone, which says so (field-F14)', async () => {
    const rig = await startRig({ techsupport: { durationMs: 0, bytes: 3_000_000 } });

    const { first, before, again } = await onSmallDisk(rig, 5000);

    expect(first).toMatchObject({ code: 8, ticket: { key: 'TIC-1001' }, bundle: null });
    expect(first.next[0]).toBe(`icepack resume ${first.run}`);
    expect(before?.comments).toEqual([expect.stringContaining('the disk of the collecting machine is full')]);
    expect(again.json()).toMatchObject({ exitCode: 0, ticket: { key: 'TIC-1001' }, bundle: { attached: true } });
    expect(rig.mock.helpdesk?.tickets).toHaveLength(1);
  });
});

it.skipIf(lacks('unshare'))(
  'less room than the last run took is said before anything is fetched (field-F14)',
  async () => {
    const rig = await startRig({ techsupport: { durationMs: 0, bytes: 3_000_000 } });
    const large = await rig.icepack(call);
    const disk = smallDisk(join(rig.folder, 'mock', 'disk'), join(rig.folder, '.local', 'state'), 5000);

    await runProgram(call, { cwd: rig.folder, ...disk.options, env: { ...rig.env, ...disk.options.env } });

    const said = disk.first().stderr;
    expect(large.stderr).not.toContain('too little room');
    expect(said).toMatch(/too little room: [\d.]+ MB can be used at .* run \S+ of these servers took 6(?:\.\d)? MB/);
    expect(said.indexOf('too little room')).toBeLessThan(said.indexOf('"run-started"'));
  },
);

it.skipIf(lacks('unshare'))(
  'a disk that is too full for the ZIP of a portal leaves the texts, and says what is kept where, and what to type',
  async () => {
    const rig = await startRig({ techsupport: { durationMs: 0, bytes: 3_000_000 } });
    await rig.configure((document) => {
      document.helpdesk = { provider: 'portal', url: 'https://portal.example.com/' };
    });
    const empty = join(rig.folder, 'mock', 'empty');
    mkdirSync(empty);
    const disk = smallDisk(join(rig.folder, 'mock', 'disk'), empty, 5000);
    const env = { ...rig.env, ...disk.options.env };
    const forPeople = call.filter((word) => word !== '--json');

    await runProgram(forPeople, { cwd: rig.folder, ...disk.options, env });

    const { code, stdout } = disk.first();
    const [, folder = '', run] = /What was collected is kept: (\/.*\/(\S+))$/m.exec(stdout) ?? [];
    expect(code).toBe(8);
    expect(stdout).toContain('the disk is full');
    expect(stdout).toContain(`Texts for the web form: ${folder}/portal\n`);
    expect(stdout).toContain(`Next: icepack submit ${run} --ticket NUMBER`);
    expect(stdout).not.toContain('\n\n\n');
    expect(readdirSync(join(disk.full, 'icepack', 'runs', `${run}`))).toEqual(
      expect.arrayContaining(['portal', 'staging', 'manifest.json']),
    );
  },
);
