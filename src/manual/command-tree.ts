import type { Argument, Command, Option } from 'commander';
import { topics } from './topics.js';

/** What is known of a value before it is typed. */
export type Values =
  | { kind: 'words'; words: readonly string[]; several: boolean }
  | { kind: 'files' }
  | { kind: 'folders' }
  /** Names on this machine: a `server`, a `cluster`, a `run`. */
  | { kind: 'names'; of: readonly string[]; orFiles: boolean }
  | { kind: 'anything' };

export type OptionNode = {
  /** As it is typed: `-o`, `--output`. */
  names: readonly string[];
  /** As the help shows it: `-o, --output <dir>`. */
  term: string;
  description: string;
  /** Undefined where it takes none. */
  values: Values | undefined;
};

export type ArgumentNode = { term: string; description: string; values: Values; variadic: boolean };

/** A command with everything that its help shows. */
export type CommandNode = {
  /** The words behind `icepack`: none, `collect`, `ticket close`. */
  path: readonly string[];
  usage: string;
  description: string;
  options: readonly OptionNode[];
  arguments: readonly ArgumentNode[];
  parts: readonly CommandNode[];
  /** What the help says behind its lists. */
  after: string;
};

/** Reads what the program takes from its help, so that nothing else can be said elsewhere. */
export function commandTree(program: Command): CommandNode {
  const tree = nodeOf(program, []);
  return { ...tree, parts: tree.parts.map((part) => (part.path[0] === 'help' ? withTopics(part, tree) : part)) };
}

/** Every command of the tree, each before its parts. */
export function commandsOf(node: CommandNode): CommandNode[] {
  return [node, ...node.parts.flatMap(commandsOf)];
}

function nodeOf(command: Command, path: readonly string[]): CommandNode {
  const help = command.createHelp();
  return {
    path,
    usage: help.commandUsage(command),
    description: command.description(),
    options: help.visibleOptions(command).map((option) => optionOf(option, help.optionDescription(option))),
    arguments: command.registeredArguments.map(argumentOf),
    parts: help.visibleCommands(command).map((part) => nodeOf(part, [...path, part.name()])),
    after: path.length === 0 ? '' : textAfter(command),
  };
}

function optionOf(option: Option, description: string): OptionNode {
  const { flags, short, long, argChoices, required, optional } = option;
  return {
    names: [short, long].filter((name) => name !== undefined),
    term: flags,
    description,
    values: required || optional ? valuesOf(flags, argChoices) : undefined,
  };
}

function argumentOf(argument: Argument): ArgumentNode {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  const term = argument.required ? `<${name}>` : `[${name}]`;
  return {
    term,
    description: argument.description,
    values: valuesOf(term, argument.argChoices),
    variadic: argument.variadic,
  };
}

const placeholder = /[<[]([^>\]]+)[>\]]$/;

/** The placeholder says what is meant: `<file>`, `<dir>`, `[server|cluster...]`, `<run|zip>`, `<kind,...>`. */
function valuesOf(term: string, choices: readonly string[] | undefined): Values {
  const text = placeholder.exec(term)?.[1] ?? '';
  if (choices !== undefined) return { kind: 'words', words: choices, several: text.endsWith(',...') };
  const words = text.replace(/\.\.\.$/, '').split('|');
  const names = words.filter((word) => ['server', 'cluster', 'run'].includes(word));
  const orFiles = words.some((word) => ['file', 'path', 'zip'].includes(word));
  if (names.length > 0) return { kind: 'names', of: names, orFiles };
  if (orFiles) return { kind: 'files' };
  return { kind: words.includes('dir') ? 'folders' : 'anything' };
}

/** What `addHelpText` added: the library keeps it to itself until the help is printed. */
function textAfter(command: Command): string {
  let text = '';
  const output = command.configureOutput();
  const writeOut = (part: string) => {
    text += part;
  };
  command.configureOutput({ writeOut }).outputHelp();
  command.configureOutput(output);
  return text.slice(command.helpInformation().length).trim();
}

/** `icepack help` takes the words of every other command, and topics. */
function withTopics(help: CommandNode, { parts }: CommandNode): CommandNode {
  const leaf = (path: readonly string[], description: string, below: readonly CommandNode[] = []): CommandNode => ({
    ...{ path: ['help', ...path], usage: '', description, options: help.options, arguments: [], after: '' },
    parts: below.map((part) => leaf(part.path, part.description, part.parts)),
  });
  const verbs = parts.map(({ path, description, parts: below }) => leaf(path, description, below));
  const others = topics.filter(({ name }) => !parts.some(({ path }) => path[0] === name)); // one that bears a verb's name is its help
  return { ...help, arguments: [], parts: [...verbs, ...others.map(({ name, title }) => leaf([name], title))] };
}
