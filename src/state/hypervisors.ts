import { z } from 'zod';
import { openServerFacts, type ServerKey } from './server-facts.js';

type Kept = { version: string; answered: Date };

/** The hypervisor under each server, as the operator once answered: a guest cannot find it out. */
export interface Hypervisors {
  /** @throws UserError `state-exposed` */
  of(server: ServerKey): Promise<Kept | undefined>;
  /** Keeps a version, and replaces the one kept before. @throws UserError `state-exposed`, `local-write` */
  keep(servers: readonly ServerKey[], version: string): Promise<void>;
}

const fact = z.object({ version: z.string().regex(/^[^\x00-\x1f\x7f]{1,1000}$/), answered: z.iso.datetime() });

export function openHypervisors(path: string, now: () => Date): Hypervisors {
  const facts = openServerFacts(path, 'hypervisors', fact);
  return {
    async of(server) {
      const kept = await facts.of(server);
      return kept && { version: kept.version, answered: new Date(kept.answered) };
    },
    keep: (servers, version) => facts.keep(servers, { version, answered: now().toISOString() }),
  };
}
