import { type CommandNode, commandsOf, type OptionNode } from './command-tree.js';
import { bold, escaped, example, item, paragraph, prose, section } from './roff.js';
import { type Topic, topics } from './topics.js';

const description = [
  'After an incident, the data collection guide of InCenter asks for the configuration backup, a techsupport file, the log lines of the right hour, output of the CLI and a description of the virtual machine, of every server, in the right folders of one ZIP that is attached to a ticket. icepack does all of it, from one or many servers at the same time, and says what it could not get and why.',
  'icepack init writes the configuration, icepack doctor checks everything before trouble starts, icepack collect does the work, and icepack resume takes up what an interrupted run still owes.',
];

/** The page of man(1), of what the help says. */
export function manPage(root: CommandNode, { version, date }: { version: string; date: string }): string {
  const commands = commandsOf(root).filter(({ path }) => path.length > 0 && (path[0] !== 'help' || path.length === 1));
  const brief = root.description.replace(/\.$/, '');
  const parts = [
    `.TH ICEPACK 1 ${date} "icepack ${version}"`,
    '.ad l\n.nr HY 0', // words of commands stay together
    section('Name', `icepack \\- ${escaped(brief.charAt(0).toLowerCase() + brief.slice(1))}`),
    section('Synopsis', '.B icepack', '.RI [ option ...] " " verb " " ...'),
    section('Description', prose(description[0] ?? ''), ...description.slice(1).map(paragraph)),
    section('Options', prose('These stand with every verb.'), ...root.options.map(optionItem)),
    section('Verbs', ...commands.map(commandPart)),
    ...topics.map((topic) => section(topic.name === 'exit-codes' ? 'Exit status' : topic.title, topicPart(topic))),
    section('See also', '.BR ssh (1),\n.BR ssh\\-keygen (1)'),
  ];
  return `${parts.join('\n')}\n`;
}

function commandPart(node: CommandNode): string {
  const { path, usage, description: what, options, arguments: taken, after } = node;
  const shown = usage.replace('[options] ', '').replace(' [options]', '');
  const own = options.filter(({ names }) => !names.includes('--help'));
  return [
    `.SS ${escaped(shown || path.join(' '))}`,
    prose(sentence(what)),
    ...taken.filter((each) => each.description !== '').map((each) => item(each.term, each.description)),
    ...own.map(optionItem),
    ...afterPart(after),
  ].join('\n');
}

function optionItem({ term, description: what }: OptionNode): string {
  return item(term, what);
}

function topicPart({ blocks }: Topic): string {
  const parts = blocks.map((block) =>
    typeof block === 'string' ? paragraph(block) : block.map(([term, meaning]) => item(term, meaning)).join('\n'),
  );
  return parts.join('\n').replace(/^\.PP\n/, '');
}

/** Paragraphs, and below a line that ends in a colon the lines that are indented. */
function afterPart(after: string): string[] {
  return after.split('\n\n').flatMap((block) => {
    const [text = '', ...shown] = block.split(/\n {2}(?! )/);
    const title = /^(\w+):$/.exec(text)?.[1];
    if (text === '') return [];
    return [title === undefined ? paragraph(text) : `.PP\n${bold(title)}`, ...shown.map(shownLine)];
  });
}

/** A command, or a term, with what it does behind it where that is said. */
function shownLine(line: string): string {
  const [term = '', meaning] = line.replace(/ \\\n +/g, ' ').split(/ {2,}|\n +/, 2);
  const rest = line.replace(/ \\\n +/g, ' ').slice(term.length);
  return meaning === undefined ? example(term) : item(term, rest);
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
