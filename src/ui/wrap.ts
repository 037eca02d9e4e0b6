import { wrapAnsi } from 'fast-wrap-ansi';
import { commandsIn, linesOf, spelled, type Text } from '../domain/command.js';

const narrowest = 40;
/** What stands before the words of a line: blanks, and a mark such as `~` or `→`. */
const lead = /^\s*(?:[^\w\s"'/(] )?/;

/**
 * Breaks lines between words, as wide as the terminal; what follows stands below its first word. A line with a command in it,
 * or a path alone, is left whole: it is there to be copied.
 */
export function wrapped(text: Text, columns: number, config?: string): string {
  return linesOf(text)
    .map((line) => {
      const shown = spelled(line, config);
      const isToCopy = commandsIn(line).length > 0 || shown.startsWith('/');
      return shown.length <= columns || isToCopy ? shown : wrappedLine(shown, Math.max(columns, narrowest));
    })
    .join('\n');
}

function wrappedLine(line: string, columns: number): string {
  const [before = ''] = lead.exec(line) ?? [];
  const words = wrapAnsi(line.slice(before.length), columns - before.length, { hard: false });
  return `${before}${words.replaceAll('\n', `\n${' '.repeat(before.length)}`)}`;
}
