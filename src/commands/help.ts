import { Command, type Help } from 'commander';
import { nearest, printable } from '../domain/text.js';
import { usageError } from '../errors.js';
import { list, topicText } from '../manual/topic-text.js';
import { type Rows, topicNamed, topics } from '../manual/topics.js';

/**
 * `icepack help VERB`, also of a topic: that of the library ends with the exit code that stands for a failure.
 * @param print takes a topic
 */
export function helpCommand(
  program: Command,
  verbs: readonly string[],
  helper: Help,
  print: (text: string) => void,
): Command {
  return new Command('help')
    .description('print the help of a verb, or of a topic')
    .argument('[verb|topic...]')
    .addHelpText('after', `\nTopics:\n${list(titles, helper)}`)
    .action((words: readonly string[]) => {
      const [word = ''] = words;
      const topic = words.length === 1 ? topicNamed(word) : undefined;
      if (topic === undefined || verbs.includes(word))
        helpOf(
          program,
          words,
          verbs,
          topics.map(({ name }) => name),
        ).outputHelp();
      if (topic !== undefined) print(`${verbs.includes(word) ? '\n' : ''}${topicText(topic, helper)}`);
    });
}

const titles: Rows = topics.map(({ name, title }) => [name, title.toLowerCase()]);

/** @param words a verb, and what it is made of: `ticket close` @param more that has a help, and is no verb */
function helpOf(
  command: Command,
  [word, ...others]: readonly string[],
  verbs: readonly string[],
  more: readonly string[] = [],
  before = '',
): Command {
  if (word === undefined) return command;
  const part = command.commands.find((each) => each.name() === word);
  if (part === undefined) throw unknownVerb(word, verbs, more, before);
  const parts = part.commands.map((each) => each.name());
  return helpOf(part, others, parts, [], `${word} `);
}

export function versionCommand(version: string, print: (text: string) => void): Command {
  return new Command('version').description('print the version').action(() => print(`${version}\n`));
}

function unknownVerb(verb: string, verbs: readonly string[], topics: readonly string[], before: string): Error {
  if (verbs.length === 0) return usageError('usage', `"${printable(verb)}" is no verb`, 'Leave it out');
  const near = nearest(verb, [...verbs, ...topics]);
  const all = `Verbs are: ${verbs.join(', ')}${topics.length === 0 ? '' : `; topics are: ${topics.join(', ')}`}`;
  const hint = near === undefined ? all : `Did you mean "icepack help ${before}${near}"?`;
  return usageError('usage', `there is no verb "${printable(verb)}"`, hint);
}
