import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { RealAppliance } from '../support/sshd.ts';

const filesOfServer = 8;

/**
 * Writes what a user would write instead: of each server every step at the same time, one connection each, and in the
 * end one zip of everything. It fails when a file did not come. @returns the path of the script
 */
export function writeScriptByHand(
  path: string,
  servers: readonly RealAppliance[],
  order: 'one after the other' | 'all at once',
): string {
  const separator = order === 'all at once' ? ' &' : '';
  const steps = servers.map((server) => `(\n${stepsFor(server)}wait\n)${separator}\n`).join('');
  const text = `#!/bin/bash
out=${path}.out; rm -rf $out $out.zip; mkdir $out
${steps}wait
[ "$(find $out -type f -size +0 | wc -l)" = ${servers.length * filesOfServer} ] || { echo "something did not come" >&2; exit 1; }
cd $out && zip -q -r $out.zip .
`;
  writeFileSync(path, text, { mode: 0o755 });
  return path;
}

function stepsFor({ name, cli, hostOs, home, login, backupScript }: RealAppliance): string {
  const options = `-F none -q -i ${login.privateKey} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null`;
  const at = `${login.user}@127.0.0.1`;
  return `mkdir -p $out/${name}/{Config,Techsupport,Logs,CLI,VM}; cd $out/${name}
( printf 'techsupport\\nexit\\n' | ssh ${options} -T -p ${cli.port} ${at} > CLI/techsupport.txt
  name=$(grep -A1 'file created' CLI/techsupport.txt | tail -1 | tr -d '\\r')
  scp ${options} -P ${cli.port} ${at}:techsupport/$name Techsupport/ ) &
( ssh ${options} -p ${hostOs.port} ${at} 'cd ${home}/scripts && ./${backupScript} my-config.tar.gz' > /dev/null
  scp ${options} -P ${hostOs.port} ${at}:${home}/my-config.tar.gz Config/ ) &
for log in system audit debug; do scp ${options} -P ${cli.port} ${at}:logs/$log.log Logs/ & done
( printf 'log -status\\nexit\\n' | ssh ${options} -T -p ${cli.port} ${at} > CLI/transcript.txt ) &
( ssh ${options} -p ${hostOs.port} ${at} 'systemd-detect-virt; cat /etc/os-release; uname -a; uptime; lscpu; free -m; lsblk; df -h; ip address' > VM/virtual-machine.txt ) &
`;
}

/** An archive of about so many bytes, which cannot be packed any smaller. */
export function writeBackup(path: string, bytes: number): void {
  writeFileSync(`${path}.content`, randomBytes(bytes));
  execFileSync('tar', ['-czf', path, '-C', dirname(path), `${basename(path)}.content`]);
}
