import { Command, Option } from 'commander';
import { helpCommand, versionCommand } from '../commands/help.js';
import { closingHelp, helperOf, helpLook, helpWidth } from '../commands/program-help.js';
import type { RunVerb } from '../commands/verb.js';
import { type GlobalOptions, packageVersion, type Surroundings } from '../context/surroundings.js';
import type { Verb } from '../domain/command.js';

/** In the order of the help; each is loaded when it may be needed. */
const verbs: Record<Verb, () => Promise<(run: RunVerb) => Command>> = {
  init: async () => {
    const { initCommand } = await import('../commands/init.js');
    const { providers } = await import('../helpdesk/providers.js');
    return (run) => initCommand(run, providers);
  },
  doctor: async () => (await import('../commands/doctor.js')).doctorCommand,
  config: async () => (await import('../commands/config.js')).configCommand,
  completion: async () => (await import('../commands/completion.js')).completionCommand,
  collect: async () => (await import('../commands/collect.js')).collectCommand,
  resume: async () => (await import('../commands/resume.js')).resumeCommand,
  watch: async () => (await import('../commands/watch.js')).watchCommand,
  event: async () => (await import('../commands/event.js')).eventCommand,
  maintenance: async () => (await import('../commands/maintenance.js')).maintenanceCommand,
  ack: async () => (await import('../commands/ack.js')).ackCommand,
  resolved: async () => (await import('../commands/resolved.js')).resolvedCommand,
  weekly: async () => (await import('../commands/weekly.js')).weeklyCommand,
  capture: async () => (await import('../commands/capture.js')).captureCommand,
  captures: async () => (await import('../commands/captures.js')).capturesCommand,
  schedule: async () => (await import('../commands/schedule.js')).scheduleCommand,
  submit: async () => (await import('../commands/submit.js')).submitCommand,
  upload: async () => (await import('../commands/upload.js')).uploadCommand,
  ticket: async () => (await import('../commands/ticket.js')).ticketCommand,
  verify: async () => (await import('../commands/verify.js')).verifyCommand,
  inspect: async () => (await import('../commands/inspect.js')).inspectCommand,
  diff: async () => (await import('../commands/diff.js')).diffCommand,
  report: async () => (await import('../commands/report.js')).reportCommand,
  runs: async () => (await import('../commands/runs.js')).runsCommand,
  demo: async () => (await import('../commands/demo.js')).demoCommand,
  mock: async () => (await import('../commands/mock.js')).mockCommand,
};

/** @param print takes help and version, when they are asked for */
export async function programOf(
  run: RunVerb,
  { argv, stdout }: Pick<Surroundings, 'argv'> & { stdout: Pick<Partial<Surroundings['stdout']>, 'columns'> },
  print: (text: string) => void,
): Promise<Command> {
  const width = helpWidth(stdout.columns);
  const program = new Command('icepack')
    .description('From an InCenter incident to a complete support ticket in one command.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .option(
      '--config <file>',
      'the configuration (default: $ICEPACK_CONFIG, ./icepack.yaml, ~/.config/icepack/icepack.yaml)',
    )
    .option('--json', 'one JSON document on stdout, progress as JSON on stderr')
    .option('--batch', 'never ask; what is missing is an error')
    .addOption(new Option('--quiet', 'say nothing where all is well, else one message').conflicts('verbose'))
    .option('--verbose', 'say every step')
    .option('--log-file <file>', 'add all that is done to this file, without secrets')
    .option('--no-color', 'no colours')
    .configureHelp(helpLook)
    .configureOutput({
      getOutHelpWidth: () => width,
      writeOut: print,
      writeErr: () => undefined, // told by `tell`, with the next step
      outputError: () => undefined,
    })
    .exitOverride()
    .showSuggestionAfterError(true);
  const asksVersionOnly = argv.length === 3 && ['-V', '--version', 'version'].includes(argv[2] ?? '');
  for (const load of asksVersionOnly ? [] : Object.values(verbs)) {
    const command = await load();
    program.addCommand(inherit(command(run), program));
  }
  program.addCommand(inherit(helpCommand(program, Object.keys(verbs), helperOf(program, width), print), program));
  program.addCommand(inherit(versionCommand(packageVersion(), print), program), { hidden: true });
  return program.addHelpText('after', () => closingHelp(program, width));
}

function inherit(command: Command, program: Command): Command {
  command.copyInheritedSettings(program).helpOption('-h, --help', 'print help').helpCommand(false);
  for (const part of command.commands) inherit(part, command);
  return command;
}

/** The verb of a command, as it is typed: `ticket close`. */
export function verbOf(command: Command): string {
  const { parent } = command;
  return parent === null || parent.parent === null ? command.name() : `${verbOf(parent)} ${command.name()}`;
}

/** The verb that was typed, as far as it can be told before the arguments were understood. */
export function verbIn(argv: readonly string[]): Verb | '' {
  return argv.slice(2).find((word): word is Verb => Object.hasOwn(verbs, word)) ?? '';
}

/** The part of a verb that was typed, where the verb has parts: at most one. */
export function partIn(program: Command, argv: readonly string[]): string[] {
  const verb = verbIn(argv);
  const group = program.commands.find((command) => command.name() === verb);
  const part = argv.slice(argv.indexOf(verb) + 1).find((word) => group?.commands.some((each) => each.name() === word));
  return part === undefined ? [] : [part];
}

/** As `verbIn`: also what is wrong with the arguments is told as they ask. */
export function globalsIn(argv: readonly string[]): GlobalOptions {
  const end = argv.indexOf('--');
  const words = argv.slice(2, end < 0 ? undefined : end);
  const [json, batch, quiet, verbose] = ['--json', '--batch', '--quiet', '--verbose'].map((word) =>
    words.includes(word),
  );
  return { json, batch, quiet, verbose, color: !words.includes('--no-color') } as GlobalOptions;
}
