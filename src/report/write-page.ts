import { dirname } from 'node:path';
import { createPartial, gatheringWriter, inLocalTerms } from '../fs/durable.js';
import { sweepPartials } from '../fs/partials.js';

/** Where a page goes: a file, which is there whole or not at all, or a stream, which may end before it (`false`). */
export type ReportTarget = { path: string; replace: boolean } | { write(chunk: Buffer): Promise<boolean> };

/** @returns how many bytes @throws UserError `target-exists`, `local-write` */
export async function writePage(
  pieces: Iterable<string>,
  target: ReportTarget,
  signal?: AbortSignal | undefined,
): Promise<number> {
  return 'path' in target ? writeFile(pieces, target, signal) : pour(pieces, (chunk) => target.write(chunk), signal);
}

async function writeFile(
  pieces: Iterable<string>,
  { path, replace }: { path: string; replace: boolean },
  signal: AbortSignal | undefined,
): Promise<number> {
  await sweepPartials(dirname(path));
  const partial = await createPartial(path);
  try {
    const writer = gatheringWriter(partial.handle);
    const bytes = await inLocalTerms(path, async () => {
      const poured = await pour(pieces, (chunk) => writer.write(chunk).then(() => true), signal);
      await writer.flush();
      return poured;
    });
    await partial.commit({ replace });
    return bytes;
  } finally {
    await partial.discard();
  }
}

async function pour(
  pieces: Iterable<string>,
  write: (chunk: Buffer) => Promise<boolean>,
  signal: AbortSignal | undefined,
): Promise<number> {
  let bytes = 0;
  for (const piece of pieces) {
    signal?.throwIfAborted();
    const chunk = Buffer.from(piece);
    if (!(await write(chunk))) break;
    bytes += chunk.length;
  }
  return bytes;
}
