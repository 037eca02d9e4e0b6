import { createHash, randomBytes } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { readdir, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** A name for a file that is being written, which tells whose it is. */
export function partialName(): string {
  return `.${machine()}-${process.pid}-${randomBytes(6).toString('hex')}.partial`;
}

/** Takes away what killed processes of this machine left half-written in a folder. */
export async function sweepPartials(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []); // whoever writes there says what is wrong with it
  for (const name of names) {
    const [, where, pid] = /^\.([0-9a-f]{8})-(\d+)-[0-9a-f]{12}\.partial$/.exec(name) ?? [];
    if (where !== machine() || isAlive(Number(pid))) continue;
    await unlink(join(folder, name)).catch(() => undefined); // another one sweeps, too
  }
}

/** Where a process number means one process: a folder may be shared by containers, or by machines. */
function machine(): string {
  return createHash('sha256').update(`${hostname()} ${processNamespace()}`).digest('hex').slice(0, 8);
}

function processNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return ''; // not Linux: there is only one
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'; // somebody else's
  }
}
