import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
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

describe('icepack demo', () => {
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
