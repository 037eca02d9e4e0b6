import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/**
 * What is in a file of this user. It follows no link, and waits for no pipe.
 * @returns undefined where it is something else, or longer @throws Error of the system
 */
export async function readOwnFile(path: string, maxBytes: number): Promise<Buffer | undefined> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const found = await handle.stat();
    const isOurs = process.getuid === undefined || found.uid === process.getuid();
    return found.isFile() && isOurs && found.size <= maxBytes ? await handle.readFile() : undefined;
  } finally {
    await handle.close();
  }
}
