import { type Command, Help, type HelpConfiguration } from 'commander';
import type { Verb } from '../domain/command.js';
import { list } from '../manual/topic-text.js';
import { type Rows, topics } from '../manual/topics.js';

/** The verbs under their headings, in the order of the help, each with one line of what it does. */
const groups: Record<string, Partial<Record<Verb | 'help', string>>> = {
  'Try and set up:': {
    demo: 'see it work on mock servers; nothing of yours is touched',
    mock: 'run mock servers and a mock help desk, for trying and CI',
    init: 'write a configuration, pin host keys, check everything',
    doctor: 'check everything before trouble starts; pin host keys',
    config: 'check the configuration, print its path or its schema',
    completion: 'print completions for bash, zsh or fish',
  },
  'Collect and send:': {
    collect: 'collect the evidence, register the ticket, attach the ZIP',
    resume: 'take up what a run still owes',
    submit: 'send what was collected earlier',
    upload: 'send a bundle that is too large to attach',
    ticket: 'show, answer, close and reopen tickets',
  },
  'Watch and capture:': {
    watch: 'look at servers all the time; what lasts gets a ticket',
    event: 'take what Prometheus, Icinga or Zabbix reports',
    maintenance: 'announce maintenance: nobody is told of events then',
    ack: 'say that you have an incident, and which ticket it has',
    resolved: 'say that an incident is repaired, with what was done',
    weekly: 'show or send what there is to tell of a week',
    capture: 'capture the state of servers ahead of an incident',
    captures: 'list what was captured',
    schedule: 'print what has captures made by cron or systemd',
  },
  'Look:': {
    runs: 'list what was collected here, and what it still owes',
    verify: 'say whether a bundle is safe, whole and as support asks',
    inspect: 'look into a bundle: what stands out, its lines, its files',
    diff: 'compare two bundles, or two servers of one',
    report: 'make one page to look at of a bundle',
    help: 'print the help of a verb, or of a topic',
  },
};

const summaries: Partial<Record<string, string>> = Object.assign({}, ...Object.values(groups));

/** Descriptions are wrapped also where the names of the verbs leave them little room. */
export const helpLook: HelpConfiguration = {
  showGlobalOptions: true,
  minWidthToWrap: 20,
  visibleCommands: (program) => {
    if (program.parent !== null) return [...program.commands];
    return Object.entries(groups).flatMap(([heading, verbs]) =>
      Object.keys(verbs).flatMap((verb) => {
        const command = program.commands.find((each) => each.name() === verb);
        return command === undefined ? [] : [command.helpGroup(heading)];
      }),
    );
  },
  visibleGlobalOptions: (command) =>
    command.parent === null ? [] : rootOf(command).options.filter(({ hidden }) => !hidden),
  optionDescription: (option) =>
    new Help().optionDescription(Object.assign(Object.create(option), { argChoices: undefined })),
  subcommandTerm: (command) =>
    isVerb(command) ? command.name() : command.usage().replace('[options]', command.name()),
  subcommandDescription: (command) =>
    (isVerb(command) ? summaries[command.name()] : undefined) ?? command.description(),
};

/** The program itself: what an option of a verb says is not for its parts. */
function rootOf(command: Command): Command {
  return command.parent === null ? command : rootOf(command.parent);
}

/** What a verb takes, and all that it does, is for its own help. */
function isVerb(command: Command): boolean {
  return command.parent?.parent === null;
}

/** Longer lines are hard to read; shorter ones are those of no terminal. */
const [narrowest, widest] = [40, 120];

/** @param columns of the terminal; through a pipe there are none */
export function helpWidth(columns: number | undefined): number {
  return Math.min(Math.max(columns || 80, narrowest), widest);
}

const beginnings: Rows = [
  ['icepack demo', 'see it work, without any server'],
  ['icepack init', 'write a configuration, check everything'],
  ['icepack collect --at 10:32', 'collect all around 10:32, register the ticket'],
];

const more: Rows = [
  ['icepack help VERB', 'what a verb takes, its options, examples'],
  ...[topics.slice(0, 4), topics.slice(4)].map(([first, ...others]): Rows[number] => [
    `icepack help ${first?.name}`,
    `also: ${others.map(({ name }) => name).join(', ')}`,
  ]),
  ['man icepack', 'all of it'],
];

/** What the help of the program says behind its options and verbs, at most `width` wide. */
export function closingHelp(program: Command, width: number): string {
  const helper = helperOf(program, width);
  return [titled('More:', more, helper), titled('Start here:', beginnings, helper)].join('\n');
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
