import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { programPath } from '../support/requirements.ts';
import { batch, binary, runProgram, temporaryFolder } from '../support/rig.ts';

describe('icepack mock', () => {
  it('prints one line, serves a collection with the configuration it wrote, and ends with 0 on SIGTERM', async () => {
    const folder = await temporaryFolder();
    const args = [
      'mock',
      '--helpdesk',
      '--dir',
      join(folder, 'mock'),
      '--techsupport-duration',
      '0s',
      '--techsupport-size',
      '10kB',
      '--clock-offset',
      '2m',
      '--zone',
      'America/New_York',
      '--log-history',
      '2h',
    ];
    const mock = spawn(process.execPath, [binary, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    const line = await new Promise<string>((resolve) =>
      mock.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString())),
    );
    const { config, appliances, helpdesk } = JSON.parse(line);

    const done = await runProgram(['collect', ...batch, '--json', '--config', config], { env: { HOME: folder } });
    const ended = new Promise((resolve) => mock.once('exit', resolve));
    mock.kill('SIGTERM');

    expect(line.trim().split('\n')).toHaveLength(1);
    expect(appliances).toMatchObject([
      {
        name: 'ice01',
        address: '127.0.0.1',
        cli: { port: expect.any(Number), hostKey: expect.stringMatching(/^SHA256:/) },
      },
    ]);
    expect(helpdesk.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/api\/v1$/);
    expect(done.code).toBe(0);
    expect(done.json().servers[0].clock).toMatchObject({ zone: 'America/New_York' });
    expect(await ended).toBe(0);
  });

  it('says which port is taken', async () => {
    const folder = await temporaryFolder();
    const first = spawn(process.execPath, [binary, 'mock', '--dir', folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    const line = await new Promise<string>((resolve) =>
      first.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString())),
    );
    const port = String(JSON.parse(line).appliances[0].cli.port);

    const second = await runProgram(['mock', '--dir', join(folder, 'second'), '--cli-port', port], {});
    first.kill();

    expect(second.code).toBe(2);
    expect(second.stderr).toContain(port);
  });
});

/** What a temporary folder of the mock holds and says; it is stopped as `end` has it. */
async function mockIn(tmp: string, end: (mock: ChildProcess) => void, args: string[] = []) {
  const mock = spawn(process.execPath, [binary, 'mock', ...args], {
    env: { ...process.env, TMPDIR: tmp },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => mock.once('exit', resolve));
  const line = await new Promise<string>((resolve) =>
    mock.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString())),
  );
  const held = readdirSync(tmp);
  end(mock);
  return { config: String(JSON.parse(line).config), held, code: await ended };
}

describe('the temporary folder of icepack mock', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('is gone when it ended by %s (field-F19)', async (signal) => {
    const tmp = await temporaryFolder();

    const { config, held } = await mockIn(tmp, (mock) => mock.kill(signal));

    expect(held).toEqual([basename(dirname(config))]);
    expect(readdirSync(tmp)).toEqual([]);
  });

  it('is gone when it cannot start (field-F19)', async () => {
    const tmp = await temporaryFolder();
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;

    const done = await runProgram(['mock', '--cli-port', String(port)], { env: { TMPDIR: tmp } });
    taken.close();

    expect(done.code).toBe(2);
    expect(readdirSync(tmp)).toEqual([]);
  });

  it('of one that was killed is removed by the next one, and that of one that runs is not (field-F19)', async () => {
    const tmp = await temporaryFolder();
    await mockIn(tmp, (mock) => mock.kill('SIGKILL'));
    const [left = ''] = readdirSync(tmp);

    let beside: string[] = [];
    const running = spawn(process.execPath, [binary, 'mock'], {
      env: { ...process.env, TMPDIR: tmp },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(running.stdout, 'data');
    const second = await mockIn(tmp, (mock) => {
      beside = readdirSync(tmp);
      mock.kill('SIGTERM');
    });
    running.kill();
    await once(running, 'exit');

    expect(left).toMatch(/^icepack-mock-/);
    expect(beside).toHaveLength(2);
    expect(beside).not.toContain(left);
    expect(beside).toContain(basename(dirname(second.config)));
    expect(readdirSync(tmp)).toEqual([]);
  });

  it('stays where it was named (field-F19)', async () => {
    const tmp = await temporaryFolder();

    await mockIn(tmp, (mock) => mock.kill('SIGTERM'), ['--dir', join(tmp, 'mine')]);

    expect(readdirSync(join(tmp, 'mine'))).toContain('icepack.yaml');
  });
});

describe('icepack demo', () => {
  it('says where its files are, and removes those of an earlier one (field-F19)', async () => {
    const tmp = await temporaryFolder();
    const env = { TMPDIR: tmp, HOME: await temporaryFolder() };

    const first = await runProgram(['demo'], { env });
    const [earlier = ''] = readdirSync(tmp);
    const second = await runProgram(['demo'], { env });

    expect([first.code, second.code]).toEqual([0, 0]);
    expect(first.stdout).toContain(`rm -r ${join(tmp, earlier)}`);
    expect(readdirSync(tmp)).toHaveLength(1);
    expect(readdirSync(tmp)).not.toContain(earlier);
  });

  it('shows the whole job and leaves a ZIP to be opened, touching nothing of the user', async () => {
    const folder = await temporaryFolder();
    const home = await temporaryFolder();

    const done = await runProgram(['demo', '--dir', folder], { env: { HOME: home } });

    expect(done.code).toBe(0);
    expect(done.stdout).toContain('TIC-1001: Nodes of site 3 lost contact (high)');
    expect(done.stdout).toMatch(/TIC-1001\/Event1_ICE02_\d{8}_\d{4}\/Techsupport\//);
    const zip = /The ZIP is yours to open: (\S+)/.exec(done.stdout)?.[1] ?? '';
    execFileSync(programPath('unzip'), ['-tq', zip]);
    expect(existsSync(join(home, '.local'))).toBe(false);
  });
});
