import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { isCode, makePrivateFolder, writeDurably } from '../fs/durable.js';
import { withLock } from './lock.js';
import { refuseExposed } from './machine.js';

export type ServerKey = { name: string; address: string };

/** Facts about servers, in one file; a server with a new address counts as another server. */
export interface ServerFacts<Fact> {
  /** @throws UserError `state-exposed` */
  of(server: ServerKey): Promise<Fact | undefined>;
  /** Keeps a fact, and replaces the one known before. @throws UserError `state-exposed`, `local-write` */
  keep(servers: readonly ServerKey[], fact: Fact): Promise<void>;
}

/** @param key the key of the list in the file */
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

/** The entries of the file; undefined if it is damaged, so that the facts are found out, or asked for, again. */
async function entriesIn<T>(path: string, file: z.ZodType<T>): Promise<T | undefined> {
  try {
    return file.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    if (isCode(error, 'ENOENT') || error instanceof SyntaxError || error instanceof z.ZodError) return undefined;
    throw error;
  }
}
