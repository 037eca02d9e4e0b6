import type { Reading } from '../reading/reading.js';
import { type Packed, packBlocks } from './blocks.js';
import { type Columns, columnsOf } from './columns.js';
import { estimatedBytes, linesKept, type WhichLines } from './lines-kept.js';

export type PackedLines = Packed & {
  columns: Columns;
  keep: Uint8Array | undefined;
  /** How many lines are kept. */
  here: number;
};

export type PackLinesOptions = {
  which: WhichLines;
  /** Of columns and blocks together, as base64. */
  maxBytes: number;
  wanted: ReadonlySet<number>;
  signal: AbortSignal | undefined;
};

/** What a byte of text takes on the page, before it was tried: deflated, with its columns, as base64. */
const usualShare = 0.33;

/** Chooses lines until they fit, the worthiest first; where they all fit, in one pass. */
export async function packLines(reading: Reading, options: PackLinesOptions): Promise<PackedLines> {
  const { which, maxBytes, wanted, signal } = options;
  let keep = which === 'all' ? undefined : linesKept(reading, which, maxBytes / usualShare);
  for (let budget = maxBytes / usualShare; ; ) {
    const columns = await columnsOf(reading.lines, reading.density, keep);
    const ofColumns = columns.reduce((sum, [, { length }]) => sum + Math.ceil(length / 3) * 4, 0);
    const packed = await packBlocks(reading.lines, { keep, maxBytes: maxBytes - ofColumns, wanted, signal });
    const bytes = packed.bytes + ofColumns;
    if (bytes <= maxBytes || keep?.every((kept) => kept === 0))
      return { ...packed, columns, keep, here: packed.blocks.reduce((sum, { lines }) => sum + lines, 0) };
    budget = Math.min(budget * 0.7, (estimatedBytes(reading, keep) * maxBytes * 0.97) / bytes);
    keep = linesKept(reading, which, budget);
  }
}
