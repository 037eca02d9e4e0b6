import { execFile, spawnSync } from 'node:child_process';
import { cp, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { programPath } from '../support/requirements.ts';
import { batch, binary, projectRoot, startRig, temporaryFolder } from '../support/rig.ts';

/** A checkout in which nothing was built. */
async function unbuilt(): Promise<string> {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  await cp(join(projectRoot, 'bin'), join(folder, 'bin'), { recursive: true });
  return folder;
}

/** The start of a program that is this. */
async function builtOf(program: string): Promise<string> {
  const folder = await unbuilt();
  await mkdir(join(folder, 'dist', 'program'), { recursive: true });
  await writeFile(join(folder, 'dist', 'program', 'icepack.cjs'), program);
  return join(folder, 'bin', 'icepack.js');
}

describe('the process', () => {
  it('ends as a failure when something is never settled (H05)', async () => {
    const { status } = spawnSync(process.execPath, [await builtOf('exports.main = () => new Promise(() => {});')]);

    expect(status).toBe(1);
  });

  it('ends when all is done, also where something is still held open', async () => {
    const program = 'exports.main = async () => { setInterval(() => {}, 1000); return 5; };';

    const { status, signal } = spawnSync(process.execPath, [await builtOf(program)], { timeout: 50_000 });

    expect([status, signal]).toEqual([5, null]);
  });

  it('says that it is not built yet, and how', async () => {
    const { status, stderr } = spawnSync(process.execPath, [join(await unbuilt(), 'bin', 'icepack.js'), 'demo']);

    expect(status).toBe(8);
    expect(String(stderr)).toBe('icepack is not built in this folder\n  → Build it: npm ci && npm run build\n');
  });

  it('does not call it a success when the result could not be told (H04)', async () => {
    const rig = await startRig();

    const full = await rig.icepack(['collect', '--batch', '--no-submit', '--at', '-45m', '--only', 'vm'], {
      stdout: '/dev/full',
    });

    expect(full.code).toBe(8);
    expect(full.stderr).toContain('the result could not be written');
    expect(await rig.runs()).toHaveLength(1);
  });

  it('keeps what it writes from other users, whatever the umask (G04)', async () => {
    const rig = await startRig();
    const before = process.umask(0);

    const done = await rig.icepack(['collect', ...batch]);
    process.umask(before);

    const state = join(rig.folder, '.local', 'state', 'icepack');
    const entries = await readdir(state, { recursive: true, withFileTypes: true });
    const open = [];
    for (const entry of entries) {
      const { mode } = await stat(join(entry.parentPath, entry.name));
      if ((mode & 0o077) !== 0) open.push(`${entry.name} ${(mode & 0o777).toString(8)}`);
    }
    expect(done.code).toBe(0);
    expect(open).toEqual([]);
  });

  it('works from cron: no HOME, no terminal, no TZ, a working folder that is not ours (H07)', async () => {
    const rig = await startRig();

    const done = await rig.icepack(['collect', ...batch, '--json'], {
      cwd: '/',
      env: { HOME: '', TZ: '', LANG: '', XDG_STATE_HOME: join(rig.folder, 'state') },
    });

    expect(done.code).toBe(0);
    expect(done.json().bundle.path.startsWith(join(rig.folder, 'state'))).toBe(true);
  });

  it('puts the ZIP where it was asked for and prints that path; what is there is not overwritten (E14)', async () => {
    const rig = await startRig();
    const out = join(rig.folder, 'out');
    const args = ['--batch', '--no-submit', '--at', '2026-01-02T03:04Z', '--only', 'vm', '-o', out, '--json'];

    const first = await rig.icepack(['collect', ...args]);
    const second = await rig.icepack(['collect', ...args]);

    expect(first.json().bundle.path).toBe(join(out, 'TIC-pending_Event1_20260102_0404.zip'));
    expect((await readdir(out)).sort()).toEqual([
      'TIC-pending_Event1_20260102_0404-copy2.zip',
      'TIC-pending_Event1_20260102_0404.zip',
    ]);
    expect(second.json().bundle.path).toBe(join(out, 'TIC-pending_Event1_20260102_0404-copy2.zip'));
  });

  it('refuses a state folder that others may read, with the command that closes it (G03)', async () => {
    const rig = await startRig();
    await mkdir(join(rig.folder, '.local', 'state', 'icepack'), { recursive: true, mode: 0o755 });

    const done = await rig.icepack(['collect', '--batch', '--no-submit', '--only', 'vm']);

    expect(done.code).toBe(8);
    expect(done.stderr).toContain('chmod 700');
  });

  it('ends on a terminal that has no size', async () => {
    const rig = await startRig();
    const inPty =
      'import os,pty,sys\npid,fd=pty.fork()\nif pid==0: os.execvp(sys.argv[1],sys.argv[1:])\ntry:\n  while os.read(fd,4096): pass\nexcept OSError: pass\nsys.exit(os.waitstatus_to_exitcode(os.waitpid(pid,0)[1]))';

    const args = ['-c', inPty, process.execPath, binary, 'collect', '--batch', '--no-submit', '--at', '-45m'];
    const ended = promisify(execFile)(programPath('python3'), args, {
      env: { ...rig.env, TERM: 'xterm' },
      timeout: 40_000,
    });

    await expect(ended).resolves.toBeDefined();
  });

  it('says what is wrong with a state folder that cannot be made', async () => {
    const rig = await startRig();

    const done = await rig.icepack(['collect', '--batch', '--no-submit', '--only', 'vm'], {
      env: { XDG_STATE_HOME: '/proc/nowhere' },
    });

    expect(done.code).toBe(8);
    expect(done.stderr).toContain('/proc/nowhere');
  });

  it('says which Node it needs', async () => {
    const launcher = await readFile(binary, 'utf8');
    const { engines } = JSON.parse(await readFile(join(projectRoot, 'package.json'), 'utf8'));

    expect(engines.node).toBe('^20.19 || ^22.12 || >=24');
    expect(launcher).toContain('20.19, 22.12 or 24');
  });
});
