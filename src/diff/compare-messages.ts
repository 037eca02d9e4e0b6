import { groups } from '../reading/budget.js';
import { severities } from '../reading/reading.js';
import { areComparable } from './compare-logs.js';
import type { Difference, Pair } from './comparison.js';
import type { DiffLine } from './line-diff.js';
import type { Message, ServerLogs } from './server-logs.js';

const mostShown = 12;

/** One message over all servers: how often on each, on either side. */
type Row = { text: string; severity: number; standsOut: boolean; sides: [Counts, Counts] };
type Counts = Map<string, number>;

/** Warnings and worse that only one side has; and those that stand out on one side, and are on both. */
export function compareMessages(pairs: readonly Pair[], names: { left: string; right: string }): Difference[] {
  const rows = [...rowsOf(pairs).values()].sort(byWeight);
  const isIn = ({ sides }: Row, side: 0 | 1) => sides[side].size > 0;
  const come = rows.filter((row) => !isIn(row, 0) && isIn(row, 1));
  const gone = rows.filter((row) => isIn(row, 0) && !isIn(row, 1));
  return [
    ...difference(names.right, come, '+', (text) => ({ left: '–', right: text })),
    ...difference(names.left, gone, '-', (text) => ({ left: text, right: '–' })),
  ];
}

function byWeight(a: Row, b: Row): number {
  return Number(b.standsOut) - Number(a.standsOut) || b.severity - a.severity || sumOf(b) - sumOf(a);
}

function sumOf({ sides }: Row): number {
  return sides.flatMap((counts) => [...counts.values()]).reduce((sum, count) => sum + count, 0);
}

function rowsOf(pairs: readonly Pair[]): Map<string, Row> {
  const rows = new Map<string, Row>();
  for (const { label, left, right } of pairs) {
    if (left === undefined || right === undefined) continue;
    const names = [...left.logs.logs.keys()].filter((name) => areComparable(left.logs, right.logs, name));
    for (const name of names) {
      addTo(rows, label, 0, messagesIn(left.logs, name));
      addTo(rows, label, 1, messagesIn(right.logs, name));
    }
  }
  return rows;
}

function messagesIn({ logs }: ServerLogs, name: string): ReadonlyMap<string, Message> {
  return logs.get(name)?.messages ?? new Map<string, Message>();
}

function addTo(rows: Map<string, Row>, label: string, side: 0 | 1, messages: ReadonlyMap<string, Message>): void {
  for (const [text, { count, severity, standsOut }] of messages) {
    const row = rows.get(text) ?? { text, severity, standsOut: false, sides: [new Map(), new Map()] };
    rows.set(text, row);
    row.severity = Math.max(row.severity, severity);
    row.standsOut ||= standsOut;
    row.sides[side].set(label, (row.sides[side].get(label) ?? 0) + count);
  }
}

function difference(
  where: string,
  rows: readonly Row[],
  mark: '+' | '-',
  sidesOf: (text: string) => { left: string; right: string },
): Difference[] {
  if (rows.length === 0) return [];
  const lines = rows.slice(0, mostShown).map((row): DiffLine => ({ mark, text: rowText(row) }));
  const more = rows.length - lines.length;
  const text = `${groups(rows.length)} ${rows.length === 1 ? 'message' : 'messages'}`;
  return [{ where, ...sidesOf(text), lines, ...(more === 0 ? {} : { more }) }];
}

/** e.g. `ICE01 212×: ERROR lease of node # expired` */
function rowText({ text, severity, sides }: Row): string {
  const counts = sides.flatMap((side) => [...side]).map(([label, count]) => `${label} ${groups(count)}×`.trim());
  return `${counts.join(', ')}: ${(severities[severity] ?? '').toUpperCase()} ${text}`;
}
