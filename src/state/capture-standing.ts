import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { makePrivateFolder, writeDurably } from '../fs/durable.js';

export const standingFile = 'standing.json';

const standingSchema = z.object({
  /** `failing` and `skipping` since when, why, and when that was told last. */
  health: z.enum(['well', 'failing', 'skipping']),
  since: z.string().optional(),
  reason: z.string().optional(),
  toldAt: z.string().optional(),
  /** How often in a row it was skipped. */
  skips: z.number().int().nonnegative().default(0),
  /** Logins whose password was refused, by their key in the configuration: why, and under which configuration. */
  refused: z.record(z.string(), z.object({ reason: z.string(), under: z.string() })).default({}),
});

/** How captures of a server fared lately. */
export type Standing = z.infer<typeof standingSchema>;

export interface Standings {
  read(server: string): Promise<Standing>;
  write(server: string, standing: Standing): Promise<void>;
}

export const noStanding: Standing = { health: 'well', skips: 0, refused: {} };

export function openStandings(folderOf: (server: string) => string): Standings {
  return {
    async read(server) {
      try {
        return standingSchema.parse(JSON.parse(await readFile(join(folderOf(server), standingFile), 'utf8')));
      } catch {
        return noStanding; // what is damaged or cannot be read is forgotten: the next capture tells how it is
      }
    },
    async write(server, standing) {
      await makePrivateFolder(folderOf(server));
      await writeDurably(join(folderOf(server), standingFile), `${JSON.stringify(standing)}\n`);
    },
  };
}
