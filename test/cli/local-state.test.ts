import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { batch, binary, type Rig, startRig } from '../support/rig.ts';

const quick = ['collect', '--batch', '--at', '-45m', '--no-submit', '--only', 'vm'];

function stateOf(rig: Rig): string {
  return join(rig.folder, '.local', 'state', 'icepack');
}

/** A rig that has run once, so that there is a state. */
async function usedRig(): Promise<{ rig: Rig; run: string }> {
  const rig = await startRig();
  const { run } = (await rig.icepack([...quick, '--json'])).json();
  return { rig, run };
}

describe('a state folder', () => {
  it.each([
    0o750, 0o705, 0o720, 0o777,
  ])('that others may read or write is refused by every verb: %o (G03)', async (mode) => {
    const { rig, run } = await usedRig();
    chmodSync(stateOf(rig), mode);
    onTestFinished(() => chmodSync(stateOf(rig), 0o700));

    const verbs = [quick, ['runs'], ['resume', run, '--batch'], ['submit', run, '--batch']];
    const done = await Promise.all(verbs.map((args) => rig.icepack(args)));

    expect(done.map(({ code }) => code)).toEqual([8, 8, 8, 8]);
    for (const { stderr } of done) expect(stderr).toContain(`chmod 700 ${stateOf(rig)}`);
  });

  it('that others may write is told by doctor, which trusts no host key in it (G03)', async () => {
    const rig = await startRig();
    await rig.configure((document) => {
      delete document.appliances.ice01.cli.hostKey;
      delete document.appliances.ice01.hostOs.hostKey;
    });
    await rig.icepack(['doctor', '--pin']);
    chmodSync(stateOf(rig), 0o722);
    const before = rig.mock.appliances[0]?.logins.cli.length;

    const done = await rig.icepack(['doctor', '--json']);

    const failed = done.json().checks.filter(({ status }: { status: string }) => status === 'fail');
    expect(done.code).not.toBe(0);
    expect(failed.map(({ check }: { check: string }) => check)).toEqual(['state', 'state', 'state']);
    expect(rig.mock.appliances[0]?.logins.cli).toHaveLength(before ?? 0);
  });

  it('that is a link is refused, and nothing is written behind it (G03, G05)', async () => {
    const { rig } = await usedRig();
    const elsewhere = join(rig.folder, 'elsewhere');
    await rename(stateOf(rig), elsewhere);
    symlinkSync(elsewhere, stateOf(rig));
    const before = readdirSync(elsewhere, { recursive: true });

    const done = await rig.icepack(quick);

    expect(done.code).toBe(8);
    expect(done.stderr).toContain('is no folder');
    expect(readdirSync(elsewhere, { recursive: true })).toEqual(before);
  });

  it.skipIf(process.getuid?.() !== 0)('of another user is refused (G03)', async () => {
    const { rig } = await usedRig();
    chownSync(stateOf(rig), 12_345, 12_345);

    const done = await rig.icepack(quick);

    expect(done.code).toBe(8);
    expect(done.stderr).toContain('belongs to another user');
  });

  it.skipIf(process.getuid?.() !== 0)(
    'of another user takes no answer; the command for that user does (W89)',
    async () => {
      const rig = await startRig({ cluster: 'east' });
      const owner = 65_534;
      mkdirSync(join(stateOf(rig), 'watch', 'open'), { recursive: true, mode: 0o700 });
      chownSync(stateOf(rig), owner, owner);
      const said = [
        ['ack', 'I1', '--for', '2h', '--note', 'on my way'],
        ['resolved', 'I1', '--hours', '1'],
        ['maintenance', 'add', 'ice01', '--for', '1h', '--reason', 'disk'],
        ['maintenance', 'end', 'M1'],
        ['watch', 'status'],
        ['event', 'ice01', '--event', 'Fan', '--is', 'bad'],
      ];
      const done = await Promise.all(said.map((args) => rig.icepack(args)));
      const mail = await rig.icepack(['ack', '--mail', '-', '--json'], {
        input: 'From: kim@example.com\n\nack I1 q7mx\n',
      });

      expect(done.map(({ code }) => code)).toEqual(said.map(() => 8));
      expect(readdirSync(join(stateOf(rig), 'watch'), { recursive: true })).toEqual(['open']);
      for (const { stderr } of done)
        expect(stderr).toMatch(/belongs to another user\n.*sudo -u \S+ env XDG_STATE_HOME=/);
      expect([mail.code, mail.json().error.code]).toEqual([75, 'state-exposed']); // the mail server keeps it

      const shown = /sudo -u .*icepack maintenance add .*/.exec(done[2]?.stderr ?? '')?.[0] ?? '';
      const asOwner = `sudo() { chown 0:0 "$STATE"; shift 2; "$@"; }; icepack() { "$NODE" "$BINARY" "$@"; }; `;
      const programs = `env() { while [ "\${1#*=}" != "$1" ]; do export "$1"; shift; done; "$@"; }; `;
      const env = { PATH: rig.env['PATH'], STATE: stateOf(rig), NODE: process.execPath, BINARY: binary };
      execFileSync('/bin/sh', ['-c', asOwner + programs + shown], { env, cwd: rig.folder });
      expect(readdirSync(join(stateOf(rig), 'watch', 'maintenance'))).toEqual(['M1.json']);
    },
  );

  it('and all in it is its owner’s, also where the umask would keep out everybody (G04)', async () => {
    const rig = await startRig();
    const env = { NODE_OPTIONS: '--import=data:text/javascript,process.umask(0o777)' };

    const done = await rig.icepack(['collect', ...batch], { env });

    const entries = readdirSync(stateOf(rig), { recursive: true, withFileTypes: true });
    const modes = entries.map((entry) => {
      const mode = statSync(join(entry.parentPath, entry.name)).mode & 0o777;
      return `${entry.isDirectory() ? 'folder' : 'file'} ${mode.toString(8)}`;
    });
    expect(done.code).toBe(0);
    expect(new Set(modes)).toEqual(new Set(['folder 700', 'file 600']));
  });
});

describe('a link that was planted in the state folder', () => {
  /** A file beside it that must stay as it is. */
  function canaryOf(rig: Rig): string {
    const path = join(stateOf(rig), 'canary');
    writeFileSync(path, 'as it was', { mode: 0o600 });
    return path;
  }

  it('in the place of known_hosts is not written through (G05)', async () => {
    const rig = await startRig();
    await rig.configure((document) => {
      delete document.appliances.ice01.cli.hostKey;
      delete document.appliances.ice01.hostOs.hostKey;
    });
    mkdirSync(stateOf(rig), { recursive: true, mode: 0o700 });
    const canary = join(stateOf(rig), 'canary');
    writeFileSync(canary, '', { mode: 0o600 });
    symlinkSync(canary, join(stateOf(rig), 'known_hosts'));

    const done = await rig.icepack(['doctor', '--pin', '--json']);

    expect(done.code).not.toBe(0);
    expect(done.stdout).toContain('it is a link');
    expect(readFileSync(canary, 'utf8')).toBe('');
  });

  it.each([
    'manifest.json',
    'journal.jsonl',
  ])('in the place of %s leaves what it points to as it was (G05)', async (name) => {
    const { rig, run } = await usedRig();
    const canary = canaryOf(rig);
    const path = join(stateOf(rig), 'runs', run, name);
    await rename(path, `${path}.away`);
    symlinkSync(canary, path);

    const done = await rig.icepack(['submit', run, '--batch', '--summary', 'x', '--severity', 'low']);

    expect(done.code).toBe(8);
    expect(readFileSync(canary, 'utf8')).toBe('as it was');
    expect(rig.mock.helpdesk?.tickets).toEqual([]);
  });

  it('in the place of the folder of a run, or of all runs, leads nowhere (G05)', async () => {
    const { rig, run } = await usedRig();
    const runs = join(stateOf(rig), 'runs');
    const elsewhere = join(stateOf(rig), 'elsewhere');
    await rename(join(runs, run), elsewhere);
    symlinkSync(elsewhere, join(runs, run));
    const one = await rig.icepack(['submit', run, '--batch', '--summary', 'x', '--severity', 'low']);
    await rename(runs, `${runs}-away`);
    symlinkSync(`${runs}-away`, runs);

    const all = await rig.icepack(quick);

    expect(one.code).toBe(2);
    expect(one.stderr).toContain('there is no run');
    expect(all.code).toBe(8);
    expect(readdirSync(`${runs}-away`)).toEqual([run]);
  });
});
