import { lstat, open } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurably } from '../fs/durable.js';
import { type Surroundings, stateFolderOf } from './surroundings.js';
import type { Trace } from './trace-file.js';

const tailBytes = 256_000;

/** Puts the end of the trace into the folder of a run that failed, beside its journal: bundles are made of other folders. */
export async function keepTail({ path }: Trace, run: string, { env }: Pick<Surroundings, 'env'>): Promise<void> {
  try {
    const folder = join(stateFolderOf(env), 'runs', run);
    if (!/^[A-Za-z0-9-]+$/.test(run) || !(await lstat(folder)).isDirectory()) return;
    await writeDurably(join(folder, 'log-tail.jsonl'), await endOf(path));
  } catch {
    // A full disk, a run that is gone: the trace itself is still there.
  }
}

/** Its last lines, from the beginning of one on. */
async function endOf(path: string): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const from = Math.max(0, size - tailBytes);
    const { bytesRead, buffer } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
    const bytes = buffer.subarray(0, bytesRead);
    return from === 0 ? bytes : bytes.subarray(bytes.indexOf('\n') + 1);
  } finally {
    await file.close();
  }
}
