import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Real programs that suites run against, and the Debian packages that bring them (`npm run test:setup`). */
export const requirements = {
  sshd: { debianPackage: 'openssh-server', suites: 'integration against real OpenSSH servers' },
  'sftp-server': { debianPackage: 'openssh-sftp-server', suites: 'integration against real OpenSSH servers' },
  'ssh-keygen': { debianPackage: 'openssh-client', suites: 'host keys compared with OpenSSH' },
  'ssh-agent': { debianPackage: 'openssh-client', suites: 'login with an SSH agent' },
  unzip: { debianPackage: 'unzip', suites: 'bundles read by unzip' },
  python3: { debianPackage: 'python3', suites: 'bundles read by Python' },
  tmux: { debianPackage: 'tmux', suites: 'questions and progress at a real terminal' },
} as const;

export type Program = keyof typeof requirements;

const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/lib/openssh'];

/** @returns the path of a program, or undefined when it is not on this machine */
export function findProgram(name: string): string | undefined {
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

/** @returns the path of a program that the suite has made sure is there */
export function programPath(name: Program): string {
  const path = findProgram(name);
  if (path === undefined) throw new Error(`${name} is not here; the suite should have been left out`);
  return path;
}

/** For `describe.skipIf(lacks('sshd'))`: what is left out is named at the end of the run. */
export function lacks(...programs: Program[]): boolean {
  return programs.some((program) => findProgram(program) === undefined);
}

export function missingPrograms(): Program[] {
  return (Object.keys(requirements) as Program[]).filter((program) => findProgram(program) === undefined);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
