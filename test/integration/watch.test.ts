import { execFileSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lacks } from '../support/requirements.ts';
import { type Rig, startRig } from '../support/rig.ts';
import { applianceConfig, startRealAppliance } from '../support/sshd.ts';

/** How full a mount point of this machine is, as `df` prints it: a whole number that was rounded up. */
function filledPercent(mount: string): number {
  const [, line = ''] = execFileSync('df', ['-P', '-k', mount], { encoding: 'utf8' }).trim().split('\n');
  return Number(/(\d+)% /.exec(line)?.[1]);
}

/** The mount point that has the folder of temporary files. */
function mountOf(path: string): string {
  return execFileSync('df', ['-P', '-k', path], { encoding: 'utf8' }).trim().split(/\s/).at(-1) ?? '';
}

async function realRig(checks: object): Promise<Rig> {
  const rig = await startRig();
  const server = await startRealAppliance(rig.folder, 'ice01');
  await rig.configure((document) => {
    document.appliances = { ice01: applianceConfig(server, 1) };
    document.watch = { checks };
  });
  return rig;
}

type Thing = { check: string; instance?: string; state: string; text: string };

async function seen(rig: Rig): Promise<Thing[]> {
  const { servers } = (await rig.icepack(['watch', '--once', '--batch', '--json'])).json();
  return servers[0].things;
}

describe.skipIf(lacks('sshd', 'sftp-server', 'ssh-keygen'))('a watch of a real OpenSSH server', () => {
  it('sees that it answers, its prompt, and how full its volumes are', async () => {
    const mount = mountOf('/tmp');
    const rig = await realRig({ data: { mounts: [mount], above: '100%', clear: '100%' }, share: false });

    const things = await seen(rig);

    expect(things.map(({ check, state }) => `${check} ${state}`).sort()).toEqual([
      'data ok',
      'incenter ok',
      'key ok',
      'silent ok',
    ]);
    const fill = things.find(({ instance }) => instance === mount)?.text ?? '';
    const percent = Number(/^(\d+\.\d) % used$/.exec(fill)?.[1]);
    expect(Math.abs(percent - filledPercent(mount))).toBeLessThanOrEqual(1.5); // others write there, too
  });

  it('tells a service that runs from one that does not, and from one that cannot be asked', async () => {
    const service = (command: string) => ({ kind: 'service', command, ok: '^active$' });
    const rig = await realRig({
      up: service('echo active'),
      down: service('echo inactive; exit 3'),
      quiet: service('exit 1'),
      lacking: service('no-such-command-here'),
      asking: service('read line && echo active'),
    });

    const things = Object.fromEntries((await seen(rig)).map(({ check, state, text }) => [check, [state, text]]));

    expect(things['up']).toEqual(['ok', 'active']);
    expect(things['down']).toEqual(['pending', 'inactive']);
    expect(things['quiet']).toEqual(['pending', 'nothing is printed, exit status 1']);
    expect(things['lacking']).toEqual(['unknown', expect.stringContaining('it cannot be run there')]);
    expect(things['asking']).toEqual(['pending', 'nothing is printed, exit status 1']);
  });

  it('lacks nothing that its checks run, which doctor looks for', async () => {
    const service = (command: string) => ({ kind: 'service', command, ok: '^active$' });
    const rig = await realRig({
      up: service('ls -l /'),
      down: service('no-such-command-here --now'),
      odd: service('$(reboot) x'),
    });

    const { checks } = (await rig.icepack(['doctor', '--batch', '--json'])).json();

    const ofServer = checks.filter(
      ({ check, server }: { check: string; server?: string }) => check === 'watch' && server,
    );
    expect(ofServer).toMatchObject([
      { status: 'fail', text: 'check down: there is no "no-such-command-here"', server: 'ice01' },
    ]);
  });

  it('tells machines that run from those that crashed, were stopped, or have odd names (W40, W72)', async () => {
    const rig = await startRig();
    const virsh = join(rig.folder, 'virsh');
    writeFileSync(
      virsh,
      `#!/bin/sh
case "$*" in
  *--name) printf '%s\\n' dc01 "it's odd; \\$(reboot)" files01 web01 '' ;;
  *dc01) echo 'running (booted)' ;;
  *files01) echo 'shut off (crashed)' ;;
  *web01) echo 'shut off (shutdown)' ;;
  *"it's odd; \\$(reboot)") echo 'running (unpaused)' ;;
  *) echo "error: failed to get domain '$*'"; exit 1 ;;
esac
`,
    );
    chmodSync(virsh, 0o755);
    const server = await startRealAppliance(rig.folder, 'ice01');
    await rig.configure((document) => {
      document.appliances = { ice01: applianceConfig(server, 1) };
      const vms = {
        kind: 'vm',
        command: `${virsh} -r list --all --name`,
        each: `${virsh} -r domstate --reason {name}`,
        ok: '^running',
        stopped: '^shut off \\((shutdown|saved)\\)$',
        event: 'VM outage',
      };
      document.watch = { checks: { vms } };
    });

    const things = (await seen(rig)).filter(({ check }) => check === 'vms');

    expect(things.map(({ instance = '', state, text }) => [instance, state, text]).sort()).toEqual([
      ['', 'ok', '4 listed'],
      ['dc01', 'ok', 'running (booted)'],
      ['files01', 'pending', 'shut off (crashed)'],
      ["it's odd; $(reboot)", 'ok', 'running (unpaused)'],
      ['web01', 'suppressed', 'shut off (shutdown)'],
    ]);
  });
});
