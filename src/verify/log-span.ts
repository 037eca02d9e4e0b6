import { UserError } from '../errors.js';
import { createCutter } from '../logs/cut.js';
import type { CutResult } from '../logs/cut-result.js';
import { logText } from '../reading/log-text.js';
import type { BundleFile } from '../reading/open-bundle.js';

/** What a log, with its rotated files, tells of the time that it reaches over. */
export type LogSpan = {
  name: string;
  /** Undefined where no time in it is understood. */
  reach: { first: Date; last: Date } | undefined;
  isEmpty: boolean;
  /** A pause near the event that is not usual for the log. */
  silence: { since: Date; until: Date } | undefined;
  /** Whether a pause of so many ms means that it had stopped; false where it has too few lines to know. */
  isStop(ms: number): boolean;
};

type Sought = { at: Date; beforeMs: number; zone: string };

const dayMs = 86_400_000;

/** Reads logs, and puts those together that are one log: `system.log` and `system.log.1.gz`. */
export async function logSpans(
  files: readonly { file: BundleFile; name: string }[],
  sought: Sought,
): Promise<LogSpan[]> {
  const families = new Map<string, LogSpan[]>();
  for (const { file, name } of files) {
    const family = name.replace(/(\.log)[._-].*$/, '$1').replace(/\.gz$/i, '');
    const span = await spanOf(file, family, sought);
    families.set(family, [...(families.get(family) ?? []), span]);
  }
  return [...families.values()].map(together);
}

async function spanOf(file: BundleFile, name: string, { at, beforeMs, zone }: Sought): Promise<LogSpan> {
  const window = { since: new Date(at.getTime() - beforeMs), until: new Date(at.getTime() + beforeMs) };
  const readAt = new Date(at.getTime() + dayMs); // of a date without a year, the one next to the event
  const cutter = createCutter({ window, zone, readAt });
  cutter.startPart(undefined);
  try {
    for await (const chunk of logText(file)) for (const _kept of cutter.push(chunk));
  } catch (error) {
    if (!(error instanceof UserError)) throw error; // that it is cut is told with what is in it
  }
  for (const _kept of cutter.endOfPart());
  return spanIn(name, cutter.result());
}

function spanIn(name: string, { agreed, bytesIn, silence, rhythm }: CutResult): LogSpan {
  const { first, last } = agreed;
  const reach = first === undefined || last === undefined ? undefined : { first, last };
  return { name, reach, isEmpty: bytesIn === 0, silence, isStop: (ms) => rhythm.isStop(ms, false) };
}

/** One span of several files; what lies between two of them is a silence, as one within a file is. */
function together(spans: readonly LogSpan[]): LogSpan {
  const inOrder = spans.toSorted((a, b) => (a.reach?.first.getTime() ?? 0) - (b.reach?.first.getTime() ?? 0));
  const [first, ...more] = inOrder;
  if (first === undefined) throw new Error('no file');
  return more.reduce(joined, first);
}

function joined(older: LogSpan, newer: LogSpan): LogSpan {
  const isStop = (ms: number) => older.isStop(ms) || newer.isStop(ms);
  const silence = older.silence ?? newer.silence;
  const isEmpty = older.isEmpty && newer.isEmpty;
  if (older.reach === undefined || newer.reach === undefined)
    return { name: older.name, reach: older.reach ?? newer.reach, isEmpty, silence, isStop };
  const [since, until] = [older.reach.last, newer.reach.first];
  const between = isStop(until.getTime() - since.getTime()) ? { since, until } : undefined;
  const last = older.reach.last > newer.reach.last ? older.reach.last : newer.reach.last;
  const reach = { first: older.reach.first, last };
  return { name: older.name, reach, isEmpty, silence: silence ?? between, isStop };
}
