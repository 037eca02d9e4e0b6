import type { Session } from 'ssh2';
import { formatOffset } from '../domain/zone.js';
import { backupFile, techsupportFile } from './evidence-files.js';
import { isFolder, type MockTree } from './files.js';
import { serveSftp } from './sftp-server.js';

export type HostOsFace = {
  home: string;
  tree: MockTree;
  now(): Date;
  zone: string;
  backup: { bytes: number; block: Buffer; durationMs: number };
  techsupport: { bytes: number; block: Buffer; durationMs: number };
  /** What commands print instead of their own text, by their beginnings; `hang` never ends. */
  replies?: Record<string, string>;
  /** How full its disk is, in percent. */
  fullPercent?(): number | undefined;
};

/** Where the files of port 22 lie on the host OS. */
export const storage = '/var/lib/incenter/storage';

type Answer = { stdout?: string; stderr?: string; code: number };

/** Serves the host OS: `exec` for a fixed set of commands, none of which is really run, and its files over SFTP. */
export function serveHostOsFace(session: Session, face: HostOsFace): void {
  session.on('exec', async (accept, _reject, { command }) => {
    const channel = accept();
    // A shell would run one command after the other; here only an `echo` may come first.
    const [, echoed, rest] = /^exec <\/dev\/null; echo ([a-z-]+); (.*)$/s.exec(command) ?? [
      undefined,
      undefined,
      command,
    ];
    if (echoed !== undefined) channel.write(`${echoed}\n`);
    const { stdout = '', stderr = '', code } = await answer(unbounded(rest ?? command), face);
    channel.write(stdout);
    channel.stderr.write(stderr);
    channel.exit(code);
    channel.end();
  });
  serveSftp(session, face.tree);
}

async function answer(command: string, face: HostOsFace): Promise<Answer> {
  const start = Object.keys(face.replies ?? {}).find((start) => command.startsWith(start));
  const reply = start === undefined ? undefined : face.replies?.[start];
  if (reply === 'hang') return new Promise<Answer>(() => undefined);
  if (reply !== undefined) return { stdout: reply, code: 0 };
  const backup = /^cd (\S+) && \.\/backup\.sh ([A-Za-z0-9._-]+)$/.exec(command);
  if (backup?.[1] === `${face.home}/scripts` && backup[2] !== undefined) return makeBackup(backup[2], face);
  if (command === `cd ${face.home}/scripts && ./techsupport.sh`) return makeTechsupport(face);
  if (command.startsWith("date '+icepack-clock")) return clockAndFacts(command, face);
  if (command.startsWith('export LC_ALL=C; if command -v timeout')) return fenced(command, face);
  if (command.includes('df -P -k -l')) return { stdout: disks(face), code: 0 };
  const known = Object.entries(facts).find(([start]) => command.replace(/^LC_ALL=C /, '').startsWith(start));
  if (known !== undefined) return { stdout: `${known[1]}\n`, code: 0 };
  const said = /^echo ([A-Za-z0-9 ._=:-]+)$/.exec(command);
  if (said !== null) return { stdout: `${said[1]}\n`, code: 0 };
  if (/^p(grep|kill) /.test(command)) return { code: 1 }; // nothing runs on
  if (command.startsWith('for f in ')) return { code: 0 }; // all may be read
  const sought = /find .* -name (\w+) .*echo "(\S+) \$\?"/.exec(command);
  if (sought !== null) return found(`${storage}/${sought[1]}`, sought[2], face);
  return { stderr: `sh: command not found: ${command}\n`, code: 127 };
}

function found(folder: string, ended: string | undefined, { tree }: HostOsFace): Answer {
  return { stdout: `${isFolder(tree, folder) ? `4711 ${folder}\n` : ''}${ended} 0\n`, code: 0 };
}

/** Prints the time, then the output of several commands, each after a line of its own. */
async function clockAndFacts(command: string, face: HostOsFace): Promise<Answer> {
  let { stdout = '' } = clock(face);
  const end = /echo (icepack-clock-ends);/.exec(command);
  if (end !== null) stdout += `${end[1]}\n`;
  const asked = command.replaceAll('$T ', '').matchAll(/echo (icepack-fact \w+); \(([^)]*)\)/g);
  for (const [, line, command = ''] of asked) stdout += `${line}\n${(await answer(command, face)).stdout ?? ''}`;
  return { stdout, code: 0 };
}

/** Runs several commands, each between two lines of its own, as a shell does. */
async function fenced(line: string, face: HostOsFace): Promise<Answer> {
  let stdout = '';
  const parts = /echo '([^']+) begins'; limited sh -c (\S+|'(?:[^']|'\\'')*') <\/dev\/null 2>&1;/g;
  for (const [, mark, word = ''] of line.matchAll(parts)) {
    const command = word.replace(/^'(.*)'$/s, '$1').replaceAll("'\\''", "'");
    const { stdout: printed = '', stderr = '', code } = await answer(command, face);
    stdout += `${mark} begins\n${printed}${stderr}\n${mark} ends ${code}\n`;
  }
  return { stdout, code: 0 };
}

/** Its disk, and one for data. */
function disks({ fullPercent }: HostOsFace): string {
  const blocks = 104_857_600;
  const used = Math.round((blocks * (fullPercent?.() ?? 41)) / 100);
  return [
    'Filesystem     1024-blocks     Used Available Capacity Mounted on',
    '/dev/vda1         59768832 22020096  35651584      39% /',
    `/dev/vdb1        ${blocks} ${used} ${blocks - used} ${Math.ceil((100 * used) / blocks)}% /data`,
    '',
  ].join('\n');
}

/** The command without its time limit. */
function unbounded(command: string): string {
  return command.replace(/\$\(command -v timeout [^)]*\) /, '');
}

async function makeBackup(name: string, { home, tree, now, backup }: HostOsFace): Promise<Answer> {
  await new Promise((resolve) => setTimeout(resolve, backup.durationMs));
  tree.files.set(`${home}/${name}`, backupFile({ ...backup, modifiedMs: now().getTime() }));
  return { stdout: `Backup written to ${home}/${name}\n`, code: 0 };
}

async function makeTechsupport({ tree, now, techsupport }: HostOsFace): Promise<Answer> {
  await new Promise((resolve) => setTimeout(resolve, techsupport.durationMs));
  const path = `${storage}/techsupport/techsupport_script_${now().getTime()}.tsf`;
  tree.files.set(path, techsupportFile({ ...techsupport, modifiedMs: now().getTime() }));
  return {
    stdout: `Collecting and storing Technical Support Information...\n\nTechnical Support file created:\n${path}\n`,
    code: 0,
  };
}

/** 41 days, 3:12 hours: as `uptime` says. */
const upSeconds = (41 * 24 + 3) * 3600 + 12 * 60;

function clock({ now, zone }: HostOsFace): Answer {
  const at = now();
  const seconds = (at.getTime() / 1000).toFixed(3);
  return {
    stdout: [
      `icepack-clock ${seconds} ${formatOffset(at, zone).replace(':', '')}\n/usr/share/zoneinfo/${zone}\n${zone}\n`,
      `icepack-up ${upSeconds}.25 100.00\nicepack-from 127.0.0.1\n`,
    ].join(''),
    code: 0,
  };
}

/** The facts of a small virtual machine, by the beginning of the command. */
const facts: Record<string, string> = {
  'systemd-detect-virt': 'kvm',
  'cat /sys/class/dmi/id/sys_vendor': 'QEMU',
  'cat /sys/class/dmi/id/product_name': 'Standard PC (Q35 + ICH9, 2009)',
  'cat /sys/class/dmi/id/product_version': 'pc-q35-7.2',
  'cat /sys/class/dmi/id/bios_version': '1.16.2-debian-1.16.2-1',
  '. /etc/os-release': 'Debian GNU/Linux 12 (bookworm)',
  uname: 'Linux 6.1.0-25-amd64 x86_64',
  uptime: ' 10:32:05 up 41 days,  3:12,  1 user,  load average: 0.21, 0.17, 0.11',
  lscpu:
    'Architecture:        x86_64\nCPU(s):              4\nModel name:          QEMU Virtual CPU version 2.5+\nHypervisor vendor:   KVM',
  free: '               total        used        free      shared  buff/cache   available\nMem:            7952        2210        3105          12        2636        5461\nSwap:           2047           0        2047',
  lsblk: 'NAME   TYPE  SIZE MOUNTPOINT\nvda    disk   60G \n├─vda1 part   58G /\n└─vda2 part    2G [SWAP]',
  'df -Pk':
    'Filesystem     1024-blocks     Used Available Capacity Mounted on\n/dev/vda1         59768832 22020096  35651584      39% /',
  df: 'Filesystem     Type  Size  Used Avail Use% Mounted on\n/dev/vda1      ext4   57G   21G   34G  39% /',
  ip: 'lo               UNKNOWN        127.0.0.1/8\nens3             UP             192.0.2.10/24',
};
