import { readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { isCode, makePrivateFolder, writeDurably } from '../fs/durable.js';
import { processSchema, stillRuns, thisProcess } from './process.js';

export const atWorkFile = 'at-work.json';
export const wantedFile = 'wanted.json';

const atWorkSchema = z.object({
  capture: z.string(),
  since: z.string(),
  process: processSchema,
  /** It runs techsupport, which it finishes for the run that wants the server. */
  handsOver: z.literal(true).optional(),
});
const wantedSchema = z.object({ process: processSchema });

/** The capture that is at work at a server. */
export type AtWork = z.infer<typeof atWorkSchema>;

/** How a capture and a run that wants its server know of each other, beside the lock. Notes of ended processes say nothing. */
export interface AtWorkNotes {
  find(server: string): Promise<AtWork | undefined>;
  note(server: string, note: Omit<AtWork, 'process'>): Promise<void>;
  end(server: string): Promise<void>;
  isWanted(server: string): Promise<boolean>;
  want(server: string): Promise<void>;
  /** Takes back what this process wanted. */
  unwant(server: string): Promise<void>;
}

export function openAtWorkNotes(folderOf: (server: string) => string): AtWorkNotes {
  const atWork = (server: string) => join(folderOf(server), atWorkFile);
  const wanted = (server: string) => join(folderOf(server), wantedFile);
  return {
    find: (server) => readLive(atWork(server), atWorkSchema),
    async note(server, note) {
      await writeDurably(atWork(server), `${JSON.stringify({ ...note, process: await thisProcess() })}\n`);
    },
    end: (server) => remove(atWork(server)),
    isWanted: async (server) => (await readLive(wanted(server), wantedSchema)) !== undefined,
    async want(server) {
      await makePrivateFolder(folderOf(server));
      await writeDurably(wanted(server), `${JSON.stringify({ process: await thisProcess() })}\n`);
    },
    async unwant(server) {
      const note = await readLive(wanted(server), wantedSchema);
      if (note?.process.pid === process.pid) await remove(wanted(server));
    },
  };
}

async function readLive<T extends { process: z.infer<typeof processSchema> }>(
  path: string,
  schema: z.ZodType<T>,
): Promise<T | undefined> {
  try {
    const note = schema.parse(JSON.parse(await readFile(path, 'utf8')));
    return (await stillRuns(note.process)) ? note : undefined;
  } catch {
    return undefined; // there is none, or a cut one: whoever wrote it is gone
  }
}

async function remove(path: string): Promise<void> {
  await unlink(path).catch((error: unknown) => {
    if (!isCode(error, 'ENOENT')) throw error;
  });
}
