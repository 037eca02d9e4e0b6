import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { itemError } from '../errors.js';
import { createPartial } from './durable.js';

const largestReserve = 1024 ** 3;
const lookEveryBytes = 8 * 1024 * 1024;

/**
 * Passes on what is to be written to a disk, as long as that leaves others some room: 1 GiB, or a quarter of what is free
 * at first. Small files always pass: a large one must not cost them.
 * @throws UserError `disk-nearly-full`
 */
export async function leavingRoom(folder: string): Promise<(source: AsyncIterable<Buffer>) => AsyncIterable<Buffer>> {
  const reserve = Math.min(largestReserve, (await freeBytes(folder)) / 4);
  return async function* (source) {
    let unseen = 0;
    for await (const chunk of source) {
      unseen += chunk.length;
      if (unseen > lookEveryBytes) {
        unseen = 0;
        if ((await freeBytes(folder)) < reserve)
          throw itemError('disk-nearly-full', `the disk of this machine is nearly full; make room, then collect again`);
      }
      yield chunk;
    }
  };
}

const heldBytes = 1024 ** 2;

/**
 * Holds some room for the small files that are written in the end, whatever fills the disk meanwhile.
 * @returns what gives it free
 */
export async function holdRoom(folder: string): Promise<() => Promise<void>> {
  const held = await createPartial(join(folder, 'room'));
  try {
    await held.handle.writeFile(Buffer.alloc(Math.min(heldBytes, Math.floor((await freeBytes(folder)) / 8))));
  } catch {
    // There is none to hold: what is written then says so.
  }
  return () => held.discard();
}

/** How much of a disk may be taken before the rest is left to others. */
export async function usableBytes(folder: string): Promise<number> {
  const free = await freeBytes(folder);
  return free - Math.min(largestReserve, free / 4);
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
