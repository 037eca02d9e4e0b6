import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { lacks, programPath } from '../support/requirements.ts';
import { batch, binary, type Rig, startRig, temporaryFolder } from '../support/rig.ts';

const collect = ['collect', '--batch', '--at', '-45m', '--no-submit'];
const slow = { techsupport: { durationMs: 30_000, bytes: 1000 } };

/** A run that is at work at the server, and goes away with the test. */
async function atWork(rig: Rig): Promise<ChildProcess> {
  const child = spawn(process.execPath, [binary, ...collect], {
    env: rig.env,
    cwd: rig.folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await new Promise<void>((begun, reject) => {
    child.once('exit', () => reject(new Error('it ended at once')));
    child.stderr?.on('data', (chunk: Buffer) => chunk.includes('techsupport') && begun());
  });
  return child;
}

function endOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once('close', resolve));
}

function folderOf(rig: Rig): string {
  return join(rig.folder, '.local', 'state', 'icepack', 'runs');
}

describe('starts at the same time', () => {
  it('are one run, however many they are: the others end with 9 and leave nothing (G06)', async () => {
    const rig = await startRig({ techsupport: { durationMs: 120_000, bytes: 1000 } });
    const children = Array.from({ length: 20 }, () =>
      spawn(process.execPath, [binary, ...collect], { env: rig.env, cwd: rig.folder, stdio: 'ignore' }),
    );
    let left = children.length;
    const ends = children.map(async (child) => {
      const code = await endOf(child);
      if (--left === 1) for (const each of children) each.kill('SIGTERM'); // only the winner is at work still
      return code;
    });

    const codes = await Promise.all(ends);

    expect(codes.filter((code) => code === 9)).toHaveLength(19);
    expect(codes.filter((code) => code === 143)).toHaveLength(1);
    expect(readdirSync(folderOf(rig))).toHaveLength(1);
  });
});

describe('a run at work', () => {
  it('keeps its lock while it is stopped, and goes on afterwards (G08)', async () => {
    const rig = await startRig({ techsupport: { durationMs: 3000, bytes: 1000 } });
    const holder = await atWork(rig);
    holder.kill('SIGSTOP');

    const others = await Promise.all([rig.icepack(collect), rig.icepack(collect)]);
    holder.kill('SIGCONT');
    const code = await endOf(holder);

    expect(others.map((other) => other.code)).toEqual([9, 9]);
    expect(code).toBe(0);
    expect((await rig.icepack([...collect, '--only', 'vm'])).code).toBe(0);
  });

  it.skipIf(lacks('unshare'))('is seen from a network namespace where its lock is not (G09)', async () => {
    const rig = await startRig(slow);
    await atWork(rig);
    const apart = process.getuid?.() === 0 ? ['--net'] : ['--user', '--map-current-user', '--net'];

    const child = spawn(programPath('unshare'), [...apart, process.execPath, binary, ...collect], {
      env: rig.env,
      cwd: rig.folder,
    });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk;
    });
    const code = await endOf(child);

    const [run] = readdirSync(folderOf(rig));
    expect(code).toBe(9);
    expect(stderr).toContain(`is being collected from by run ${run}`);
    expect(readdirSync(folderOf(rig))).toHaveLength(1);
  });

  it('is not confused with another process of its number: of an earlier boot, of another start, or none (G07)', async () => {
    const rig = await startRig();
    const { run } = (await rig.icepack([...collect, '--only', 'vm', '--json'])).json();
    const path = join(folderOf(rig), run, 'process.json');
    const noted = JSON.parse(readFileSync(path, 'utf8'));
    const stat = readFileSync(`/proc/${process.pid}/stat`, 'utf8');
    const alive = { pid: process.pid, bornAt: stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19], boot: noted.boot };
    const stateWith = async (text: string) => {
      writeFileSync(path, text, { mode: 0o600 });
      return (await rig.icepack(['runs', '--json'])).json().runs[0].state;
    };

    expect(await stateWith(JSON.stringify(alive))).toBe('going on');
    for (const other of [{ boot: 'another' }, { bornAt: '1' }, { pid: 1 }, { pid: 4_194_305 }, { bornAt: undefined }])
      expect(await stateWith(JSON.stringify({ ...alive, ...other })), JSON.stringify(other)).toBe('collected');
    for (const damaged of ['', 'null', '{"pid":"1"}']) expect(await stateWith(damaged), damaged).toBe('collected');
  });
});

describe('a lock that a stranger holds', () => {
  it('costs 9 and says how to find who holds it (G09)', async () => {
    const rig = await startRig();
    const [server] = rig.mock.appliances;
    const what = `server 127.0.0.1 ${server?.cli.port} ${server?.hostOs.port}`;
    const hash = createHash('sha256')
      .update(`${join(folderOf(rig), '..')} ${what}`)
      .digest('hex')
      .slice(0, 16);
    const name = `icepack-${process.getuid?.()}-${hash}`;
    const squatter = net.createServer().listen(`\0${name}`);
    onTestFinished(() => void squatter.close());

    const done = await rig.icepack([...collect, '--json']);

    expect(done.json()).toMatchObject({ exitCode: 9, error: { code: 'busy' } });
    expect(done.json().error.hint).toContain(`ss -lxp | grep ${name}`);
    expect(server?.logins).toEqual({ cli: [], hostOs: [] });
  });
});

describe('two submissions of one run', () => {
  it.skipIf(lacks('strace'))(
    'attach once: the later one looks at what the other has done meanwhile (G06)',
    async () => {
      const rig = await startRig();
      const { run } = (await rig.icepack(['collect', ...batch, '--no-submit', '--only', 'vm', '--json'])).json();
      const submit = ['submit', run, '--batch', '--summary', 'x', '--severity', 'low'];
      const log = join(await temporaryFolder(), 'strace');
      writeFileSync(log, '');
      // The first socket is that of the lock: there it stops, and has read the journal.
      const stop = ['-f', '-qq', '-o', log, '-e', 'trace=socket', '-e', 'inject=socket:signal=STOP:when=1'];
      const later = spawn(programPath('strace'), [...stop, process.execPath, binary, ...submit], {
        env: rig.env,
        cwd: rig.folder,
      });
      const pid = await stoppedIn(log);

      const first = await rig.icepack(submit);
      process.kill(pid, 'SIGCONT');
      const code = await endOf(later);

      expect([first.code, code]).toEqual([0, 0]);
      expect(rig.mock.helpdesk?.tickets.map(({ files }) => files.length)).toEqual([1]);
    },
  );
});

/** strace notes it when what it runs has stopped. @returns the process */
async function stoppedIn(log: string): Promise<number> {
  for (;;) {
    const pid = /^(\d+) .*stopped by SIGSTOP/m.exec(readFileSync(log, 'utf8'))?.[1];
    if (pid !== undefined) return Number(pid);
    await delay(20);
  }
}
