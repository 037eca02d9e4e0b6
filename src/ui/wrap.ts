import { wrapAnsi } from 'fast-wrap-ansi';

const narrowest = 40;
/** What stands before the words of a line: blanks, and a mark such as `~` or `→`. */
const lead = /^\s*(?:[^\w\s"'/(] )?/;

/**
 * Breaks lines between words, as wide as the terminal; what follows stands below its first word. A line with a command in it,
 * or a path alone, is left whole: it is there to be copied.
 */
export function wrapped(text: string, columns: number): string {
  return text
    .split('\n')
    .map((line) => (line.length <= columns || isToCopy(line) ? line : wrappedLine(line, Math.max(columns, narrowest))))
    .join('\n');
}

function isToCopy(line: string): boolean {
  return /\bicepack /.test(line) || line.startsWith('/');
}

function wrappedLine(line: string, columns: number): string {
  const [before = ''] = lead.exec(line) ?? [];
  const words = wrapAnsi(line.slice(before.length), columns - before.length, { hard: false });
  return `${before}${words.replaceAll('\n', `\n${' '.repeat(before.length)}`)}`;
}
