import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { filesHolding } from '../support/oracle.ts';
import { programPath } from '../support/requirements.ts';
import { batch, startRig } from '../support/rig.ts';

describe('the version of InCenter (field-F18)', () => {
  it('stands in the ticket as the server said it, where the configuration says none', async () => {
    const rig = await startRig({ replies: { about: 'InCenter 2.3.1-77\n' } });
    await rig.configure((document) => {
      delete document.helpdesk.version;
      document.cliCommands = ['about', 'log -status'];
    });

    const done = await rig.icepack(['collect', ...batch, '--json']);

    expect(done.code).toBe(0);
    expect(rig.mock.helpdesk?.tickets[0]?.body).toContain('InCenter, 2.3.1-77');
    expect(rig.mock.helpdesk?.tickets[0]?.body).toContain('InCenter 2.3.1-77');
  });
});

describe('icepack collect', () => {
  it('brings an incident to its ticket in one command', async () => {
    const rig = await startRig({ appliances: 2, cluster: 'east' });

    const done = await rig.icepack(['collect', 'east', ...batch, '--json']);

    expect(done.stderr).not.toContain('failed');
    expect(done.code).toBe(0);
    const [ticket, ...others] = rig.mock.helpdesk?.tickets ?? [];
    expect(others).toEqual([]);
    expect(ticket?.files).toHaveLength(1);
    expect(done.json()).toMatchObject({
      schema: 1,
      verb: 'collect',
      exitCode: 0,
      outcome: 'complete',
      ticket: { key: 'TIC-1001', created: true },
      bundle: { attached: true, sha256: ticket?.files[0]?.sha256 },
      servers: [{ name: 'ice01' }, { name: 'ice02' }],
      next: [],
      error: null,
    });
  });

  it('has the backup made when techsupport is made, while that is still fetched', async () => {
    const rig = await startRig({ techsupport: { durationMs: 1500, bytes: 1000 } });

    const { stderr } = await rig.icepack(['collect', ...batch, '--no-submit']);

    const seconds = (text: string) =>
      Date.parse(stderr.match(new RegExp(`^(\\S+) ice01: ${text}`, 'm'))?.[1] ?? '') / 1000;
    expect(seconds('config …')).toBeGreaterThan(seconds('techsupport …') + 1.5);
    expect(seconds('config …')).toBeLessThan(seconds('techsupport ok'));
  });

  it('lays the bundle out as the guide asks, readable by unzip and by Python (E09)', async () => {
    const rig = await startRig({ appliances: 2, cluster: 'east' });

    const { bundle, event } = (await rig.icepack(['collect', 'east', ...batch, '--json'])).json();

    execFileSync(programPath('unzip'), ['-tq', bundle.path]);
    const listing = execFileSync(programPath('python3'), [
      '-c',
      'import zipfile,sys; z=zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; print("\\n".join(z.namelist()))',
      bundle.path,
    ])
      .toString()
      .trim()
      .split('\n');
    expect(event.number).toBe(1);
    const stamp = bundle.name.match(/_Event1_(\d{8}_\d{4})\.zip$/)?.[1];
    for (const server of ['ICE01', 'ICE02']) {
      const folder = `TIC-1001/Event1_${server}_${stamp}`;
      expect(
        listing
          .filter((name) => name.startsWith(folder))
          .map((name) => name.slice(folder.length + 1).replace(/\d{6,}-?\d*-?\w*-?\w*(?=\.)/, '*')),
      ).toEqual([
        'CLI/transcript.txt',
        'Config/icepack-*.tar.gz',
        'Logs/audit.log',
        'Logs/system.log',
        'Techsupport/techsupport_*.tsf',
        'VM/virtual-machine.txt',
      ]);
    }
    expect(listing.at(-1)).toBe('TIC-1001/manifest.json');
  });

  it('leaves the servers as they were', async () => {
    const rig = await startRig();
    const before = namesOn(rig);

    await rig.icepack(['collect', ...batch]);

    expect(namesOn(rig)).toEqual(before);
  });

  it('leaves no secret in its output, its state and its ticket', async () => {
    const rig = await startRig();

    const done = await rig.icepack(['collect', ...batch, '--verbose']);

    expect(await filesHolding(rig.folder, ['canary-pw'], ['mock'])).toEqual([]);
    expect(done.stdout + done.stderr + JSON.stringify(rig.mock.helpdesk?.tickets)).not.toContain('canary');
    expect(await readFile(rig.config, 'utf8')).not.toContain('canary');
  });
});

function namesOn(rig: Awaited<ReturnType<typeof startRig>>): string[] {
  return rig.mock.appliances.flatMap(({ trees }) => [...trees.cli.files.keys(), ...trees.hostOs.files.keys()]);
}
