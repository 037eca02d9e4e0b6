import { type ArchiveOptions, archiveOf } from './archive.js';
import type { MockFile } from './files.js';

/** The configuration of a small site, in the form of a backup. */
export function backupFile(options: ArchiveOptions): MockFile {
  return archiveOf(
    {
      'backup/README': `Backup of a mock InCenter 2.2.5, made ${timeOf(options)}\n`,
      'backup/incenter.conf':
        'organization: Example AB\nzone: Europe/Stockholm\nsyslog: 192.0.2.53\nntp: 192.0.2.123\n',
      'backup/nodes.json': `${JSON.stringify(nodes, undefined, 2)}\n`,
    },
    options,
  );
}

/** Information that support would look at: versions, load, disks. */
export function techsupportFile(options: ArchiveOptions): MockFile {
  return archiveOf(
    {
      'techsupport/version.txt': 'InCenter 2.2.5 (mock)\n',
      'techsupport/time.txt': `${timeOf(options)}\n`,
      'techsupport/uptime.txt': ' up 41 days,  3:12,  load average: 0.21, 0.17, 0.11\n',
      'techsupport/df.txt': '/dev/vda1  57G  21G  34G  39% /\n',
    },
    options,
  );
}

const nodes = [1, 2, 3].map((id) => ({
  id,
  name: `node-${id}`,
  site: 3,
  address: `192.0.2.${100 + id}`,
  version: 113,
}));

function timeOf({ modifiedMs }: ArchiveOptions): string {
  return new Date(modifiedMs).toISOString();
}
