import { z } from 'zod';
import { isPlainAbsolute } from '../domain/remote-path.js';
import { openServerFacts, type ServerKey } from './server-facts.js';

/** Where the files of port 22 lie on the host OS of each server, as `icepack doctor` found it. */
export interface FileRoots {
  /** @throws UserError `state-exposed` */
  of(server: ServerKey): Promise<string | undefined>;
  /** Pins a path, and replaces the one pinned before. @throws UserError `state-exposed`, `local-write` */
  pin(server: ServerKey, path: string): Promise<void>;
}

const fact = z.object({ path: z.string().refine(isPlainAbsolute), found: z.string() });

export function openFileRoots(path: string, now: () => Date): FileRoots {
  const facts = openServerFacts(path, 'roots', fact);
  return {
    of: async (server) => (await facts.of(server))?.path,
    pin: (server, root) => facts.keep([server], { path: root, found: now().toISOString() }),
  };
}
