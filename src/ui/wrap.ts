import { wrapAnsi } from 'fast-wrap-ansi';
import { Command, type GoOn, linesOf, type Sentence, spelled, type Text } from '../domain/command.js';

const narrowest = 40;
/** The characters before the words of a line: blanks, and a mark such as `~` or `→`. */
const lead = /^\s*(?:[^\w\s"'/(] )?/;
/** Stands for a blank at which no line is broken; it has no meaning in any other text. */
const unbroken = '\ue000';

/**
 * Breaks lines between words at the width of the terminal; following lines are indented to the first word. Commands, and
 * a path or a line of `scp` alone, are left whole, so that they can be copied.
 */
export function wrapped(text: Text, columns: number, goOn?: GoOn): string {
  return linesOf(text)
    .map((line) => {
      const shown = spelled(line, goOn);
      return shown.length <= columns || /^(?:\/|scp )/.test(shown)
        ? shown
        : wrappedLine(withWholeCommands(line, goOn), Math.max(columns, narrowest));
    })
    .join('\n');
}

function withWholeCommands({ parts }: Sentence, goOn: GoOn | undefined): string {
  return parts.map((part) => (part instanceof Command ? part.spelled(goOn).replaceAll(' ', unbroken) : part)).join('');
}

function wrappedLine(line: string, columns: number): string {
  const [before = ''] = lead.exec(line) ?? [];
  const words = wrapAnsi(line.slice(before.length), columns - before.length, { hard: false });
  return `${before}${words.replaceAll('\n', `\n${' '.repeat(before.length)}`)}`.replaceAll(unbroken, ' ');
}
