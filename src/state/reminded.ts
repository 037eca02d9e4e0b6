import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeDurably } from '../fs/durable.js';

const schema = z.object({ schema: z.literal(1), at: z.iso.datetime().nullable() });

/** When people were reminded last of what nobody is told of until it is well. */
export type Reminded = {
  /** @returns undefined where they never were, or where that cannot be read any more */
  at(): Promise<Date | undefined>;
  /** @throws UserError `local-write` */
  note(at: Date | undefined): Promise<void>;
};

export function openReminded(stateFolder: string): Reminded {
  const path = join(stateFolder, 'watch', 'reminded.json');
  return {
    async at() {
      const text = await readFile(path, 'utf8').catch(() => ''); // nobody was
      const at = schema.safeParse(parsed(text)).data?.at ?? undefined;
      return at === undefined ? undefined : new Date(at);
    },
    note: (at) => writeDurably(path, `${JSON.stringify({ schema: 1, at: at?.toISOString() ?? null })}\n`),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
