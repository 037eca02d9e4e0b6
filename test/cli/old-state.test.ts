import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { partialName } from '../../src/fs/partials.ts';
import { roomIn } from '../../src/state/machine.ts';
import { editJournal } from '../support/journal.ts';
import { lacks, privateMounts, programPath } from '../support/requirements.ts';
import { batch, binary, type Rig, startRig } from '../support/rig.ts';

const quick = ['collect', '--batch', '--at', '-45m', '--no-submit', '--only', 'vm'];

function stateOf(rig: Rig): string {
  return join(rig.folder, '.local', 'state', 'icepack');
}

describe('what is old', () => {
  it('is deleted where it is a run of ours: links and what is no run stay, and what they point to (G17)', async () => {
    const rig = await startRig();
    const { run } = (await rig.icepack([...quick, '--json'])).json();
    const runs = join(stateOf(rig), 'runs');
    const old = join(runs, '20200101-0000-done-aaaa');
    cpSync(join(runs, run), old, { recursive: true });
    editJournal(join(old, 'journal.jsonl'), (text) => text.replaceAll(/"at":"\d{4}/g, '"at":"2020'));
    const canary = join(rig.folder, 'mock', 'canary');
    mkdirSync(canary);
    writeFileSync(join(canary, 'file'), 'as it was');
    symlinkSync(canary, join(old, 'staging', 'link'));
    symlinkSync(canary, join(runs, '20200102-0000-link-aaaa'));
    mkdirSync(join(runs, 'something'), { mode: 0o700 });
    writeFileSync(join(runs, '20200103-0000-file-aaaa'), '', { mode: 0o600 });

    const done = await rig.icepack(quick);

    const left = readdirSync(runs);
    expect(done.stderr).toContain('deleted 1 old run');
    expect(left).toEqual(
      expect.arrayContaining([run, 'something', '20200102-0000-link-aaaa', '20200103-0000-file-aaaa']),
    );
    expect(left).not.toContain('20200101-0000-done-aaaa');
    expect(readFileSync(join(canary, 'file'), 'utf8')).toBe('as it was');
  });

  it('is swept where a killed process had begun to write it, and nothing else (G17)', async () => {
    const rig = await startRig();
    const { run } = (await rig.icepack([...quick, '--json'])).json();
    const folder = join(stateOf(rig), 'runs', run);
    const ofAlive = partialName();
    const ofDead = partialName().replace(`-${process.pid}-`, '-99999999-'); // more than the system ever gives
    const ofElsewhere = ofDead.replace(/^\.[0-9a-f]{8}/, '.00000000');
    for (const name of [ofAlive, ofDead, ofElsewhere, 'mine.partial'])
      writeFileSync(join(folder, name), '', { mode: 0o600 });

    await rig.icepack(['submit', run, '--batch', '--summary', 'x', '--severity', 'low']);

    const partials = readdirSync(folder).filter((name) => name.endsWith('.partial'));
    expect(partials.sort()).toEqual([ofAlive, ofElsewhere, 'mine.partial'].sort());
  });
});

describe('a clock that was set', () => {
  /** The program, on a machine whose clock is off by so much. */
  const offBy = (ms: number) => ({
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(
      `const D=Date;globalThis.Date=class extends D{constructor(...a){super(...(a.length?a:[D.now()+${ms}]))}static now(){return D.now()+${ms}}}`,
    )}`,
  });
  const yearMs = 366 * 86_400_000;

  it.each([
    ['back by a year', -yearMs],
    ['forward by a year', yearMs],
  ])('%s takes nothing from a run that owes its ticket, and it goes there once (G11)', async (_what, ms) => {
    const rig = await startRig();
    let url = '';
    await rig.configure((document) => {
      url = document.helpdesk.url;
      document.helpdesk.url = 'http://127.0.0.1:1/api/v1';
    });
    const { run } = (await rig.icepack(['collect', ...batch, '--only', 'cli', '--json'])).json();
    await rig.configure((document) => {
      document.helpdesk.url = url;
    });
    const env = offBy(ms);

    const other = await rig.icepack(quick, { env });
    const done = await rig.icepack(['resume', run, '--batch', '--json'], { env });
    const again = await rig.icepack(['resume', run, '--batch', '--json']);

    expect(other.code, other.stderr).toBe(0);
    expect(done.json(), done.stderr).toMatchObject({ exitCode: 0, bundle: { attached: true } });
    expect(again.json().error.code).toBe('nothing-owed');
    expect(rig.mock.helpdesk?.tickets.map(({ files }) => files.length)).toEqual([1]);
  });
});

describe('doctor', () => {
  it.skipIf(lacks('unshare'))('warns of a state folder that does not outlive a restart (G16)', async () => {
    const rig = await startRig();
    const state = join(rig.folder, 'mock', 'memory');
    mkdirSync(state);
    const script = 'mount -t tmpfs none "$1" && XDG_STATE_HOME="$1" exec "$2" "$3" doctor --json';
    const args = [...privateMounts(), 'sh', '-c', script, 'sh', state, process.execPath, binary];

    const { stdout } = await promisify(execFile)(programPath('unshare'), args, { env: rig.env });

    const { checks } = JSON.parse(stdout);
    expect(checks).toContainEqual(
      expect.objectContaining({ check: 'state', status: 'warn', text: expect.stringContaining('tmpfs keeps nothing') }),
    );
  });

  it.each([
    [0x6969, 'NFS'],
    [0xfe534d42, 'SMB'],
    [0xfe534d42 | 0, 'SMB'],
    [0x65735546, 'FUSE'],
    [0xef53, undefined],
    [0x794c7630, undefined],
  ])('knows file systems by their number: %i is %s (G16)', (type, name) => {
    const { doubt } = roomIn({ type, bavail: 1, bsize: 1 });

    expect(doubt?.split(' ')[0]).toBe(name);
  });
});
