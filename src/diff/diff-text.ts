import type { OutputLine } from '../domain/line.js';
import { printableLine } from '../domain/text.js';
import type { Comparison, Difference, Titles } from './compare.js';

const [whereColumns, sideColumns] = [22, 27];
const lineColumns = 80;
const mostLines = 40;

/** What differs, in 80 columns. */
export function diffLines({ differences, notComparable }: Comparison, titles: Titles): OutputLine[] {
  return [
    { text: row('', titles.left, titles.right), tone: 'strong' },
    ...differences.flatMap(differenceLines),
    ...notComparable.map(
      ({ where, text }): OutputLine => ({
        text: printableLine(`not comparable ${where.trim()}: ${text}`, lineColumns),
        tone: 'dim',
      }),
    ),
    { text: `${countOf(differences.length, 'difference')}, ${notComparable.length} not comparable.` },
  ];
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

function differenceLines({ where, left, right, lines = [] }: Difference): OutputLine[] {
  const more = lines.length > mostLines ? [{ text: `    … ${lines.length - mostLines} more lines` }] : [];
  return [
    { text: row(where.trim(), left, right) },
    ...lines.slice(0, mostLines).map(({ mark, text }): OutputLine => ({ text: lineText(mark, text), tone: 'dim' })),
    ...more,
  ];
}

function lineText(mark: string, text: string): string {
  return `    ${mark} ${printableLine(text, lineColumns - 6)}`.trimEnd();
}
