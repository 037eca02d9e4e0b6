import { folded } from '../domain/text.js';
import { introOf, type Row, sectionsOf, titleOf } from './sections.js';
import type { WeeklyStatus } from './weekly-status.js';

/** As wide as a mail and a terminal show it. */
const columns = 78;

/** The status as lines of text. */
export function weeklyLines(status: WeeklyStatus): string[] {
  const sections = sectionsOf(status).flatMap(({ title, summary, rows, notes }) => [
    '',
    title.toUpperCase(),
    ...(summary === '' ? [] : indented(summary, 2)),
    ...rows.flatMap(rowLines),
    ...notes.flatMap((note) => indented(note, 2)),
  ]);
  return [...indented(titleOf(status), 0), ...introOf(status).flatMap((line) => indented(line, 0)), ...sections];
}

/** The first two cells say which one it is; each of the others has a line. */
function rowLines({ cells: [first = '', second = '', ...others] }: Row): string[] {
  return [
    ...indented(`${first}  ${second}`, 2),
    ...others.filter((cell) => cell !== '').flatMap((cell) => indented(cell, 6)),
  ];
}

function indented(text: string, by: number): string[] {
  return folded(text, columns - by).map((line, at) => `${' '.repeat(at === 0 ? by : by + 2)}${line}`.trimEnd());
}
