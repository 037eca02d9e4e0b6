import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { defined } from '../domain/defined.js';
import type { RequiredField } from '../domain/required-field.js';
import { isCode, makePrivateFolder, writeDurably } from '../fs/durable.js';
import { withLock } from './lock.js';
import { refuseExposed } from './machine.js';

export type KnownField = RequiredField & {
  /** A refusal taught it: what the help desk says beforehand may not have it. */
  refused?: true;
};

/** What help desks said they ask for, so that it is known before a collection, also when they do not answer. */
export interface DeskFacts {
  /** The fields that were missing when it was last asked, or refused a ticket. @throws UserError `state-exposed` */
  missingAt(origin: string): Promise<KnownField[]>;
  /** Replaces what was known of a help desk. @throws UserError `state-exposed`, `local-write` */
  keep(origin: string, missing: readonly KnownField[]): Promise<void>;
}

const text = z.string().regex(/^[^\x00-\x1f\x7f]{0,600}$/);
const desk = z.object({
  origin: z.string(),
  asked: z.iso.datetime(),
  missing: z.array(
    z.object({ field: text, label: text, choices: z.array(text).optional(), refused: z.literal(true).optional() }),
  ),
});
const file = z.object({ schema: z.literal(1), desks: z.array(desk) });
type Kept = z.output<typeof desk>;

export function openDeskFacts(path: string, now: () => Date): DeskFacts {
  return {
    async missingAt(origin) {
      await refuseExposed(dirname(path));
      const found = (await desksIn(path)).find((each) => each.origin === origin);
      return (found?.missing ?? []).map((each) => defined(each));
    },
    async keep(origin, missing) {
      await makePrivateFolder(dirname(path));
      await refuseExposed(dirname(path));
      await withLock(path, async () => {
        const others = (await desksIn(path)).filter((each) => each.origin !== origin);
        const desks = [...others, { origin, asked: now().toISOString(), missing }];
        await writeDurably(path, `${JSON.stringify({ schema: 1, desks }, undefined, 2)}\n`);
      });
    },
  };
}

/** None where the file is damaged: the next check finds it out again. */
async function desksIn(path: string): Promise<Kept[]> {
  try {
    return file.parse(JSON.parse(await readFile(path, 'utf8'))).desks;
  } catch (error) {
    if (isCode(error, 'ENOENT') || error instanceof SyntaxError || error instanceof z.ZodError) return [];
    throw error;
  }
}
