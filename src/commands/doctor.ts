import { Command } from 'commander';
import type { Context } from '../context.js';
import { type Check, examinationExit } from '../doctor/check.js';
import { type Command as CommandToType, say, type Text } from '../domain/command.js';
import type { OutputLine, VerbOutcome } from '../domain/line.js';
import { exitCode, usageError } from '../errors.js';
import * as parse from './arguments.js';
import type { RunVerb } from './verb.js';

type DoctorOptions = { all?: boolean; pin?: boolean; fingerprint?: string[]; deskSelftest?: boolean; yes?: boolean };

const examples = `
Examples:
  icepack doctor               check everything; changes nothing on the servers
                               (at a terminal it offers to pin unknown keys)
  icepack doctor --all --batch --pin
                               pin all unknown host keys without asking
  icepack doctor ice01 --pin --fingerprint SHA256:jMvAq…
                               pin only this key; also replaces an old one
  icepack doctor --desk-selftest --yes
                               try the help desk with a ticket of its own

Exit codes: 0 all is ready; 2 the configuration or a credential; 3 something
else, at a server or a channel of pages; 5 no server lets us in; 6 the help
desk; 8 this machine.`;

export function doctorCommand(run: RunVerb): Command {
  const command = new Command('doctor');
  return command
    .description('check everything that can fail before trouble starts; pin host keys')
    .argument('[server|cluster...]', 'what to check (default: the only server or cluster)')
    .option('--all', 'all servers of the configuration')
    .option('--pin', 'pin the host keys that are shown and not pinned yet')
    .option('--fingerprint <SHA256:...>', 'pin only a key with this fingerprint; may be repeated', parse.fingerprint)
    .option('--desk-selftest', 'register, find, comment, attach and close a ticket, at a sandbox')
    .option('--route <name>', 'with --desk-selftest: at the help desk of this route')
    .option('--yes', 'with --desk-selftest: without asking')
    .addHelpText('after', examples)
    .action((names: string[], options: DoctorOptions) =>
      run(command, (context) => doctorVerb(names, options, context)),
    );
}

async function doctorVerb(names: string[], options: DoctorOptions, context: Context): Promise<VerbOutcome> {
  if (options.deskSelftest) return selftestVerb(names, options, context);
  if (context.options.route !== undefined)
    throw usageError(
      'contradiction',
      'the help desks of all routes are checked',
      'Leave out --route, or add --desk-selftest',
    );
  const { chooseTargets } = await import('../servers/targets.js');
  const { examine } = await import('../doctor/examine.js');
  const config = await context.config();
  const workplace = await context.workplace();
  const { operator } = workplace;
  context.ui.emit({ type: 'note', text: `configuration ${config.path}` });
  const { appliances } = await chooseTargets(names, options.all ?? false, config.appliances, operator, 'doctor');
  const { pin, fingerprint: fingerprints = [] } = options;
  const pinning = { pin: pin || fingerprints.length > 0 || operator.ask !== undefined, fingerprints };
  const cliCommands = config.cliCommands ?? (await context.recipe()).cliCommands;
  const checks = await examine(
    {
      config: config.path,
      appliances,
      pinning,
      cliCommands,
      wantsCaptures: config.captures.isConfigured,
      escalation: config.escalation,
      weekly: config.weekly,
      watch: config.watch.isConfigured ? config.watch : undefined,
      machineFacts: context.machineFacts,
      deskSettings: context.deskSettings,
      channels: context.channels,
    },
    workplace,
    context.signal,
  );
  return examinationOutcome('doctor', checks, config.path);
}

/** Tries the help desk, and nothing else: what it leaves there is a ticket. */
async function selftestVerb(names: string[], { yes }: DoctorOptions, context: Context): Promise<VerbOutcome> {
  const { deskSelftest } = await import('../doctor/desk-selftest.js');
  const { operator } = await context.workplace();
  const { desk } = await context.deskSettings(true, context.options.route);
  const { path } = await context.config();
  if (names.length > 0)
    throw usageError('contradiction', '--desk-selftest looks at no server', 'Leave the names of servers out');
  if (desk?.kind !== 'api')
    throw usageError('no-helpdesk', `${path}: no help desk with an API is configured`, 'There is nothing to try');
  if (!yes) {
    const question = `Register a ticket at ${desk.origin}, comment it, attach a file, and close it?`;
    if (operator.ask === undefined)
      throw usageError('not-confirmed', `${question} Nobody can be asked`, 'At a sandbox: add --yes');
    if (!(await operator.ask.confirm(question, false))) return nothingDone(path);
  }
  return examinationOutcome('doctor', await deskSelftest(desk, operator, context.signal), path);
}

async function nothingDone(config: string): Promise<VerbOutcome> {
  const { document } = await import('../domain/result.js');
  const json = document('doctor', exitCode.ok, { config, checks: [], faces: [], next: [] });
  return { exitCode: exitCode.ok, lines: [{ text: 'Nothing was done.' }], json };
}

/**
 * What `doctor` says, also at the end of `init`.
 * @param whenReady what to type where nothing failed
 */
export async function examinationOutcome(
  verb: string,
  checks: readonly Check[],
  config: string,
  whenReady?: CommandToType,
): Promise<VerbOutcome> {
  const { document } = await import('../domain/result.js');
  const { facesOf, linesOfChecks, nextAfter, nextAfterInit, verdictOfChecks } = await import(
    '../doctor/examination.js'
  );
  const exitCode = examinationExit(checks);
  const next = whenReady === undefined ? nextAfter(checks) : nextAfterInit(checks, whenReady);
  return {
    exitCode,
    lines: [
      ...linesOfChecks(checks),
      { text: '' },
      verdictOfChecks(checks),
      ...next.map((command): OutputLine => ({ text: say`Next: ${command}`, tone: 'strong' })),
    ],
    json: document(verb, exitCode, { config, checks, faces: facesOf(checks), next }),
    trouble: troubleOf(checks),
  };
}

function troubleOf(checks: readonly Check[]): { reasons: string[]; hint: Text | null } {
  const failed = checks.filter(({ status }) => status === 'fail' || status === 'new');
  return { reasons: failed.map(({ text }) => text), hint: failed[0]?.hint ?? null };
}
