import { type Known, levels } from './log-writer.ts';
import type { Level } from './messages.ts';
import type { Style } from './styles.ts';

/** A log that was written, and what is true of it. */
export type LogTruth = {
  server: number;
  name: string;
  path: string;
  bytes: number;
  sha256: string;
  style: Style;
  zone: string;
  known: Known;
  cutLines: number;
  isOnCommonClock: boolean;
  /** How often each message was written: before, round and after the event, by its template. */
  counts: Map<string, { level: Level | 'none'; before: number; round: number; after: number }>;
  /** What may be seen of its hostile lines, by their numbers. */
  shown: Map<number, string>;
  /** The numbers of lines that tell of restarts, changes and so on. */
  marks: { kind: string; number: number; at: number }[];
};

export type Silence = { server: number; log: string; since: number; until: number };

export type OrderedLine = { log: number; number: number; at: number };

/** The order of all lines: by time, server, log and place; written as plainly as can be. */
export function orderOf(logs: readonly LogTruth[]): OrderedLine[] {
  const all = logs.flatMap(({ known }, log) =>
    Array.from({ length: known.count }, (_, place) => ({ log, number: place + 1, at: known.at[place] ?? 0 })),
  );
  return all.sort((a, b) => a.at - b.at || a.log - b.log || a.number - b.number);
}

/** How many lines each server has of each severity. */
export function countsOf(logs: readonly LogTruth[]): number[][] {
  const counts: number[][] = [];
  for (const { server, known } of logs) {
    counts[server] ??= levels.map(() => 0);
    const own = counts[server] ?? [];
    for (let at = 0; at < known.count; at++) {
      const level = known.level[at] ?? 0;
      own[level] = (own[level] ?? 0) + 1;
    }
  }
  return counts;
}
