import { gunzipSync, constants as zlib } from 'node:zlib';
import type { Window } from '../domain/window.js';
import { createCutter } from './cut.js';
import type { CutOptions } from './cut-result.js';

/** What is known of one file of a log without reading it. */
export type PartTimes = {
  name: string;
  /** The time of its first entry. */
  first: Date | undefined;
  modifiedAt: Date | undefined;
};

/** A clock that is set back, or a repeated hour, puts lines out of order by no more than this. */
const disorderMs = 2 * 3_600_000;

/**
 * The files of a log that cannot hold a line in the window: those that end before it, because a newer one begins before
 * it, and those that begin after it. A file's own time alone proves nothing, but it may keep a file in.
 * @param parts oldest first
 */
export function partsOutside(parts: readonly PartTimes[], { since, until }: Window): Set<string> {
  const outside = new Set<string>();
  const begins = parts.map(({ first }) => first?.getTime());
  const known = begins.filter((ms) => ms !== undefined);
  if (known.some((ms, index) => ms < (known[index - 1] ?? ms) - disorderMs)) return outside;
  for (const [index, { name, modifiedAt }] of parts.entries()) {
    const nextBegins = begins.slice(index + 1).find((ms) => ms !== undefined);
    const ownBegin = begins[index];
    const written = modifiedAt?.getTime();
    const endsBefore =
      nextBegins !== undefined &&
      nextBegins < since.getTime() - disorderMs &&
      (written === undefined || written < since.getTime() - disorderMs);
    const beginsAfter =
      ownBegin !== undefined &&
      ownBegin > until.getTime() + disorderMs &&
      // Last written before it begins: its clock was set back while it was open.
      (written === undefined || (written > until.getTime() && written >= ownBegin - disorderMs));
    if (endsBefore || beginsAfter) outside.add(name);
  }
  return outside;
}

/** The most bytes that a beginning is unpacked to. */
const maxHeadBytes = 1024 * 1024;

/** The first time in the beginning of a file, packed or not; undefined where there is none, or it cannot be unpacked. */
export function firstTime(
  head: Buffer,
  compressed: boolean,
  options: CutOptions & { writtenAt?: Date },
): Date | undefined {
  const text = compressed ? unpacked(head) : head;
  if (text === undefined) return undefined;
  const cutter = createCutter(options);
  cutter.startPart(options.writtenAt);
  for (const _line of cutter.push(text.subarray(0, text.lastIndexOf(10) + 1))); // the last line goes on
  const { agreed, isRelearnt, localLines, stampedLines } = cutter.result();
  // Of times with and without a zone side by side it is not known which is the earlier.
  const isMixed = localLines > 0 && localLines < stampedLines;
  return isRelearnt || isMixed ? undefined : agreed.first;
}

function unpacked(head: Buffer): Buffer | undefined {
  try {
    return gunzipSync(head, { finishFlush: zlib.Z_SYNC_FLUSH, maxOutputLength: maxHeadBytes });
  } catch {
    return undefined;
  }
}
