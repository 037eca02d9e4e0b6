import { type Command, say } from '../domain/command.js';
import type { VerbOutcome } from '../domain/line.js';
import { document } from '../domain/result.js';
import { formatLocal } from '../domain/zone.js';
import { exitCode } from '../errors.js';
import type { Reading } from '../reading/reading.js';
import { type Looking, maxDocumentLines } from './looking.js';
import { absencesIn, lineText, type MergedLine, mergedLines, serversNamed, type Wanted } from './merged-lines.js';
import { timeRange } from './time-range.js';

/** As it was typed; `min` is a place in `severities`. */
type Typed = { span: string; servers: readonly string[]; min: number; grep: string | undefined };

export function wantedOf({ layout, span: whole }: Reading, { span, servers, min, grep }: Typed): Wanted {
  const near = layout.event?.at.getTime() ?? whole.since;
  return { range: timeRange(span, layout.zone, near), servers: serversNamed(servers, layout), min, grep };
}

/** Shows the lines that are wanted, and says what of them was never collected. */
export async function showLines(
  reading: Reading,
  overview: Command,
  wanted: Wanted,
  looking: Looking,
): Promise<VerbOutcome> {
  const { output, emit, signal } = looking;
  const absent = absencesIn(reading, wanted);
  const batches = mergedLines(reading, wanted, signal);
  if (output === undefined) return linesDocument(batches, reading, absent);
  let count = 0;
  for await (const batch of batches) {
    count += batch.length;
    const isRead = await output.write(batch.map((line) => `${lineText(line, reading)}\n`).join(''));
    if (!isRead) return nothingToSay;
  }
  for (const text of absent) emit({ type: 'warning', text });
  const hint = say`See what there is: ${overview}`;
  if (count === 0) emit({ type: 'warning', text: `no line is as wanted; ${spanText(reading)}`, hint });
  return nothingToSay;
}

/** Times are read in the zone of the bundle, which is not always the one that was thought of. */
function spanText({ span: { since, until }, layout: { zone }, lines }: Reading): string {
  if (lines.count === 0) return 'there is none at all';
  const at = (ms: number) => formatLocal(new Date(ms), zone, true);
  return `those here go from ${at(since)} to ${at(until).slice(11)} ${zone}`;
}

/** It was said already, or nobody reads any more. */
const nothingToSay: VerbOutcome = { exitCode: exitCode.ok, lines: [], json: undefined };

async function linesDocument(
  batches: AsyncIterable<MergedLine[]>,
  { layout }: Reading,
  absent: readonly string[],
): Promise<VerbOutcome> {
  const lines: object[] = [];
  let more = 0;
  for await (const batch of batches)
    for (const { at, server, ...line } of batch) {
      if (lines.length === maxDocumentLines) more++;
      else lines.push({ at: new Date(at).toISOString(), server: layout.servers[server]?.label, ...line });
    }
  return { exitCode: exitCode.ok, lines: [], json: document('inspect', exitCode.ok, { lines, more, absent }) };
}
