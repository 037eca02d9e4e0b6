import { Command } from 'commander';
import { nearest, printable } from '../domain/text.js';
import { usageError } from '../errors.js';

/** `icepack help VERB`: that of the library ends with the exit code that stands for a failure. */
export function helpCommand(program: Command, verbs: readonly string[]): Command {
  return new Command('help')
    .description('print the help of a verb')
    .argument('[verb...]')
    .action((words: readonly string[]) => helpOf(program, words, verbs).outputHelp());
}

/** @param words a verb, and what it is made of: `ticket close` */
function helpOf(
  command: Command,
  [word, ...others]: readonly string[],
  known: readonly string[],
  before = '',
): Command {
  if (word === undefined) return command;
  const part = command.commands.find((each) => each.name() === word);
  if (part === undefined) throw unknownVerb(word, known, before);
  const parts = part.commands.map((each) => each.name());
  return helpOf(part, others, parts, `${word} `);
}

export function versionCommand(version: string, print: (text: string) => void): Command {
  return new Command('version').description('print the version').action(() => print(`${version}\n`));
}

function unknownVerb(verb: string, verbs: readonly string[], before: string): Error {
  if (verbs.length === 0) return usageError('usage', `"${printable(verb)}" is no verb`, 'Leave it out');
  const near = nearest(verb, verbs);
  const hint = near === undefined ? `Verbs are: ${verbs.join(', ')}` : `Did you mean "icepack help ${before}${near}"?`;
  return usageError('usage', `there is no verb "${printable(verb)}"`, hint);
}
