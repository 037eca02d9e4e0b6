import { readTemplate } from '../config/templates.js';
import { type CommandNode, commandsOf, type OptionNode, type Values } from './command-tree.js';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** What a shell needs to know, as functions of where the operator is. */
type Table = { name: string; cases: Case[]; always?: readonly string[] };
/** For each of the places (patterns), the same words. */
type Case = { places: string[]; words: readonly string[] };

/** The completion of a shell: the way of thinking is a template, what there is comes from the tree. */
export function completionScript(shell: Shell, root: CommandNode): string {
  const write = shell === 'fish' ? fishTable : posixTable;
  const text = tablesOf(root, shell !== 'bash')
    .map(write)
    .join('\n\n');
  return readTemplate(`completion/icepack.${shell}`).replace('#{{tables}}', () => text);
}

/** @param explained whether the shell shows descriptions */
function tablesOf(root: CommandNode, explained: boolean): Table[] {
  const commands = commandsOf(root);
  const shown = (word: string, description: string) => (explained ? `${word}:${description}` : word);
  const namesOf = (options: readonly OptionNode[]) =>
    options.flatMap(({ names, description }) => names.map((name) => shown(name, description)));
  const at = ({ path }: CommandNode) => path.join(' ');
  const globals = globalsOf(root);
  const parts = commands.map((node) => ({
    places: [at(node)],
    words: node.parts.map(({ path, description }) => shown(path.at(-1) ?? '', description)),
  }));
  const options = commands.map((node) => ({
    places: [at(node)],
    words: namesOf(node === root ? root.options.filter((option) => !globals.includes(option)) : node.options),
  }));
  return [
    { name: 'parts', cases: parts.filter(({ words }) => words.length > 0) },
    { name: 'options', cases: joined(options), always: namesOf(globals) },
    { name: 'takes', cases: joined(commands.flatMap((node) => takenBy(node, at(node), root))) },
    { name: 'argument', cases: joined(commands.flatMap((node) => argumentsOf(node, at(node)))) },
  ];
}

/** The options that stand with every command. */
function globalsOf(root: CommandNode): OptionNode[] {
  return root.options.filter(({ names }) => !names.includes('--help'));
}

function takenBy(node: CommandNode, at: string, root: CommandNode): Case[] {
  const options = node === root ? node.options : [...node.options, ...globalsOf(root)];
  return options.flatMap(({ names, values }) =>
    values === undefined ? [] : [{ places: names.map((name) => `${at} ${name}`), words: wordsOf(values) }],
  );
}

/** A variadic argument takes every place behind it, too; so many of them are enough. */
const places = 20;

function argumentsOf({ arguments: taken }: CommandNode, at: string): Case[] {
  return taken.flatMap(({ values, variadic }, first) => {
    const count = variadic ? places : 1;
    return { places: Array.from({ length: count }, (_, more) => `${at} ${first + more}`), words: wordsOf(values) };
  });
}

/** Places with the same words, together. */
function joined(cases: readonly Case[]): Case[] {
  const byWords = new Map<string, Case>();
  for (const { places: some, words } of cases) {
    const known = byWords.get(words.join(' '));
    if (known === undefined) byWords.set(words.join(' '), { places: [...some], words });
    else known.places.push(...some);
  }
  return [...byWords.values()];
}

function wordsOf(values: Values): string[] {
  switch (values.kind) {
    case 'words':
      return [values.several ? 'list' : 'words', ...values.words];
    case 'names':
      return [values.orFiles ? 'names-or-files' : 'names', ...values.of];
    default:
      return [values.kind];
  }
}

function posixTable({ name, cases, always = [] }: Table): string {
  const more = always.length === 0 ? '' : `\n  reply+=(${always.map(posixWord).join(' ')})`;
  const lines = cases.map(
    ({ places: some, words }) => `    ${some.map(posixWord).join(' | ')}) reply=(${words.map(posixWord).join(' ')}) ;;`,
  );
  return `_icepack_${name}() {\n  reply=()\n  case $1 in\n${lines.join('\n')}\n  esac${more}\n}`;
}

function posixWord(word: string): string {
  return /^[\w.,+-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

function fishTable({ name, cases, always = [] }: Table): string {
  const print = (words: readonly string[]) =>
    `printf '%s\\n' ${words.map((word) => fishWord(word.replace(':', '\t'))).join(' ')}`;
  const more = always.length === 0 ? '' : `\n    ${print(always)}`;
  const lines = cases.map(
    ({ places: some, words }) => `        case ${some.map(fishWord).join(' ')}\n            ${print(words)}`,
  );
  return `function __icepack_${name}\n    switch "$argv[1]"\n${lines.join('\n')}\n    end${more}\nend`;
}

function fishWord(word: string): string {
  return /^[\w.,+-]+$/.test(word) ? word : `'${word.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
