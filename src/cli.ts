import { setMaxListeners } from 'node:events';
import { Command, CommanderError, Option } from 'commander';
import { helpCommand, versionCommand } from './commands/help.js';
import { closingHelp, helpLook } from './commands/program-help.js';
import type { RunVerb } from './commands/verb.js';
import { type GlobalOptions, packageVersion, type Surroundings } from './context/surroundings.js';
import { icepack, placeholder, say, type Text } from './domain/command.js';
import type { VerbOutcome } from './domain/line.js';
import { printable } from './domain/text.js';
import { trace } from './domain/trace.js';
import { type ErrorCode, type ExitCode, exitCode, reasonOf, UserError } from './errors.js';
import { writeChecked } from './ui/checked-write.js';

/** Runs the program: the one place that catches, prints and decides on the exit code. @returns the exit code */
export async function main(around: Surroundings): Promise<number> {
  process.umask(0o077); // evidence is its owner's alone; and a umask of 777 would keep us out of our own folders
  const signal = stopOnSignals();
  let verb = verbIn(around.argv);
  let outcome: VerbOutcome | undefined;
  let globals: GlobalOptions = { json: around.argv.includes('--json') };
  const secrets: string[] = [];
  endOnUncaught(async (error) => tell(await bugOf(error, secrets), verb, globals, around));

  const run: RunVerb = async (command, work) => {
    verb = command.name();
    globals = command.optsWithGlobals<GlobalOptions>();
    const { createContext } = await import('./context.js');
    const { startTrace } = await import('./context/trace-file.js');
    const context = await createContext(globals, around, signal, (secret) => secrets.push(secret));
    try {
      startTrace(around, secrets, (text) => context.ui.emit({ type: 'warning', text }));
      outcome = await work(context);
      traceEnd(outcome.exitCode);
      // In plain text it is part of the result; whoever reads a document sees it on standard error, too.
      const error = globals.json ? outcome.json?.error : undefined;
      if (error) context.ui.emit({ type: 'warning', text: error.message, ...(error.hint && { hint: error.hint }) });
      if (outcome.json !== undefined) await context.ui.printResult(outcome.lines, outcome.json);
    } finally {
      context.ui.close();
    }
  };

  let help = '';
  try {
    const program = await programOf(run, around, (text) => {
      help += text;
    });
    await program.parseAsync(around.argv).catch((error: unknown) => {
      if (!(error instanceof CommanderError) || error.exitCode !== exitCode.ok) throw error;
    });
    if (help !== '') await writeChecked(around.stdout, help); // help or the version was asked for
    return outcome?.exitCode ?? exitCode.ok;
  } catch (error) {
    return await tell(await knownError(error, secrets), verb, globals, around);
  }
}

/** In the order of the help; each is loaded when it may be needed. */
const verbs: Record<string, () => Promise<(run: RunVerb) => Command>> = {
  init: async () => {
    const { initCommand } = await import('./commands/init.js');
    const { providers } = await import('./helpdesk/providers.js');
    return (run) => initCommand(run, providers);
  },
  collect: async () => (await import('./commands/collect.js')).collectCommand,
  runs: async () => (await import('./commands/runs.js')).runsCommand,
  resume: async () => (await import('./commands/resume.js')).resumeCommand,
  submit: async () => (await import('./commands/submit.js')).submitCommand,
  upload: async () => (await import('./commands/upload.js')).uploadCommand,
  doctor: async () => (await import('./commands/doctor.js')).doctorCommand,
  mock: async () => (await import('./commands/mock.js')).mockCommand,
  demo: async () => (await import('./commands/demo.js')).demoCommand,
};

async function programOf(
  run: RunVerb,
  { argv, stdout, stderr }: Surroundings,
  print: (text: string) => void,
): Promise<Command> {
  const width = stdout.columns || 80; // through a pipe, too
  const program = new Command('icepack')
    .description('From an InCenter incident to a complete support ticket in one command.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .option(
      '--config <file>',
      'the configuration (default: $ICEPACK_CONFIG, ./icepack.yaml, ~/.config/icepack/icepack.yaml)',
    )
    .option('--json', 'one JSON document on stdout, JSON lines of progress on stderr')
    .option('--batch', 'never ask; what is missing is an error')
    .addOption(new Option('--quiet', 'say only what went wrong, and the result').conflicts('verbose'))
    .option('--verbose', 'say every step')
    .option('--no-color', 'no colours')
    .configureHelp(helpLook)
    .configureOutput({
      getOutHelpWidth: () => width,
      writeOut: print,
      writeErr: (text) => stderr.write(text),
      outputError: () => undefined, // told by `tell`, with the next step
    })
    .exitOverride()
    .showSuggestionAfterError(true);
  const asksVersionOnly = argv.length === 3 && ['-V', '--version', 'version'].includes(argv[2] ?? '');
  for (const load of asksVersionOnly ? [] : Object.values(verbs)) {
    const command = await load();
    program.addCommand(inherit(command(run), program));
  }
  program.addCommand(inherit(helpCommand(program, Object.keys(verbs)), program));
  program.addCommand(inherit(versionCommand(packageVersion(), print), program), { hidden: true });
  return program.addHelpText('after', () => closingHelp(program, width));
}

function inherit(command: Command, program: Command): Command {
  return command.copyInheritedSettings(program).helpOption('-h, --help', 'print help');
}

function verbIn(argv: readonly string[]): string {
  return argv.slice(2).find((word) => Object.hasOwn(verbs, word)) ?? '';
}

/** First signal: stop in order, keeping what there is. Second: at once. */
function stopOnSignals(): AbortSignal {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal); // every server listens
  const exits: Record<string, ExitCode> = {
    SIGHUP: exitCode.hangup,
    SIGINT: exitCode.interrupted,
    SIGTERM: exitCode.terminated,
  };
  // They stay: a signal between the result and the end of the process must not make another end of it.
  for (const [name, exit] of Object.entries(exits)) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(exit);
      controller.abort(new UserError('interrupted', `interrupted by ${name}`, { exit }));
    });
  }
  return controller.signal;
}

/** What nobody caught ends the program at once, as a kill would: the journals are made for that. */
function endOnUncaught(tellBug: (error: unknown) => Promise<ExitCode>): void {
  // Promises that nobody caught come here, too.
  process.on('uncaughtException', (error: unknown) => {
    tellBug(error).finally(() => process.exit(exitCode.bug));
  });
}

function traceEnd(code: number, why = ''): void {
  trace('run', () => `ends with exit code ${code}${why}`);
}

type Known = { code: ErrorCode; message: string; hint: Text | null; exit: ExitCode; stack?: string };

async function tell(known: Known, verb: string, globals: GlobalOptions, around: Surroundings): Promise<ExitCode> {
  traceEnd(known.exit, `: ${known.code}: ${known.message}`);
  const { createContext } = await import('./context.js');
  const { documentOfFailure } = await import('./domain/result.js');
  const { ui } = await createContext(globals, around, new AbortController().signal);
  const document = documentOfFailure(verb, known.exit, { code: known.code, message: known.message, hint: known.hint });
  if (globals.json) await ui.printResult([], document).catch(() => undefined); // stdout is gone; stderr says it all
  ui.printError([
    { text: known.message, tone: 'bad' },
    ...(known.hint === null ? [] : [{ text: say`  → ${known.hint}` }]),
  ]);
  if (known.stack !== undefined) around.stderr.write(`${known.stack}\n`);
  return known.exit;
}

async function knownError(error: unknown, secrets: readonly string[]): Promise<Known> {
  if (error instanceof UserError)
    return { code: error.code, message: error.message, hint: error.hint ?? null, exit: error.exit };
  if (error instanceof Error && 'code' in error && error.code === 'EMFILE') throw error; // told by the launcher, which needs no file for it
  if (error instanceof CommanderError && error.code === 'commander.help') {
    return {
      code: 'usage',
      message: 'no verb was given',
      hint: say`Begin with: ${icepack('demo')}`,
      exit: exitCode.usage,
    };
  }
  if (error instanceof CommanderError) {
    return {
      code: 'usage',
      message: error.message.replace(/^error: /, ''),
      hint: say`See: ${icepack('--help')}, or ${icepack(placeholder('VERB'), '--help')}`,
      exit: exitCode.usage,
    };
  }
  return bugOf(error, secrets);
}

/** An error of Node or of a library may quote what it was given: secrets are masked. */
async function bugOf(error: unknown, secrets: readonly string[]): Promise<Known> {
  const { redactText } = await import('./redaction/redact-text.js');
  const masked = (text: string) => printable(redactText(text, secrets));
  return {
    code: 'bug',
    message: `icepack failed in a way it should not: ${masked(reasonOf(error))}`,
    hint: 'Please report it with the lines below',
    exit: exitCode.bug,
    stack: masked((error instanceof Error ? error.stack : undefined) ?? String(error)),
  };
}
