import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { isCode, makePrivateFolder, writeDurably } from '../fs/durable.js';
import { withLock } from './lock.js';
import { refuseExposed } from './machine.js';

type Server = { name: string; address: string };
type Kept = { version: string; answered: Date };

/** The hypervisor under each server, as somebody answered it once: a guest cannot find it out. */
export interface Hypervisors {
  /** @throws UserError `state-exposed` */
  of(server: Server): Promise<Kept | undefined>;
  /** In place of what was kept before. @throws UserError `state-exposed`, `local-write` */
  keep(servers: readonly Server[], version: string): Promise<void>;
}

const fileSchema = z.object({
  schema: z.literal(1),
  hypervisors: z.array(
    z.object({
      server: z.string(),
      address: z.string(),
      version: z.string().regex(/^[^\x00-\x1f\x7f]{1,1000}$/),
      answered: z.iso.datetime(),
    }),
  ),
});

type Entry = z.infer<typeof fileSchema>['hypervisors'][number];

/** A server that got another address is another one. */
export function openHypervisors(path: string, now: () => Date): Hypervisors {
  return {
    async of({ name, address }) {
      await refuseExposed(dirname(path));
      const kept = (await readEntries(path)).find((entry) => entry.server === name && entry.address === address);
      return kept && { version: kept.version, answered: new Date(kept.answered) };
    },
    async keep(servers, version) {
      await makePrivateFolder(dirname(path));
      await refuseExposed(dirname(path));
      await withLock(path, async () => {
        const others = (await readEntries(path)).filter((entry) => !servers.some(({ name }) => name === entry.server));
        const answered = now().toISOString();
        const added = servers.map(({ name, address }) => ({ server: name, address, version, answered }));
        const document = { schema: 1, hypervisors: [...others, ...added] } satisfies z.infer<typeof fileSchema>;
        await writeDurably(path, `${JSON.stringify(document, undefined, 2)}\n`);
      });
    },
  };
}

/** A file that is damaged keeps nothing: it is asked again. */
async function readEntries(path: string): Promise<Entry[]> {
  try {
    return fileSchema.parse(JSON.parse(await readFile(path, 'utf8'))).hypervisors;
  } catch (error) {
    if (isCode(error, 'ENOENT') || error instanceof SyntaxError || error instanceof z.ZodError) return [];
    throw error;
  }
}
