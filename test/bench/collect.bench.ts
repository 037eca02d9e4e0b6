import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { it, vi } from 'vitest';
import { stringify } from 'yaml';
import { binary, temporaryFolder } from '../support/rig.ts';
import { applianceConfig, type RealAppliance, startRealAppliance } from '../support/sshd.ts';
import { writeBackup, writeScriptByHand } from './by-hand.ts';
import { childrenOf, cpuSeconds, type Measured, measure, median, reportFigure, reportRatio } from './measure.ts';

const rounds = 5;

it('collect --no-submit of one server against ssh, scp and zip with their steps in parallel', async () => {
  const folder = await temporaryFolder();
  const techsupportFile = join(folder, 'tsf');
  const backupFile = join(folder, 'backup');
  writeFileSync(techsupportFile, randomBytes(12_000_000));
  writeBackup(backupFile, 1_000_000);
  const server = await startRealAppliance(folder, 'ice01', {
    techsupportSeconds: 3,
    techsupportFile,
    backupFile,
    logBytes: 20_000_000,
  });
  const config = join(folder, 'icepack.yaml');
  writeFileSync(config, stringify({ appliances: { ice01: applianceConfig(server, 1) } }));
  const script = writeScriptByHand(join(folder, 'by-hand'), [server], 'all at once');
  const ours: Measured[] = [];
  const peer: Measured[] = [];

  for (let round = 0; round < rounds; round++) {
    ours.push(
      await measure(
        process.execPath,
        [binary, 'collect', '--no-submit', '--batch', '--at', '-45m', '--config', config],
        { HOME: folder },
      ),
    );
    peer.push(await measure('bash', [script]));
    rmSync(join(folder, '.local'), { recursive: true });
  }

  reportRatio(
    'collect --no-submit of one server to ssh, scp, zip in parallel',
    median(ours.map((each) => each.seconds)),
    median(peer.map((each) => each.seconds)),
    1,
  );
  reportFigure('peak memory of collect', Math.max(...ours.map((each) => each.peakMb)), 200, 'MB');
});

const smallRounds = 9;

it('collect --no-submit of a server with little on it against ssh, scp and zip step by step', async () => {
  const folder = await temporaryFolder();
  const techsupportFile = join(folder, 'tsf');
  const backupFile = join(folder, 'backup');
  writeFileSync(techsupportFile, randomBytes(3_000_000));
  writeBackup(backupFile, 100_000);
  const options = { techsupportSeconds: 1, techsupportFile, backupFile, logBytes: 300_000 };
  const server = await startRealAppliance(folder, 'ice01', options);
  const config = join(folder, 'icepack.yaml');
  writeFileSync(config, stringify({ appliances: { ice01: applianceConfig(server, 1) } }));
  const script = writeScriptByHand(join(folder, 'by-hand'), [server], 'step by step');
  const ours: (Measured & { serverCpu: number })[] = [];
  const peer: typeof ours = [];

  for (let round = 0; round < smallRounds; round++) {
    const args = [binary, 'collect', '--no-submit', '--batch', '--at', '-45m', '--config', config];
    ours.push(await withServerCpu(server, () => measure(process.execPath, args, { HOME: folder })));
    peer.push(await withServerCpu(server, () => measure('bash', [script])));
    rmSync(join(folder, '.local'), { recursive: true });
  }

  process.stdout.write(`load of this machine: ${loadavg()[0]?.toFixed(1)}\n`);
  const middle = (all: typeof ours, which: 'seconds' | 'serverCpu') => median(all.map((each) => each[which]));
  const what = 'collect --no-submit of a small server to ssh, scp, zip step by step';
  reportRatio(what, middle(ours, 'seconds'), middle(peer, 'seconds'), 1);
  reportRatio(`CPU time of the server in ${what}`, middle(ours, 'serverCpu'), middle(peer, 'serverCpu'), 1);
});

/** CPU time of both faces with everything they started. */
async function withServerCpu<T>(server: RealAppliance, work: () => Promise<T>): Promise<T & { serverCpu: number }> {
  const before = cpuSecondsOf(server);
  const done = await work();
  await vi.waitUntil(() => [server.cli, server.hostOs].every(({ pid }) => childrenOf(pid).length === 0));
  return { ...done, serverCpu: cpuSecondsOf(server) - before };
}

function cpuSecondsOf({ cli, hostOs }: RealAppliance): number {
  return cpuSeconds(cli.pid) + cpuSeconds(hostOs.pid);
}
