import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { defined } from '../domain/defined.js';

/** A process by number, time of birth and boot, because numbers are used again. */
export const processSchema = z.object({
  pid: z.number().int(),
  bornAt: z.string().optional(),
  boot: z.string().optional(),
});
export type ProcessNote = z.infer<typeof processSchema>;

export function thisProcess(): Promise<ProcessNote> {
  return processNow(process.pid);
}

/** Whether the process that was noted still runs. */
export async function stillRuns(noted: ProcessNote): Promise<boolean> {
  const now = await processNow(noted.pid);
  return now.bornAt !== undefined && now.bornAt === noted.bornAt && now.boot === noted.boot;
}

async function processNow(pid: number): Promise<ProcessNote> {
  const read = (path: string) => readFile(path, 'utf8').catch(() => undefined); // not Linux, or gone
  const stat = await read(`/proc/${pid}/stat`);
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  const bornAt = fields?.[0] === 'Z' ? undefined : fields?.[19]; // a zombie works no more
  const boot = (await read('/proc/sys/kernel/random/boot_id'))?.trim();
  return { pid, ...defined({ bornAt, boot }) };
}
