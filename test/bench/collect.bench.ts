import { randomBytes } from 'node:crypto';
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'vitest';
import { stringify } from 'yaml';
import { binary, temporaryFolder } from '../support/rig.ts';
import { applianceConfig, type RealAppliance, startRealAppliance } from '../support/sshd.ts';
import { type Measured, measure, median, reportFigure, reportRatio } from './measure.ts';

const rounds = 5;

/** What a user would write instead: every step at the same time, one connection each. */
function shellScript({ cli, hostOs, home, login }: RealAppliance, folder: string): string {
  const options = `-F none -q -i ${login.privateKey} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null`;
  const at = `${login.user}@127.0.0.1`;
  return `#!/bin/bash
set -e
out=${folder}/by-hand; rm -rf $out; mkdir -p $out/Config $out/Techsupport $out/Logs $out/CLI $out/VM; cd $out
( printf 'techsupport\\nexit\\n' | ssh ${options} -T -p ${cli.port} ${at} > CLI/techsupport.txt
  name=$(grep -A1 'file created' CLI/techsupport.txt | tail -1 | tr -d '\\r')
  scp ${options} -P ${cli.port} ${at}:techsupport/$name Techsupport/ ) &
( ssh ${options} -p ${hostOs.port} ${at} 'cd ${home}/scripts && ./configBackup.sh my-config.tar.gz' > /dev/null
  scp ${options} -P ${hostOs.port} ${at}:${home}/my-config.tar.gz Config/ ) &
for log in system audit debug; do scp ${options} -P ${cli.port} ${at}:logs/$log.log Logs/ & done
( printf 'log -status\\nexit\\n' | ssh ${options} -T -p ${cli.port} ${at} > CLI/transcript.txt ) &
( ssh ${options} -p ${hostOs.port} ${at} 'systemd-detect-virt; cat /etc/os-release; uname -a; uptime; lscpu; free -m; lsblk; df -h; ip address' > VM/virtual-machine.txt || true ) &
wait
cd ${folder}; rm -f by-hand.zip; zip -q -r by-hand.zip by-hand
`;
}

it('collect --no-submit of one server against ssh, scp and zip with their steps in parallel', async () => {
  const folder = await temporaryFolder();
  const techsupportFile = join(folder, 'tsf');
  const backupFile = join(folder, 'backup');
  writeFileSync(techsupportFile, randomBytes(12_000_000));
  writeFileSync(backupFile, randomBytes(1_000_000));
  const server = await startRealAppliance(folder, 'ice01', {
    techsupportSeconds: 3,
    techsupportFile,
    backupFile,
    logBytes: 20_000_000,
  });
  const config = join(folder, 'icepack.yaml');
  writeFileSync(config, stringify({ appliances: { ice01: applianceConfig(server, 1) } }));
  const script = join(folder, 'by-hand.sh');
  writeFileSync(script, shellScript(server, folder));
  chmodSync(script, 0o755);
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
