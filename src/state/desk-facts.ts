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

/**
 * What help desks said they ask for, so that it is known before a collection, also when they do not answer. Each queue or
 * project may ask for something else: it is kept for the place that tickets go to.
 */
export interface DeskFacts {
  /** The fields that were missing when it was last asked, or refused a ticket. @throws UserError `state-exposed` */
  missingAt(place: string): Promise<KnownField[]>;
  /** Replaces what was known of a place. @throws UserError `state-exposed`, `local-write` */
  keep(place: string, missing: readonly KnownField[]): Promise<void>;
}

const text = z.string().regex(/^[^\x00-\x1f\x7f]{0,600}$/);
const desk = z.object({
  /** Older files have an origin instead, at which there may be several places: they are asked anew. */
  place: z.string().optional(),
  asked: z.iso.datetime(),
  missing: z.array(
    z.object({ field: text, label: text, choices: z.array(text).optional(), refused: z.literal(true).optional() }),
  ),
});
const file = z.object({ schema: z.literal(1), desks: z.array(desk) });
type Kept = z.output<typeof desk>;

export function openDeskFacts(path: string, now: () => Date): DeskFacts {
  return {
    async missingAt(place) {
      await refuseExposed(dirname(path));
      const found = (await desksIn(path)).find((each) => each.place === place);
      return (found?.missing ?? []).map((each) => defined(each));
    },
    async keep(place, missing) {
      await makePrivateFolder(dirname(path));
      await refuseExposed(dirname(path));
      await withLock(path, async () => {
        const others = (await desksIn(path)).filter((each) => each.place !== place);
        const desks = [...others, { place, asked: now().toISOString(), missing }];
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
