import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { RealAppliance, RealServer } from '../support/sshd.ts';

const filesOfServer = 8;

/** What is known of a server by whoever works by hand. */
type Server = Pick<RealAppliance, 'name' | 'home' | 'login' | 'backupScript'> &
  Record<'cli' | 'hostOs', Pick<RealServer, 'port'>>;

/** Of one server all steps are taken at the same time, but for `step by step`. */
type Order = 'step by step' | 'one after the other' | 'all at once';

/** Writes the script of `scriptByHand`. @returns the path of the script */
export function writeScriptByHand(path: string, servers: readonly Server[], order: Order): string {
  writeFileSync(path, scriptByHand(path, servers, order), { mode: 0o755 });
  return path;
}

/**
 * What a user would write instead: of each server every step, one connection each, and in the end one zip of
 * everything. It fails when a file did not come.
 */
export function scriptByHand(path: string, servers: readonly Server[], order: Order): string {
  const together = (each: string, isParallel: boolean) => `(\n${each}wait\n)${isParallel ? ' &' : ''}\n`;
  const work = servers.map((server) => {
    const steps = stepsFor(server).map((step) => together(`${step}\n`, order !== 'step by step'));
    return together(`${foldersFor(server)}${steps.join('')}`, order === 'all at once');
  });
  return `#!/bin/bash
out=${path}.out; rm -rf $out $out.zip; mkdir $out
${work.join('')}wait
[ "$(find $out -type f -size +0 | wc -l)" = ${servers.length * filesOfServer} ] || { echo "something did not come" >&2; exit 1; }
cd $out && zip -q -r $out.zip .
`;
}

/** How many sessions a script opens on a face. */
export function sessionsIn(script: string, port: number): number {
  return script.match(new RegExp(` -[pP] ${port} `, 'g'))?.length ?? 0;
}

function foldersFor({ name }: Server): string {
  return `mkdir -p $out/${name}/{Config,Techsupport,Logs,CLI,VM}; cd $out/${name}\n`;
}

function stepsFor({ cli, hostOs, home, login, backupScript }: Server): string[] {
  const options = `-F none -q -i ${login.privateKey} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null`;
  const at = `${login.user}@127.0.0.1`;
  return [
    `printf 'techsupport\\nexit\\n' | ssh ${options} -T -p ${cli.port} ${at} > CLI/techsupport.txt
name=$(grep -A1 'file created' CLI/techsupport.txt | tail -1 | tr -d '\\r')
scp ${options} -P ${cli.port} ${at}:techsupport/$name Techsupport/`,
    `ssh ${options} -p ${hostOs.port} ${at} 'cd ${home}/scripts && ./${backupScript} my-config.tar.gz' > /dev/null
scp ${options} -P ${hostOs.port} ${at}:${home}/my-config.tar.gz Config/`,
    ...['system', 'audit', 'debug'].map((log) => `scp ${options} -P ${cli.port} ${at}:logs/${log}.log Logs/`),
    `printf 'log -status\\nexit\\n' | ssh ${options} -T -p ${cli.port} ${at} > CLI/transcript.txt`,
    `ssh ${options} -p ${hostOs.port} ${at} 'systemd-detect-virt; cat /etc/os-release; uname -a; uptime; lscpu; free -m; lsblk; df -h; ip address' > VM/virtual-machine.txt`,
  ];
}

/** An archive of about so many bytes, which cannot be packed any smaller. */
export function writeBackup(path: string, bytes: number): void {
  writeFileSync(`${path}.content`, randomBytes(bytes));
  execFileSync('tar', ['-czf', path, '-C', dirname(path), `${basename(path)}.content`]);
}
