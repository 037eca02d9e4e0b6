import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { isCode, makePrivateFolder, writeDurably } from '../fs/durable.js';
import { withLock } from './lock.js';
import { refuseExposed } from './machine.js';

export type ServerKey = { name: string; address: string };

/** What is known of servers, in one file; a server that got another address is another one. */
export interface ServerFacts<Fact> {
  /** @throws UserError `state-exposed` */
  of(server: ServerKey): Promise<Fact | undefined>;
  /** In place of what was known before. @throws UserError `state-exposed`, `local-write` */
  keep(servers: readonly ServerKey[], fact: Fact): Promise<void>;
}

/** @param key under which the file has its list */
export function openServerFacts<Shape extends z.ZodRawShape>(
  path: string,
  key: string,
  fact: z.ZodObject<Shape>,
): ServerFacts<z.infer<z.ZodObject<Shape>>> {
  const entry = z.object({ server: z.string(), address: z.string() }).and(fact);
  const file = z.object({ schema: z.literal(1), [key]: z.array(entry) });
  const read = async () => (await entriesIn(path, file))?.[key] as z.infer<typeof entry>[] | undefined;
  return {
    async of({ name, address }) {
      await refuseExposed(dirname(path));
      const found = (await read())?.find(({ server, address: own }) => server === name && own === address);
      return found === undefined ? undefined : fact.parse(found);
    },
    async keep(servers, known) {
      await makePrivateFolder(dirname(path));
      await refuseExposed(dirname(path));
      await withLock(path, async () => {
        const names = new Set(servers.map(({ name }) => name));
        const others = ((await read()) ?? []).filter(({ server }) => !names.has(server));
        const added = servers.map(({ name, address }) => ({ server: name, address, ...known }));
        await writeDurably(path, `${JSON.stringify({ schema: 1, [key]: [...others, ...added] }, undefined, 2)}\n`);
      });
    },
  };
}

/** A file that is damaged knows nothing: it is found out, or asked, again. */
async function entriesIn<T>(path: string, file: z.ZodType<T>): Promise<T | undefined> {
  try {
    return file.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    if (isCode(error, 'ENOENT') || error instanceof SyntaxError || error instanceof z.ZodError) return undefined;
    throw error;
  }
}
