import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { stampSchema } from '../domain/watch-event.js';
import { UserError } from '../errors.js';
import { createPartial, inLocalTerms, isCode, writeDurably } from '../fs/durable.js';
import { readOwnFile } from '../fs/own-file.js';
import { withLock } from './lock.js';
import { makeStateFolder } from './machine.js';

const refusedSchema = z.object({
  by: z.enum(['sms', 'mail', 'push']),
  /** A person or channel of the configuration; else the number or address as it came. */
  sender: z.string(),
  /** `token`: it is not the one that was sent to them. `nobody`: nobody of the configuration has that number or address. */
  why: z.enum(['token', 'nobody']),
  at: stampSchema,
});
/** An answer to a page that did not count. */
export type RefusedReply = z.infer<typeof refusedSchema>;

const notesSchema = z.object({
  schema: z.literal(1),
  /** By which of the replies of a channel it is known that they were handled. */
  marks: z.record(z.string(), z.array(z.string())).default({}),
  /** Why what comes back over a channel cannot be read. */
  faults: z.record(z.string(), z.string()).default({}),
  refused: z.array(refusedSchema).default([]),
});
export type ReplyNotesContent = z.infer<typeof notesSchema>;

/** What is kept of answers to pages. */
export interface ReplyNotes {
  /** Nothing where it cannot be read any more. */
  read(): Promise<ReplyNotesContent>;
  /** Works on it while no other process does; what that gives is kept. @throws UserError `local-write`, `busy` */
  update(work: (before: ReplyNotesContent) => Promise<ReplyNotesContent>): Promise<void>;
  /** By which tokens are made; made anew where there is none. @throws UserError `local-write` */
  secret(): Promise<Buffer>;
}

const nothing: ReplyNotesContent = { schema: 1, marks: {}, faults: {}, refused: [] };
const maxBytes = 4 * 1024 * 1024;
const secretBytes = 32;

export function openReplyNotes(stateFolder: string): ReplyNotes {
  const folder = join(stateFolder, 'watch');
  const [path, secretPath] = [join(folder, 'replies.json'), join(folder, 'secret')];
  const read = async () => notesSchema.safeParse(parsed(await bytesOf(path))).data ?? nothing;
  const prepare = () => makeStateFolder(folder, stateFolder);
  return {
    read,
    async update(work) {
      await prepare();
      await withLock(path, async () => {
        const before = await read();
        const after = await work(before);
        if (JSON.stringify(after) !== JSON.stringify(before)) await writeDurably(path, `${JSON.stringify(after)}\n`);
      });
    },
    async secret() {
      const known = await bytesOf(secretPath);
      if (known?.length === secretBytes) return known;
      await prepare();
      return madeSecret(secretPath, known !== undefined);
    },
  };
}

/** @param replace what is there is no secret any more */
async function madeSecret(path: string, replace: boolean): Promise<Buffer> {
  const secret = randomBytes(secretBytes);
  const partial = await createPartial(path);
  try {
    await inLocalTerms(path, () => partial.handle.writeFile(secret));
    await partial.commit({ replace });
    return secret;
  } catch (error) {
    const other = error instanceof UserError && error.code === 'target-exists' ? await bytesOf(path) : undefined;
    if (other?.length === secretBytes) return other; // somebody else was faster
    throw error;
  } finally {
    await partial.discard();
  }
}

/** @returns undefined where there is no such file, or none of ours */
async function bytesOf(path: string): Promise<Buffer | undefined> {
  try {
    return (await readOwnFile(path, maxBytes)) ?? Buffer.alloc(0);
  } catch (error) {
    return isCode(error, 'ENOENT') ? undefined : Buffer.alloc(0);
  }
}

function parsed(bytes: Buffer | undefined): unknown {
  try {
    return JSON.parse(bytes?.toString() ?? '');
  } catch {
    return undefined;
  }
}
