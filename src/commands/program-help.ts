import { type Command, Help, type HelpConfiguration } from 'commander';
import { exitCodeMeaning } from '../errors.js';
import { list } from '../manual/topic-text.js';
import { environment, type Rows } from '../manual/topics.js';

/** Headings of the verbs, in the order of the help. */
const groups: ReadonlyArray<readonly [heading: string, verbs: readonly string[]]> = [
  ['Set up:', ['init', 'doctor', 'config', 'completion']],
  ['Collect:', ['collect', 'resume']],
  ['Capture:', ['capture', 'captures', 'schedule']],
  ['Tickets:', ['submit', 'upload', 'ticket']],
  ['Look:', ['runs', 'verify', 'inspect', 'diff', 'report', 'help']],
  ['Try:', ['demo', 'mock']],
];

/** Descriptions are wrapped also where the names of the verbs leave them little room. */
export const helpLook: HelpConfiguration = {
  showGlobalOptions: true,
  minWidthToWrap: 20,
  visibleCommands: (program) => {
    if (program.parent !== null) return [...program.commands];
    return groups.flatMap(([heading, verbs]) =>
      verbs.flatMap((verb) => {
        const command = program.commands.find((each) => each.name() === verb);
        return command === undefined ? [] : [command.helpGroup(heading)];
      }),
    );
  },
  optionDescription: (option) =>
    new Help().optionDescription(Object.assign(Object.create(option), { argChoices: undefined })),
  subcommandTerm: (command) => command.usage().replace('[options]', command.name()),
};

/** Longer lines are hard to read; shorter ones are those of no terminal. */
const [narrowest, widest] = [40, 120];

/** @param columns of the terminal; through a pipe there are none */
export function helpWidth(columns: number | undefined): number {
  return Math.min(Math.max(columns || 80, narrowest), widest);
}

const beginnings: Rows = [
  ['icepack demo', 'see it work, without any server'],
  ['icepack init', 'write a configuration, pin host keys, check everything'],
  ['icepack collect --at 10:32', 'collect everything around 10:32 and register the ticket'],
];

/** What the help of the program says behind its options and verbs, at most `width` wide. */
export function closingHelp(program: Command, width: number): string {
  const helper = helperOf(program, width);
  return [
    titled('Environment:', environment, helper),
    titled('Exit codes:', exitCodeMeaning, helper),
    titled('Start here:', beginnings, helper),
  ].join('\n');
}

/** What is shown to somebody who typed the name alone. */
export function startPage(program: Command, width: number): string {
  const helper = helperOf(program, width);
  const what = helper.boxWrap(program.description(), width);
  const help = 'icepack --help shows everything there is, icepack help VERB one verb.';
  return `${what}\n${titled('Start here:', beginnings, helper)}\n\n${helper.boxWrap(help, width)}\n`;
}

/** Lays out what is printed. */
export function helperOf(program: Command, helpWidth: number): Help {
  const helper = program.createHelp();
  helper.prepareContext({ helpWidth });
  return helper;
}

function titled(title: string, rows: Rows, helper: Help): string {
  return `\n${title}\n${list(rows, helper)}`;
}
