import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { isPlainAbsolute } from '../domain/remote-path.js';
import { isCode, makePrivateFolder, writeDurably } from '../fs/durable.js';
import { withLock } from './lock.js';
import { refuseExposed } from './machine.js';

type Server = { name: string; address: string };

/** Where the files of port 22 lie on the host OS of each server, as `icepack doctor` found it. */
export interface FileRoots {
  /** @throws UserError `state-exposed` */
  of(server: Server): Promise<string | undefined>;
  /** In place of what was pinned before. @throws UserError `state-exposed`, `local-write` */
  pin(server: Server, path: string): Promise<void>;
}

const fileSchema = z.object({
  schema: z.literal(1),
  roots: z.array(
    z.object({ server: z.string(), address: z.string(), path: z.string().refine(isPlainAbsolute), found: z.string() }),
  ),
});

type Root = z.infer<typeof fileSchema>['roots'][number];

/** A server that got another address is another one. */
export function openFileRoots(path: string, now: () => Date): FileRoots {
  const isOf = (server: Server) => (root: Root) => root.server === server.name && root.address === server.address;
  return {
    async of(server) {
      await refuseExposed(dirname(path));
      return (await readRoots(path)).find(isOf(server))?.path;
    },
    async pin(server, root) {
      await makePrivateFolder(dirname(path));
      await refuseExposed(dirname(path));
      await withLock(path, async () => {
        const others = (await readRoots(path)).filter(({ server: name }) => name !== server.name);
        const added = { server: server.name, address: server.address, path: root, found: now().toISOString() };
        const document = { schema: 1, roots: [...others, added] } satisfies z.infer<typeof fileSchema>;
        await writeDurably(path, `${JSON.stringify(document, undefined, 2)}\n`);
      });
    },
  };
}

/** A file that is damaged pins nothing: doctor finds out again. */
async function readRoots(path: string): Promise<Root[]> {
  try {
    return fileSchema.parse(JSON.parse(await readFile(path, 'utf8'))).roots;
  } catch (error) {
    if (isCode(error, 'ENOENT') || error instanceof SyntaxError || error instanceof z.ZodError) return [];
    throw error;
  }
}
