import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { askHostKey } from '../../src/ssh/connect.ts';
import { type Rig, startRig } from '../support/rig.ts';

const logsOnly = ['collect', '--batch', '--no-submit', '--only', 'logs', '--at', '-45m', '--json'];
const onlyCli = ['collect', '--batch', '--no-submit', '--only', 'cli', '--json'];

async function lockOutHostOs(rig: Rig): Promise<void> {
  await rig.configure((document) => {
    document.appliances.ice01.hostOs.password = { env: 'WRONG' };
  });
}

/** The servers in the manifest of the only run. */
async function serversOf(rig: Rig) {
  const [run = ''] = await rig.runs();
  const manifest = await readFile(join(rig.folder, '.local', 'state', 'icepack', 'runs', run, 'manifest.json'), 'utf8');
  return JSON.parse(manifest).servers;
}

describe('the zone of a server', () => {
  it('comes from the configuration before anything else (D02)', async () => {
    const rig = await startRig();
    await rig.configure((document) => {
      document.appliances.ice01.zone = 'Asia/Tokyo';
    });

    const done = await rig.icepack([...logsOnly, '--at', '2026-01-02T03:04Z']);

    const { servers, bundle } = done.json();
    expect(done.stderr).toContain('the zone of the configuration is Asia/Tokyo');
    expect(servers[0].clock.zone).toBe('Asia/Tokyo');
    expect(bundle.name).toBe('TIC-pending_Event1_20260102_1204.zip');
  });

  it('comes from the last run when the host OS does not let us in', async () => {
    const rig = await startRig();
    await rig.icepack(logsOnly);
    await lockOutHostOs(rig);

    const done = await rig.icepack([...logsOnly, '--at', '2026-01-02T03:04Z'], { env: { WRONG: 'x' } });

    expect(done.json().bundle.name).toBe('TIC-pending_Event1_20260102_0404.zip');
    expect(done.stderr).not.toContain('time zone of ICE01 is not known');
  });

  it("is assumed to be the operator's when nobody knows it, and that is said (D02)", async () => {
    const rig = await startRig();
    await lockOutHostOs(rig);

    const done = await rig.icepack([...onlyCli, '--zone', 'America/New_York', '--at', '2026-01-02 03:04'], {
      env: { WRONG: 'x' },
    });

    expect(done.json().event.at).toBe('2026-01-02T08:04:00.000Z');
    expect(done.json().bundle.name).toBe('TIC-pending_Event1_20260102_0304.zip');
    expect(done.stderr).toContain('yours is assumed (America/New_York)');
  });
});

describe('the zone of a server whose host OS lets nobody in', () => {
  it('is that of the other server of the run, so that one event has one time', async () => {
    const rig = await startRig({ appliances: 2, cluster: 'east' });
    await rig.configure((document) => {
      document.appliances.ice01.hostOs.port = 1;
    });

    const done = await rig.icepack([...onlyCli, 'east', '--at', '2026-01-02T03:04Z']);

    const { bundle } = done.json();
    const servers = await serversOf(rig);
    expect(servers.map(({ folder }: { folder: string }) => folder)).toEqual([
      'Event1_ICE01_20260102_0404',
      'Event1_ICE02_20260102_0404',
    ]);
    expect(servers[0].zone).toEqual({ name: 'Europe/Stockholm', source: 'other server' });
    expect(bundle.name).toBe('TIC-pending_Event1_20260102_0404.zip');
    expect(done.stderr).toContain('ICE01 is not known; that of another server is assumed (Europe/Stockholm)');
  });

  it('is what its logs show, which counts for more than what is assumed', async () => {
    const rig = await startRig();
    await rig.configure((document) => {
      document.appliances.ice01.hostOs.port = 1;
    });

    const done = await rig.icepack([...logsOnly, '--at', '-45m']);

    const servers = await serversOf(rig);
    expect(servers[0].zone).toEqual({ name: '+01:00', source: 'logs' });
    const { coverage, reason } = servers[0].items.find(({ path }: { path: string }) => path === 'Logs/system.log');
    expect(coverage.zones).toEqual(['+01:00']);
    expect(reason).toContain('its times are of +01:00, as the times of its files show');
    expect(done.stderr + done.stdout).not.toContain("not of the server's zone");
    expect(done.stderr).not.toContain('is assumed');
  });
});

describe("the operator's zone", () => {
  const plan = ['collect', '--batch', '--no-submit', '--only', 'logs', '--dry-run', '--json'];

  it.each([
    ['CET-1CEST,M3.5.0,M10.5.0/3', '2026-01-02T02:04:00.000Z'],
    [':/usr/share/zoneinfo/Europe/Stockholm', '2026-01-02T02:04:00.000Z'],
    ['', '2026-01-02T03:04:00.000Z'],
  ])('is understood as the C library has it: TZ=%s (field-C08)', async (TZ, at) => {
    const rig = await startRig();

    const done = await rig.icepack([...plan, '--at', '2026-01-02 03:04'], { env: { TZ } });

    expect(done.code).toBe(0);
    expect(done.stdout).toContain(at);
  });

  it('that is not understood is asked for where a local time depends on it, and nowhere else (field-C08)', async () => {
    const rig = await startRig();
    const env = { TZ: 'foo' };

    const local = await rig.icepack([...plan, '--at', '2026-01-02 03:04'], { env });
    const named = await rig.icepack([...plan, '--at', '2026-01-02 03:04', '--zone', 'Europe/Stockholm'], { env });
    const absolute = await rig.icepack([...plan, '--at', '2026-01-02T03:04Z'], { env });

    expect(local.code).toBe(2);
    expect(local.json().error).toMatchObject({ code: 'zone-unknown', hint: expect.stringContaining('--zone') });
    expect([named.code, absolute.code]).toEqual([0, 0]);
    expect(named.stderr).not.toContain('time zone is not known');
    expect(absolute.stderr).toMatch(/TZ=.{0,2}foo.* is not understood; UTC is assumed/);
  });
});

describe('host keys', () => {
  it("that stand in the user's own known_hosts are trusted, hashed or not", async () => {
    const rig = await startRig();
    const [server] = rig.mock.appliances;
    await rig.configure((document) => {
      delete document.appliances.ice01.cli.hostKey;
      delete document.appliances.ice01.hostOs.hostKey;
    });
    const lines: string[] = [];
    for (const port of [server?.cli.port ?? 0, server?.hostOs.port ?? 0]) {
      const stranger = { title: 'ICE01', server: 'ice01', key: '', address: '127.0.0.1', port, user: 'x' };
      const shown = await askHostKey({ ...stranger, secrets: {}, pins: [] }, AbortSignal.timeout(10_000));
      lines.push(`[127.0.0.1]:${port} ${shown.type} ${shown.key}`);
    }
    await mkdir(join(rig.folder, '.ssh'));
    await writeFile(join(rig.folder, '.ssh', 'known_hosts'), `${lines.join('\n')}\n`);

    const done = await rig.icepack(['doctor', '--json']);

    expect(done.json()).toMatchObject({
      exitCode: 0,
      faces: [
        { pin: 'pinned', login: 'ok' },
        { pin: 'pinned', login: 'ok' },
      ],
    });
  });

  it("that stand among odd lines in the user's own known_hosts are trusted, and doctor tells the lines (field-C04)", async () => {
    const rig = await startRig();
    const path = join(rig.folder, '.ssh', 'known_hosts');
    await mkdir(join(rig.folder, '.ssh'));
    await writeFile(path, '<<<<<<< HEAD\n192.0.2.10 1024 35 1234567890\n=======\n');

    const done = await rig.icepack(['doctor', '--json']);

    expect(done.json().exitCode).toBe(0);
    expect(done.stdout).toContain(`${path}: lines 1, 2, 3 are no host keys`);
  });

  it('that are damaged in the file stop everything, naming file and line (A05)', async () => {
    const rig = await startRig();
    await rig.configure((document) => {
      delete document.appliances.ice01.cli.hostKey;
    });
    const folder = join(rig.folder, '.local', 'state', 'icepack');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(join(folder, 'known_hosts'), '# mine\ngarbage\n', { mode: 0o600 });

    const done = await rig.icepack(['doctor']);

    expect(done.stdout).toContain(`${join(folder, 'known_hosts')}:2 is not a line of known_hosts`);
    expect(rig.mock.appliances[0]?.logins.cli).toEqual([]);
  });
});
