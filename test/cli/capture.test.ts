import { execFile, execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { bufferFile } from '../../src/mock/files.ts';
import { lacks, programPath } from '../support/requirements.ts';
import { binary, type Rig, startRig, startRun, until } from '../support/rig.ts';
import { age, capturesIn, recordOf, ringOf, techsupportOn, timer } from '../support/ring.ts';
import { openTerminal } from '../support/terminal.ts';

const hour = 3_600_000;
const silence = { stdout: '', stderr: '' };

/** Has what was told last be so long ago. */
function toldAgo(rig: Rig, ms: number): void {
  const path = join(ringOf(rig), 'standing.json');
  const toldAt = new Date(Date.now() - ms).toISOString();
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), toldAt }));
}

describe('a capture', () => {
  it('is silent, whole and private, and leaves nothing on the server', async () => {
    const rig = await startRig({ appliances: 2, cluster: 'east' });

    const done = await rig.icepack(timer);

    expect(done).toMatchObject({ code: 0, ...silence });
    const [id = ''] = capturesIn(rig);
    expect(id).toMatch(/^000001-\d{8}T\d{4}Z$/);
    expect(readdirSync(join(ringOf(rig), id)).sort()).toEqual(['CLI', 'Techsupport', 'VM', 'capture.json']);
    const { items, server } = recordOf(rig, id);
    expect(server).toMatchObject({ name: 'ice01', address: '127.0.0.1' });
    expect(items.map(({ collector, status }) => `${collector} ${status}`)).toEqual([
      'vm ok',
      'cli ok',
      'techsupport ok',
    ]);
    expect(techsupportOn(rig)).toEqual([]);
    expect(readdirSync(ringOf(rig)).sort()).toEqual([id]);
    expect(capturesIn(rig, 'ice02')).toHaveLength(1);
  });

  it('that comes too early does nothing: two timers, or an hour that comes twice, make no doubles (Q03, Q10)', async () => {
    const rig = await startRig({ techsupport: { durationMs: 1000, bytes: 20_000 } });

    const both = await Promise.all([rig.icepack(timer), rig.icepack(timer)]);
    const soon = await rig.icepack(timer);
    age(rig, hour);
    const due = await rig.icepack(timer);

    expect([...both, soon, due].map(({ code, stderr }) => [code, stderr])).toEqual(Array(4).fill([0, '']));
    expect(capturesIn(rig)).toHaveLength(2);
    expect(readdirSync(ringOf(rig)).filter((name) => name.endsWith('.json'))).toEqual([]);
  });

  it('that was killed leaves nothing under a final name; the next one clears the server and the ring (Q02)', async () => {
    const rig = await startRig({ replies: { techsupport: 'hang' } });
    const killed = startRun(rig, timer);
    await until(() => existsSync(ringOf(rig)) && readdirSync(ringOf(rig)).some((name) => holdsJournal(rig, name)));
    killed.kill('SIGKILL');
    await killed.ended;
    expect(capturesIn(rig)).toEqual([]);
    const left = bufferFile(Buffer.from('made although nobody listens'), Date.now());
    rig.mock.appliances[0]?.trees.cli.files.set('techsupport/techsupport_left.tsf', left);
    delete rig.replies['techsupport'];

    const leftovers = await rig.icepack(['doctor', '--batch']);
    const next = await rig.icepack(timer);

    expect(leftovers.stdout).toContain('left by capture 000001');
    expect(next).toMatchObject({ code: 0, ...silence });
    expect(techsupportOn(rig)).toEqual([]);
    expect(capturesIn(rig)).toHaveLength(1);
    expect(readdirSync(ringOf(rig)).filter((name) => name.endsWith('.partial'))).toEqual([]);
  });

  it('of a server that is down is told once, once a day, and when it works again (Q05)', async () => {
    const rig = await startRig();
    const portIs = (port: number | undefined) =>
      rig.configure((document) => {
        const { appliances } = rig.mock.announcement;
        document.appliances.ice01.cli.port = port ?? appliances[0]?.cli.port;
        document.appliances.ice01.hostOs.port = port ?? appliances[0]?.hostOs.port;
      });
    await rig.icepack(timer);
    age(rig, hour);
    await portIs(1);

    const first = await rig.icepack(timer);
    const second = await rig.icepack(timer);
    const listed = await rig.icepack(['captures']);
    toldAgo(rig, 24 * hour);
    const nextDay = await rig.icepack(timer);
    await portIs(undefined);
    const mended = await rig.icepack(timer);

    expect(first).toMatchObject({ code: 5, stdout: '' });
    expect(first.stderr).toMatch(/^icepack: no capture of ICE01 since \d{4}-\d\d-\d\d \d\d:\d\d: /);
    expect(first.stderr).toMatch(/The ring of ICE01 holds 1 capture, .*You hear of it again in a day/);
    expect(first.stderr).toContain('→ icepack doctor ice01');
    expect(second).toMatchObject({ code: 5, ...silence });
    expect(listed.stdout).toMatch(/^ICE01 {2}1 capture .*\n {2}✗ failing since/);
    expect(nextDay).toMatchObject({ code: 5, stderr: first.stderr });
    expect(mended).toMatchObject({ code: 0, stdout: '' });
    expect(mended.stderr).toMatch(/^icepack: captures of ICE01 work again/);
  });

  it('tries a password that was refused not again until it was changed (Q05)', async () => {
    const rig = await startRig();
    const passwordsAre = (cli: string, hostOs: string) => {
      writeFileSync(join(rig.folder, 'mock', 'cli.secret'), `${cli}\n`);
      writeFileSync(join(rig.folder, 'mock', 'hostOs.secret'), `${hostOs}\n`);
    };
    const tries = () =>
      (rig.mock.appliances[0]?.logins.cli.length ?? 0) + (rig.mock.appliances[0]?.logins.hostOs.length ?? 0);
    passwordsAre('wrong-canary-1', 'wrong-canary-2');

    const first = await rig.icepack(timer);
    const tried = tries();
    const second = await rig.icepack(timer);
    const triedAgain = tries() - tried;
    passwordsAre('cli-canary-pw-1', 'host-canary-pw-2');
    const mended = await rig.icepack(timer);

    expect([first.code, second.code, mended.code]).toEqual([5, 5, 0]);
    expect(tried).toBeGreaterThan(0);
    expect(triedAgain).toBe(0);
    expect(second).toMatchObject(silence);
  });

  it('is skipped where the server is loaded, or somebody runs techsupport there; the third time is told (Q09)', async () => {
    const looks = { load: '9.10 8.00 7.00 3/400 4711\n4\nicepack-then\nicepack-then\n' };
    const hostReplies = { 'cat /proc/loadavg': looks.load };
    const rig = await startRig({ hostReplies });

    const runs = [await rig.icepack(timer), await rig.icepack(timer), await rig.icepack(timer)];
    hostReplies['cat /proc/loadavg'] = '0.10 8.00 7.00 3/400 4711\n4\nicepack-then\nicepack-then\n4711\n';
    const foreign = await rig.icepack([...timer, '--verbose']);
    hostReplies['cat /proc/loadavg'] = '0.10 8.00 7.00 3/400 4711\n4\nicepack-then\nicepack-then\n';
    const well = await rig.icepack(timer);

    expect(runs.map(({ code }) => code)).toEqual([0, 0, 3]);
    expect(runs.slice(0, 2)).toMatchObject([silence, silence]);
    expect(runs[2]?.stderr).toMatch(/^icepack: ICE01 was skipped 3 times in a row: its load is 9.10 on 4 cores/);
    expect(foreign.stderr).toContain('somebody runs techsupport there');
    expect(well.stderr).toContain('work again');
  });

  it('is skipped where the disk of the server is short, and where this machine has no room for another one (Q09, Q06)', async () => {
    const space =
      'Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/sda1 5000000 4000000 1000000 80% /\n';
    const looks = '0.10 8.00 7.00 3/400 4711\n4\nicepack-then\n';
    const hostReplies = { 'cat /proc/loadavg': `${looks}${space}icepack-then\n` };
    const rig = await startRig({ hostReplies });

    const short = await rig.icepack([...timer, '--verbose']);
    hostReplies['cat /proc/loadavg'] = `${looks}icepack-then\n`;
    await rig.icepack(timer);
    age(rig, hour);
    const [id = ''] = capturesIn(rig);
    truncateSync(join(ringOf(rig), id, recordOf(rig, id).items.at(-1)?.path ?? ''), 8e12); // sparse: it takes no room
    const narrow = await rig.icepack([...timer, '--verbose']);

    expect([short.code, narrow.code]).toEqual([0, 0]);
    expect(short.stderr).toContain('are free on its host OS, less than 2.00 GB (captures.skip.freeDisk)');
    expect(narrow.stderr).toContain('this machine has no room for it');
    expect(capturesIn(rig)).toEqual([id]);
  });

  it('without techsupport is none, with exit code 4; without the CLI output it is one, with exit code 3', async () => {
    const rig = await startRig({ replies: { techsupport: 'Technical Support is busy\n' } });

    const none = await rig.icepack(timer);
    const kept = capturesIn(rig);
    delete rig.replies['techsupport'];
    rig.replies['log -status'] = 'cut';
    const less = await rig.icepack([...timer, '--verbose']);

    expect(none).toMatchObject({ code: 4, stdout: '' });
    expect(none.stderr).toMatch(/^icepack: no capture of ICE01 since .*: no techsupport: techsupport made no file/);
    expect(kept).toEqual([]);
    expect(less.code, less.stderr).toBe(3);
    expect(less.stderr).toContain('without CLI/transcript.txt');
    expect(capturesIn(rig)).toHaveLength(1);
  });

  it('masks secrets in texts on the way in (Q11)', async () => {
    const rig = await startRig({ replies: { 'log -status': 'password=hunter2-canary\n' } });

    await rig.icepack(timer);

    const [id = ''] = capturesIn(rig);
    const text = readFileSync(join(ringOf(rig), id, 'CLI', 'transcript.txt'), 'utf8');
    expect(text).toContain('<redacted:');
    expect(text).not.toContain('hunter2-canary');
  });

  it('touches nothing foreign in the ring and follows no link; doctor names them (Q06)', async () => {
    const rig = await startRig();
    const elsewhere = join(rig.folder, 'mock', 'elsewhere');
    mkdirSync(join(elsewhere, '000009-20200101T0000Z'), { recursive: true });
    mkdirSync(ringOf(rig), { recursive: true, mode: 0o700 });
    writeFileSync(join(ringOf(rig), 'notes.txt'), 'mine\n', { mode: 0o600 });
    symlinkSync(elsewhere, join(ringOf(rig), '000003-20200101T0000Z'));
    await rig.configure((document) => {
      document.captures = { keep: 1, daily: 0, maxAge: '1h' };
    });

    for (let count = 0; count < 3; count++) {
      await rig.icepack(timer);
      age(rig, 2 * hour);
    }
    const doctor = await rig.icepack(['doctor', '--batch']);

    expect(readFileSync(join(ringOf(rig), 'notes.txt'), 'utf8')).toBe('mine\n');
    expect(lstatSync(join(ringOf(rig), '000003-20200101T0000Z')).isSymbolicLink()).toBe(true);
    expect(readdirSync(elsewhere)).toEqual(['000009-20200101T0000Z']);
    expect(capturesIn(rig).filter((id) => !id.startsWith('000003-2020'))).toHaveLength(1);
    expect(doctor.stdout).toMatch(/notes\.txt.* not of icepack/);
    expect(doctor.stdout).toMatch(/000003-20200101T0000Z.* not of icepack/);
  });

  it('that does not end is named with its process after one distance, with exit code 9', async () => {
    const rig = await startRig({ techsupport: { durationMs: 2500, bytes: 20_000 } });
    const hanging = startRun(rig, timer);
    await until(() => existsSync(join(ringOf(rig), 'at-work.json')));
    const path = join(ringOf(rig), 'at-work.json');
    const note = JSON.parse(readFileSync(path, 'utf8'));
    writeFileSync(path, JSON.stringify({ ...note, since: new Date(Date.now() - 2 * hour).toISOString() }));

    const other = await rig.icepack(timer);
    await hanging.ended;

    expect(other).toMatchObject({ code: 9, stdout: '' });
    expect(other.stderr).toContain(`kill ${note.process.pid}`);
  });

  it('whose standing this machine cannot note costs the other servers nothing, and ends with exit code 8 (Q02)', async () => {
    const rig = await startRig({ appliances: 3, cluster: 'east' });
    await rig.configure((document) => {
      for (const [at, name] of ['ice01', 'ice02'].entries())
        for (const face of ['cli', 'hostOs']) document.appliances[name][face].port = at + 1; // nobody listens there
    });
    for (const name of ['ice01', 'ice02'])
      mkdirSync(join(ringOf(rig, name), 'standing.json'), { recursive: true, mode: 0o700 });

    const done = await rig.icepack(timer);

    expect(done.code, done.stderr).toBe(8);
    expect(done.stderr).toMatch(/^icepack: no capture of ICE01 since /);
    expect(done.stderr).toContain('no capture of ICE02 since');
    expect(done.stderr).toContain('Captured: ICE03.');
    expect(capturesIn(rig, 'ice03')).toHaveLength(1);
  });

  it('has one document with --json', async () => {
    const rig = await startRig();

    const done = await rig.icepack([...timer, '--json']);
    const listed = await rig.icepack(['captures', '--json']);

    expect(done.json()).toMatchObject({
      verb: 'capture',
      exitCode: 0,
      captures: [{ server: 'ice01', kind: 'captured' }],
    });
    expect(listed.json()).toMatchObject({
      rings: [{ server: 'ice01', health: 'well', captures: [{ items: [{}, {}, {}] }] }],
    });
  });
});

describe('a capture that begins later', () => {
  const soon = ['capture', '--all', '--batch', '--jitter', '1s'];

  it('says once, to who looks on, how long it waits; cron hears nothing, and a log file has it', async () => {
    const rig = await startRig();
    const log = join(rig.folder, 'log.jsonl');
    const words = /ice01 begins in \d+(?:\.\d)? s \(captures\.jitter\); at once with --jitter 0/g;

    const quiet = await rig.icepack([...soon, '--log-file', log]);
    const verbose = await rig.icepack([...soon, '--verbose']);
    const document = await rig.icepack([...soon.slice(0, -1), '0', '--verbose']);

    expect(quiet).toMatchObject({ code: 0, ...silence });
    expect(readFileSync(log, 'utf8').match(words)).toHaveLength(1);
    expect(verbose.stderr.match(words)).toHaveLength(1);
    expect(document.stderr).not.toMatch(words);
  });

  it.skipIf(lacks('tmux'))('says it at a terminal where nothing is asked', async () => {
    const rig = await startRig();
    const terminal = openTerminal(['capture', '--all', '--batch', '--jitter', '1s'], rig.env);

    await terminal.shows('ended with 0');

    expect(terminal.screen()).toContain('ice01 begins in ');
  });
});

/** Whether a capture has noted what it is about to make at the server; the file is there before its first line. */
function holdsJournal(rig: Rig, name: string): boolean {
  const path = join(ringOf(rig), name, 'journal.jsonl');
  return name.endsWith('.partial') && existsSync(path) && readFileSync(path, 'utf8').endsWith('\n');
}

describe('schedule', () => {
  it('prints a line that works from cron: no environment, cwd /, any umask (Q04)', async () => {
    const rig = await startRig();
    await rig.configure((document) => {
      document.captures = { jitter: '0s' };
    });
    const { stdout } = await rig.icepack(['schedule', '--print', 'cron']);
    const line = stdout.split('\n').find((each) => /^\d/.test(each)) ?? '';
    const command = line.replace(/^(?:\S+ +){5}/, '').replaceAll('\\%', '%');

    const words = ['-i', `HOME=${rig.folder}`, 'LANG=C', '/bin/sh', '-c', `umask 000; ${command}`];
    const said = await promisify(execFile)('env', words, { cwd: '/' });

    expect(said).toEqual(silence); // another exit code than 0 is thrown
    expect(capturesIn(rig)).toHaveLength(1);
    const [id = ''] = capturesIn(rig);
    expect(statSync(join(ringOf(rig), id)).mode & 0o777).toBe(0o700);
    expect(statSync(join(ringOf(rig), id, 'capture.json')).mode & 0o777).toBe(0o600);
    expect(stdout).toContain('MAILTO=kim@example.com');
  });

  it.skipIf(!othersMayRun())('works for a user without a home, or names what to set (Q04)', async () => {
    const rig = await startRig();
    await rig.configure((document) => {
      document.captures = { jitter: '0s' };
    });
    const state = join(rig.folder, 'state');
    mkdirSync(state);
    execFileSync('chown', ['-R', '65534:65534', rig.folder]);
    const as = ['--reuid', '65534', '--regid', '65534', '--clear-groups', 'env', '-i', `ICEPACK_CONFIG=${rig.config}`];
    const run = (...env: string[]) =>
      promisify(execFile)('setpriv', [...as, ...env, process.execPath, binary, ...timer], { cwd: '/' }).then(
        (said) => ({ code: 0, ...said }),
        (failed: { code: number; stdout: string; stderr: string }) => failed,
      );

    const without = await run();
    const done = await run(`XDG_STATE_HOME=${state}`);

    expect(without).toMatchObject({ code: 2, stdout: '' });
    expect(without.stderr).toContain('XDG_STATE_HOME');
    expect(done).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(readdirSync(join(state, 'icepack', 'captures', 'ice01')).length).toBeGreaterThan(0);
  });

  it('says which logins cannot be made there, and capture names the line that is missing (Q04)', async () => {
    const rig = await startRig();
    await rig.configure((document) => {
      delete document.appliances.ice01.cli.password;
      document.appliances.ice01.hostOs.password = { env: 'ICE_PW' };
      document.captures = { every: '1h' };
    });

    const printed = await rig.icepack(['schedule', '--print', 'systemd']);
    const doctor = await rig.icepack(['doctor', '--batch'], { env: { ICE_PW: 'host-canary-pw-2' } });
    const done = await rig.icepack(timer);

    expect(printed.stdout).toContain('appliances.ice01.cli has no password and no key');
    expect(printed.stdout).toContain('appliances.ice01.hostOs takes $ICE_PW');
    expect(doctor.stdout).toContain('appliances.ice01.hostOs takes $ICE_PW');
    expect(done.code).toBe(5);
    expect(done.stderr).toMatch(/ICE_PW|appliances\.ice01\.cli\.password/);
  });

  it.skipIf(lacks('tmux'))('is not broken at a terminal: what is pasted is what is printed', async () => {
    const rig = await startRig();
    const { stdout } = await rig.icepack(['schedule', '--print', 'cron']);

    const terminal = openTerminal(['schedule', '--print', 'cron'], rig.env);
    await terminal.shows('ended with 0');

    const shown = terminal
      .tmux('capture-pane', '-p', '-J')
      .split('\n')
      .map((line) => line.trimEnd());
    expect(shown.slice(0, shown.indexOf('ended with 0')).join('\n')).toBe(stdout.trimEnd());
  });

  it.skipIf(lacks('crontab'))('prints what crontab takes', async () => {
    const rig = await startRig();
    const { stdout } = await rig.icepack(['schedule', '--print', 'cron']);
    const file = join(rig.folder, 'mock', 'crontab');
    writeFileSync(file, stdout);

    const checks = ['-n', '-T'].map((option) => spawnSync(programPath('crontab'), [option, file]).status); // Debian, others
    expect(checks).toContain(0);
  });

  it.skipIf(lacks('systemd-analyze'))('prints units that systemd takes', async () => {
    const rig = await startRig();
    const { stdout } = await rig.icepack(['schedule', '--print', 'systemd']);
    const [, service = '', unit = ''] = stdout.split(/^# --- .*$/m);
    const folder = join(rig.folder, 'mock');
    writeFileSync(join(folder, 'icepack-capture.service'), service);
    writeFileSync(join(folder, 'icepack-capture.timer'), unit);

    const units = ['icepack-capture.service', 'icepack-capture.timer'].map((name) => join(folder, name));
    expect(() => execFileSync(programPath('systemd-analyze'), ['verify', ...units], { stdio: 'pipe' })).not.toThrow();
  });
});

/** Whether this is root, and another user may read the program where it lies. */
function othersMayRun(): boolean {
  if (process.getuid?.() !== 0) return false;
  const as = ['--reuid', '65534', '--regid', '65534', '--clear-groups'];
  return spawnSync('setpriv', [...as, process.execPath, binary, '--version']).status === 0;
}
