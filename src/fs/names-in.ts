import { readdir } from 'node:fs/promises';
import { inLocalTerms, isCode } from './durable.js';

/** The names in a folder, in their order; none where it is not there. @throws UserError `local-write` */
export async function namesIn(folder: string): Promise<string[]> {
  return inLocalTerms(folder, async () => {
    try {
      return (await readdir(folder)).toSorted();
    } catch (error) {
      if (isCode(error, 'ENOENT')) return [];
      throw error;
    }
  });
}
