import { open } from 'node:fs/promises';
import { unreadable } from './drop.js';

/** Reads `length` bytes of a local file from `start` on; fewer where it ends. @throws UserError `local-read` */
export async function readPart(path: string, start: number, length: number): Promise<Buffer> {
  try {
    const file = await open(path, 'r');
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, start);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw unreadable(path, error);
  }
}
