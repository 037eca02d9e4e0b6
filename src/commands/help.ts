import { Command } from 'commander';
import { nearest, printable } from '../domain/text.js';
import { usageError } from '../errors.js';

/** `icepack help VERB`: that of the library ends with the exit code that stands for a failure. */
export function helpCommand(program: Command, verbs: readonly string[]): Command {
  return new Command('help')
    .description('print the help of a verb')
    .argument('[verb]')
    .action((verb?: string) => {
      const command = verb === undefined ? program : program.commands.find((each) => each.name() === verb);
      if (command === undefined) throw unknownVerb(verb ?? '', verbs);
      command.outputHelp();
    });
}

export function versionCommand(version: string, print: (text: string) => void): Command {
  return new Command('version').description('print the version').action(() => print(`${version}\n`));
}

function unknownVerb(verb: string, verbs: readonly string[]): Error {
  const near = nearest(verb, verbs);
  const hint = near === undefined ? `Verbs are: ${verbs.join(', ')}` : `Did you mean "icepack help ${near}"?`;
  return usageError('usage', `there is no verb "${printable(verb)}"`, hint);
}
