import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { bufferFile } from '../../src/mock/files.ts';
import { programPath } from '../support/requirements.ts';
import { batch, startRig } from '../support/rig.ts';

type Item = { path: string; status: string; reason?: string };

function statuses(items: Item[]): Record<string, string> {
  return Object.fromEntries(items.map(({ path, status }) => [path.replace(/\/(icepack|techsupport).*/, '/*'), status]));
}

describe('what fails costs only itself', () => {
  it('a wrong password on the host OS leaves what the CLI gives, and is tried once (E18)', async () => {
    const rig = await startRig();
    await rig.configure((document) => {
      document.appliances.ice01.hostOs.password = { env: 'WRONG' };
    });

    const done = await rig.icepack(['collect', ...batch, '--json'], { env: { WRONG: 'canary-wrong' } });

    const { servers, ticket } = done.json();
    expect(done.code).toBe(4);
    expect(ticket.key).toBe('TIC-1001');
    expect(statuses(servers[0].items)).toEqual({
      'Config/': 'failed',
      'Techsupport/*': 'ok',
      'Logs/system.log': 'partial', // the zone of its times is not known
      'Logs/audit.log': 'partial',
      'Logs/debug.log': 'skipped',
      'Logs/errors/': 'ok',
      'CLI/transcript.txt': 'ok',
      'VM/virtual-machine.txt': 'failed',
    });
    expect(servers[0].items[0].reason).toContain('refused the login of "administrator"');
    expect(rig.mock.appliances[0]?.logins.hostOs.filter((method) => method !== 'none')).toEqual(['password']);
    expect(done.stdout + done.stderr).not.toContain('canary');
  });

  it('a wrong password on the CLI leaves what the host OS gives, techsupport by script included', async () => {
    const rig = await startRig();
    await rig.configure((document) => {
      document.appliances.ice01.cli.password = { env: 'WRONG' };
    });

    const done = await rig.icepack(['collect', ...batch, '--json'], { env: { WRONG: 'x' } });

    const { servers } = done.json();
    expect(done.code).toBe(3);
    expect(statuses(servers[0].items)).toMatchObject({
      'Config/*': 'ok',
      'Techsupport/*': 'ok',
      'Logs/system.log': 'failed',
      'CLI/transcript.txt': 'failed',
      'VM/virtual-machine.txt': 'ok',
    });
  });

  it('a refused login and a closed port are told once each: in narration, result, ticket and README (field-F03, field-F11)', async () => {
    const rig = await startRig({ appliances: 2, cluster: 'east' });
    await rig.configure((document) => {
      document.appliances.ice01.hostOs.password = { env: 'WRONG' };
      document.appliances.ice02.cli.port = 1;
    });

    const done = await rig.icepack(['collect', 'east', ...batch], { env: { WRONG: 'canary-wrong' } });

    const [ticket] = rig.mock.helpdesk?.tickets ?? [];
    const zip = /^\/.*\.zip$/m.exec(done.stdout)?.[0] ?? '';
    const readme = execFileSync(programPath('unzip'), ['-p', zip, 'TIC-1001/README.txt']).toString();
    const told = [done.stderr, done.stdout, ticket?.body ?? '', readme];
    for (const text of told) {
      expect(text.match(/refused the login/g), text).toHaveLength(1);
      expect(text.match(/127\.0\.0\.1:1\b/g), text).toHaveLength(1);
    }
    for (const { body } of ticket?.comments ?? [])
      expect(body.match(/refused the login/g)?.length ?? 0, body).toBeLessThanOrEqual(1);
    expect(done.stdout).toMatch(/refused the login.*\n(?: {7}.*\n)* {7}missing: Config\/, VM\/virtual-machine\.txt/);
    const names = execFileSync(programPath('unzip'), ['-Z1', zip]).toString();
    expect(names.match(/NOT-COLLECTED\.txt/g)).toHaveLength(2);
    const manifest = JSON.parse(execFileSync(programPath('unzip'), ['-p', zip, 'TIC-1001/manifest.json']).toString());
    const log = manifest.servers[1].items.find(({ path }: Item) => path === 'Logs/system.log');
    expect(
      manifest.servers[0].items.find(({ path }: Item) => path === 'Logs/system.log').coverage.cut.lines,
    ).toBeGreaterThan(1);
    expect(log.status).toBe('failed');
  });

  it('a face that was down is named with the commands that bring the rest, and they do', async () => {
    const rig = await startRig();
    await rig.configure((document) => {
      document.appliances.ice01.cli.password = { env: 'CLI_PASSWORD' };
    });

    const first = (await rig.icepack(['collect', ...batch, '--json'], { env: { CLI_PASSWORD: 'wrong' } })).json();
    const right = { env: { CLI_PASSWORD: 'cli-canary-pw-1' } };
    const doctor = await rig.icepack(first.next[1].split(' ').slice(1), right);
    const rest = (await rig.icepack([...first.next[0].split(' ').slice(1), '--batch', '--json'], right)).json();

    expect(first.next).toEqual([
      `icepack resume ${first.run}`,
      'icepack doctor ice01',
      `icepack collect ice01 --at ${first.event.at} --ticket TIC-1001 --event 1`,
    ]);
    expect(doctor.code).toBe(0);
    expect(rest).toMatchObject({
      exitCode: 0,
      ticket: { key: 'TIC-1001' },
      event: { number: 1 },
      bundle: { attached: true },
      next: [],
    });
  });

  it('a session that ends in the middle of techsupport is no success; the script makes it (E18, IO-10)', async () => {
    const rig = await startRig({ replies: { techsupport: 'cut' } });
    await rig.configure((document) => {
      document.timeouts = { techsupport: '20s' };
    });

    const { servers } = (await rig.icepack(['collect', ...batch, '--json'])).json();

    expect(servers[0].items[1]).toMatchObject({
      status: 'ok',
      command: './techsupport.sh',
      reason: expect.stringMatching(/ended the session during "techsupport", and no file came into being within/),
    });
  });

  it('a CLI role that may not run techsupport is quoted, and the script does it (B13)', async () => {
    const rig = await startRig({ replies: { techsupport: 'Permission denied: role Auditor\n' } });

    const { servers } = (await rig.icepack(['collect', ...batch, '--json'])).json();

    expect(servers[0].items[1]).toMatchObject({
      status: 'ok',
      command: './techsupport.sh',
      reason: expect.stringContaining('"admin" may not run techsupport: Permission denied: role Auditor'),
    });
  });

  it('an unpinned host key stops before any credential is sent, and the command that pins it is named', async () => {
    const rig = await startRig();
    await rig.configure((document) => {
      delete document.appliances.ice01.cli.hostKey;
    });

    const done = await rig.icepack(['collect', ...batch]);

    const fingerprint = rig.mock.appliances[0]?.cli.hostKey;
    expect(done.stderr).toContain(`icepack doctor ice01 --pin --fingerprint ${fingerprint}`);
    expect(rig.mock.appliances[0]?.logins.cli).toEqual([]);
    expect(done.code).toBe(3);
  });

  it('a changed host key is refused, with both fingerprints, before any credential is sent', async () => {
    const rig = await startRig();
    const other = `SHA256:${'A'.repeat(43)}`;
    await rig.configure((document) => {
      document.appliances.ice01.cli.hostKey = other;
    });

    const done = await rig.icepack(['collect', ...batch, '--json']);

    const { reason } = done.json().servers[0].faces.cli;
    expect(reason).toContain(other);
    expect(reason).toContain(rig.mock.appliances[0]?.cli.hostKey);
    expect(rig.mock.appliances[0]?.logins.cli).toEqual([]);
  });

  it('a window that is not over is partial, and its command makes no second bundle before it is (D08)', async () => {
    const rig = await startRig();

    const done = await rig.icepack(['collect', '--batch', '--summary', 'now', '--severity', 'low', '--json']);

    const { servers, next } = done.json();
    expect(done.code).toBe(3);
    expect(servers[0].items.find((item: Item) => item.path === 'Logs/system.log')).toMatchObject({
      status: 'partial',
      reason: expect.stringContaining('the window is not over'),
    });
    expect(next[0]).toBe(`icepack resume ${done.json().run}`);
    const second = await rig.icepack(next[0].split(' ').slice(1).concat('--batch', '--json'));
    expect(second.json()).toMatchObject({
      ticket: { key: 'TIC-1001', created: false },
      event: { number: 1 },
      bundle: done.json().bundle,
      next,
    });
    expect(rig.mock.helpdesk?.tickets.map(({ files }) => files.length)).toEqual([1]);
  });

  it('a clock that is off is said loudly and the window is shifted by it (D01)', async () => {
    const rig = await startRig({ clockOffsetMs: 7 * 60_000 });

    const done = await rig.icepack(['collect', ...batch, '--json']);

    const [server] = done.json().servers;
    expect(done.stderr).toContain('is 7 min ahead');
    expect(Math.abs(server.clock.offsetMs - 7 * 60_000)).toBeLessThan(1000 + server.clock.errorMs);
    const { first, last, complete } = server.items.find((item: Item) => item.path === 'Logs/system.log').coverage;
    expect(complete).toBe(true);
    expect(new Date(last).getTime() - new Date(first).getTime()).toBeGreaterThan(3_600_000);
  });

  it('a rotated part that cannot be unpacked is handed over as it is and does not cost the rest (D12)', async () => {
    const rig = await startRig();
    rig.mock.appliances[0]?.trees.cli.files.set('logs/system.log.0.gz', bufferFile(Buffer.from('no gzip'), Date.now()));

    const { servers, exitCode } = (await rig.icepack(['collect', ...batch, '--json'])).json();

    const logs = servers[0].items.filter((item: Item) => item.path.startsWith('Logs/system'));
    expect(exitCode).toBe(3);
    expect(logs).toMatchObject([
      { path: 'Logs/system.log', status: 'partial', reason: expect.stringContaining('system.log.0.gz') },
      { path: 'Logs/system.log.0.gz', status: 'partial', bytes: 7 },
    ]);
    expect(logs[0].bytes).toBeGreaterThan(1000);
  });

  it('a command that ends the session does not cost the next one', async () => {
    const rig = await startRig({ replies: { 'show ha': 'cut' } });
    await rig.configure((document) => {
      document.cliCommands = ['show ha', 'log -status'];
    });

    const { servers, bundle } = (await rig.icepack(['collect', ...batch, '--only', 'cli', '--json'])).json();

    expect(servers[0].items.find((item: Item) => item.path === 'CLI/transcript.txt')).toMatchObject({
      status: 'partial',
      reason: expect.stringContaining('"show ha"'),
    });
    expect(execFileSync(programPath('unzip'), ['-p', bundle.path, '*/transcript.txt']).toString()).toContain(
      'Rotated files',
    );
  });

  it('the first techsupport of a server needs no folder', async () => {
    const rig = await startRig();
    rig.mock.appliances[0]?.trees.cli.folders.delete('techsupport');

    const { servers } = (await rig.icepack(['collect', ...batch, '--only', 'techsupport', '--json'])).json();

    expect(servers[0].items[1]).toMatchObject({ status: 'ok' });
  });

  it('staticIP.sh is not run even when it is named', async () => {
    const rig = await startRig();
    await rig.configure((document) => {
      document.appliances.ice01.backupScript = 'staticIP.sh';
    });

    const { servers } = (await rig.icepack(['collect', ...batch, '--only', 'config', '--json'])).json();

    expect(servers[0].items[0]).toMatchObject({ status: 'failed', reason: expect.stringContaining('never run') });
  });

  it('a token that is missing does not matter where no ticket is wanted', async () => {
    const rig = await startRig();
    await rig.configure((document) => {
      document.helpdesk.token = { env: 'NOT_SET' };
    });

    const done = await rig.icepack(['collect', '--batch', '--no-submit', '--at', '-45m', '--only', 'vm', '--json']);

    expect(done.code).toBe(0);
    expect(done.json().next[0]).toBe(`icepack submit ${done.json().run}`);
  });

  it('what was not asked for is skipped and does not change the exit code', async () => {
    const rig = await startRig();

    const done = await rig.icepack(['collect', ...batch, '--only', 'logs,vm', '--json']);

    expect(done.code).toBe(0);
    expect(statuses(done.json().servers[0].items)).toMatchObject({
      'Config/': 'skipped',
      'Techsupport/': 'skipped',
      'CLI/transcript.txt': 'skipped',
      'Logs/system.log': 'ok',
    });
  });
});
