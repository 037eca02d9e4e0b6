import type { OutputLine } from '../domain/line.js';
import { folded, printableLine } from '../domain/text.js';
import type { Comparison, Difference, NotComparable } from './comparison.js';
import type { Sides } from './sides.js';

const [whereColumns, sideColumns] = [22, 27];
const lineColumns = 80;
const mostLines = 40;
const mostNames = 8;

/** What differs, in 80 columns. */
export function diffLines(
  { differences, notComparable }: Comparison,
  { titles, tools }: Pick<Sides, 'titles' | 'tools'>,
): OutputLine[] {
  return [
    { text: row('', titles.left, titles.right), tone: 'strong' },
    ...(tools === undefined ? [] : [{ text: row('collected by', tools.left, tools.right), tone: 'dim' as const }]),
    ...differences.flatMap(differenceLines),
    ...[...byReason(notComparable)].flatMap(([reason, names]) => notComparableLines(reason, names)),
    { text: `${countOf(differences.length, 'difference')}, ${notComparable.length} not comparable.` },
  ];
}

/** One cause mostly costs several things. */
function byReason(notComparable: readonly NotComparable[]): Map<string, string[]> {
  const reasons = new Map<string, string[]>();
  for (const { where, text } of notComparable) reasons.set(text, [...(reasons.get(text) ?? []), where.trim()]);
  return reasons;
}

function notComparableLines(reason: string, names: readonly string[]): OutputLine[] {
  const shown = names.slice(0, mostNames).map((name) => printableLine(name, 60));
  const more = names.length > shown.length ? ` and ${names.length - shown.length} more` : '';
  const line = `not comparable ${shown.join(', ')}${more}: ${printableLine(reason)}`;
  return folded(line, lineColumns - 4).map((text, at) => ({ text: at === 0 ? text : `    ${text}`, tone: 'dim' }));
}

function countOf(count: number, what: string): string {
  return `${count === 0 ? 'No' : count} ${what}${count === 1 ? '' : 's'}`;
}

function row(where: string, left: string, right: string): string {
  const [first, second, third] = [
    printableLine(where, whereColumns),
    printableLine(left, sideColumns),
    printableLine(right, sideColumns),
  ];
  return `${first.padEnd(whereColumns)} ${second.padEnd(sideColumns)} ${third}`.trimEnd();
}

function differenceLines({ where, left, right, lines = [], more: rest = 0 }: Difference): OutputLine[] {
  const hidden = Math.max(0, lines.length - mostLines) + rest;
  const more = hidden === 0 ? [] : [{ text: `    … ${hidden} more` }];
  return [
    { text: row(where.trim(), left, right) },
    ...lines.slice(0, mostLines).map(({ mark, text }): OutputLine => ({ text: lineText(mark, text), tone: 'dim' })),
    ...more,
  ];
}

function lineText(mark: string, text: string): string {
  return `    ${mark} ${printableLine(text, lineColumns - 6)}`.trimEnd();
}
