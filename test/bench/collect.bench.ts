import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'vitest';
import { stringify } from 'yaml';
import { binary, temporaryFolder } from '../support/rig.ts';
import { applianceConfig, startRealAppliance } from '../support/sshd.ts';
import { writeBackup, writeScriptByHand } from './by-hand.ts';
import { type Measured, measure, median, reportFigure, reportRatio } from './measure.ts';

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
