import { setMaxListeners } from 'node:events';
import { CommanderError } from 'commander';
import { bugOf, isWithoutVerb, type Known, knownError } from './cli/known-error.js';
import { globalsIn, partIn, programOf, verbIn, verbOf } from './cli/program.js';
import { helpWidth, startPage } from './commands/program-help.js';
import type { RunVerb } from './commands/verb.js';
import type { GlobalOptions, Surroundings } from './context/surroundings.js';
import type { Trace } from './context/trace-file.js';
import type { Context } from './context.js';
import { say } from './domain/command.js';
import { defined } from './domain/defined.js';
import type { VerbOutcome } from './domain/line.js';
import { trace } from './domain/trace.js';
import { type ExitCode, exitCode, UserError } from './errors.js';
import { writeChecked } from './ui/checked-write.js';

/** What is known of this call of the program, more as it goes on. */
type Call = {
  verb: string;
  globals: GlobalOptions;
  around: Surroundings;
  began: Date;
  /** Takes away what is redrawn on the terminal. */
  leaveTerminal: () => void;
  trace?: Trace | undefined;
};

/** Runs the program: the one place that catches, prints and decides on the exit code. @returns the exit code */
export async function main(around: Surroundings): Promise<number> {
  process.umask(0o077); // evidence is its owner's alone; and a umask of 777 would keep us out of our own folders
  const signal = stopOnSignals();
  const call: Call = {
    verb: verbIn(around.argv),
    globals: globalsIn(around.argv),
    around,
    began: new Date(),
    leaveTerminal: () => undefined,
  };
  let outcome: VerbOutcome | undefined;
  const secrets: string[] = [];
  endOnUncaught(async (error) => {
    call.leaveTerminal(); // what is drawn there would stay above the message
    return tell(await bugOf(error, secrets), call);
  });

  const run: RunVerb = async (command, work) => {
    call.verb = verbOf(command);
    call.globals = command.optsWithGlobals<GlobalOptions>();
    const { createContext } = await import('./context.js');
    const { startTrace } = await import('./context/trace-file.js');
    const context = await createContext(call.globals, around, signal, (secret) => secrets.push(secret));
    call.leaveTerminal = () => context.ui.close();
    try {
      call.trace = startTrace(call.globals, around, secrets, (text) => context.ui.emit({ type: 'warning', text }));
      outcome = await work(context).finally(context.keepNames);
      await traceEnd(call, outcome.exitCode, { run: outcome.json?.run });
      await tellOutcome(outcome, context, call);
    } finally {
      context.ui.close();
    }
  };

  let page = '';
  let part: string[] = [];
  try {
    const program = await programOf(run, around, (text) => {
      page += text;
    });
    await program.parseAsync(around.argv).catch((error: unknown) => {
      part = partIn(program, around.argv);
      const group = program.commands.find((command) => command.name() === call.verb);
      if (isWithoutVerb(error) && isForPeople(call.globals) && group === undefined)
        page = startPage(program, helpWidth(around.stdout.columns));
      else if (isWithoutVerb(error) && isForPeople(call.globals)) group?.outputHelp();
      else if (!(error instanceof CommanderError) || error.exitCode !== exitCode.ok) throw error;
    });
    if (page !== '') await printPage(page, call); // help or the version was asked for
    return outcome?.exitCode ?? exitCode.ok;
  } catch (error) {
    return await tell(await forOwner(await knownError(error, [verbIn(around.argv), ...part], secrets), around), call);
  }
}

/** Who may not use a state is told how its owner does the same. */
async function forOwner(known: Known, around: Surroundings): Promise<Known> {
  const verb = verbIn(around.argv);
  if (known.code !== 'state-exposed' || verb === '') return known;
  const { asOwner } = await import('./context/as-owner.js');
  return { ...known, hint: (await asOwner(verb, around)) ?? known.hint };
}

function isForPeople({ json, batch, quiet }: GlobalOptions): boolean {
  return !json && !batch && !quiet;
}

async function printPage(page: string, { verb, globals, around }: Call): Promise<void> {
  if (!globals.json) return writeChecked(around.stdout, page);
  const { createContext } = await import('./context.js');
  const { document } = await import('./domain/result.js');
  const { ui } = await createContext(globals, around, new AbortController().signal);
  await ui.printResult([], document(verb, exitCode.ok, { text: page }));
}

/** What a verb left behind, as it was asked for: a document, text for people, or as little as may be. */
async function tellOutcome({ lines, json, trouble }: VerbOutcome, { ui, zone }: Context, call: Call): Promise<void> {
  if (json === undefined) return; // it has printed for itself
  const { quiet, json: asDocument } = call.globals;
  if (quiet && !asDocument) {
    const { quietMessage } = await import('./ui/quiet-message.js');
    return ui.printError(quietMessage(json, { began: call.began, zone, trouble }));
  }
  // In plain text it is part of the result; whoever reads a document sees it on standard error, too.
  if (asDocument && json.error)
    ui.emit({ type: 'warning', text: json.error.message, ...(json.error.hint && { hint: json.error.hint }) });
  await ui.printResult(lines, json);
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

/** The last line of the trace. Its end stays with a run that did not do all that was asked for. */
async function traceEnd(call: Call, code: number, { why = '', run }: { why?: string; run?: unknown }): Promise<void> {
  trace('run', () => `ends with exit code ${code}${why}`);
  const id = typeof run === 'string' ? run : call.trace?.run;
  if (call.trace === undefined || id === undefined || code === exitCode.ok) return;
  await (await import('./context/trace-tail.js')).keepTail(call.trace, id, call.around);
}

/** A failure, as it was asked for. */
async function tell(known: Known, call: Call): Promise<ExitCode> {
  const { verb, globals, around, began } = call;
  const { code, message, hint, exit, stack } = known;
  await traceEnd(call, exit, { why: `: ${code}: ${message}` });
  const { createContext } = await import('./context.js');
  const { documentOfFailure } = await import('./domain/result.js');
  const { ui, zone } = await createContext(globals, around, new AbortController().signal);
  const document = documentOfFailure(verb, exit, { code, message, hint });
  if (globals.json) {
    const isTold = await ui.printResult([], document).then(
      () => true,
      () => false, // stdout is gone; stderr says it all
    );
    if (!globals.quiet || !isTold)
      ui.emit({ type: 'error', code, text: message, ...(hint && { hint }), ...defined({ stack }) });
    return exit;
  }
  if (globals.quiet) {
    const { quietMessage } = await import('./ui/quiet-message.js');
    ui.printError(quietMessage(document, { began, zone }));
  } else {
    ui.printError([{ text: message, tone: 'bad' }, ...(hint === null ? [] : [{ text: say`  → ${hint}` }])]);
  }
  if (stack !== undefined) around.stderr.write(`${stack}\n`);
  return exit;
}
