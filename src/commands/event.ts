import { Command, InvalidArgumentError } from 'commander';
import type { Context } from '../context.js';
import { icepack, placeholder, say } from '../domain/command.js';
import { defined } from '../domain/defined.js';
import type { VerbOutcome } from '../domain/line.js';
import { printableLine } from '../domain/text.js';
import { type Severity, severities } from '../domain/ticket.js';
import { usageError } from '../errors.js';
import type { Operator } from '../ui/operator.js';
import type { Alerts, Said } from '../watch/reported/alertmanager.js';
import * as parse from './arguments.js';
import { choice } from './choice.js';
import { userName } from './user-name.js';
import type { RunVerb } from './verb.js';
import { watchingOf } from './watch.js';

const examples = `
For who has Prometheus, Icinga or Zabbix: what they report is an incident, as
what icepack watch sees is: one ticket with the evidence, however often it is
reported. Server, event and key say what it is; what is bad stays so until it
is reported as ok. icepack help monitors says more.

Examples:
  icepack event ice01 --event "VM outage" --key dc01 --is bad \\
      --message "shut off (crashed)"
  icepack event ice01 --event "VM outage" --key dc01 --is ok
  icepack event --alertmanager payload.json   what it posts; - is standard input

Exit codes: 0 it is taken; 3 of some alerts the server is not known; 6 it is
taken, and its ticket is owed; 2 usage; 8 this machine. Where it is not 0, the
same may be reported again.`;

type EventOptions = {
  event?: string;
  key?: string;
  is?: 'bad' | 'ok';
  message?: string;
  severity?: Severity;
  alertmanager?: string;
  serverLabel?: string;
};

export function eventCommand(run: RunVerb): Command {
  const command = new Command('event');
  return command
    .description('take what another monitor reports of a server: one incident, one ticket, the evidence')
    .argument('[server]', 'of which server')
    .option('--event <name>', 'what people call it: "VM outage"', parse.summaryLine)
    .option('--key <name>', 'what of the server, where it has several: dc01', parse.summaryLine)
    .addOption(choice('--is <state>', 'bad, or ok again', ['bad', 'ok'], badOrOk))
    .option('--message <text>', 'what the monitor saw')
    .addOption(
      choice(
        '--severity <severity>',
        `${severities.join(', ')} (default: high; of an alert, what its label says)`,
        severities,
        parse.severity,
      ),
    )
    .option('--alertmanager <file>', 'what Alertmanager posts to a webhook; - is standard input')
    .option('--server-label <name>', 'the label of an alert that names the server (default: server, else instance)')
    .addHelpText('after', examples)
    .action((server: string | undefined, options: EventOptions) =>
      run(command, (context) => eventVerb(server, options, context)),
    );
}

function badOrOk(value: string): 'bad' | 'ok' {
  if (value !== 'bad' && value !== 'ok') throw new InvalidArgumentError('It is bad or ok.');
  return value;
}

async function eventVerb(server: string | undefined, options: EventOptions, context: Context): Promise<VerbOutcome> {
  const { refuseUnlocked, takeUp, isWatched } = await import('../watch/reported/take-up.js');
  const { leftAlone, outcomeOf } = await import('../watch/reported/outcome-text.js');
  const { keepAll } = await import('../watch/reported/keep-all.js');
  refuseUnlocked();
  const read = await alertsOf(server, options, context);
  const workplace = await context.workplace();
  const { operator } = workplace;
  const watching = await watchingOf(await context.config(), context);
  const by = options.alertmanager === undefined ? userName(context.env) : 'Alertmanager';
  const said = await keepAll(read.said, { by, now: operator.now(), mask: watching.about.mask }, workplace.watch);
  tellOfOthers(read, operator);
  const request = {
    ...watching,
    tell: (line: { text: VerbOutcome['lines'][number]['text'] }) => operator.emit({ type: 'note', text: line.text }),
    self: { ...context.self, configPath: watching.configPath },
  };
  const muted = { ...workplace, operator: { ...operator, ask: undefined, emit: () => undefined } };
  const taken =
    said.length === 0 ? { outcomes: [], atWork: undefined } : await takeUp(said, request, muted, context.signal);
  const left = leftAlone(taken, watching, await isWatched(taken, watching, workplace));
  if (left !== undefined) operator.emit({ type: 'note', text: left });
  return outcomeOf(taken, read, watching.about);
}

/** What was typed as one thing that is said; or all that Alertmanager says. */
async function alertsOf(server: string | undefined, options: EventOptions, context: Context): Promise<Alerts> {
  const { event, key, is, message = '', severity, alertmanager, serverLabel } = options;
  const { appliances } = await context.config();
  if (alertmanager === undefined) {
    if (serverLabel !== undefined)
      throw usageError('contradiction', '--server-label goes with --alertmanager', 'Leave it out');
    if (server === undefined || event === undefined || is === undefined) throw incomplete(server, event, is);
    const known = knownServer(server, appliances);
    const said = {
      server: known,
      event,
      is,
      severity: severity ?? 'high',
      message,
      ...defined({ key }),
    } satisfies Said;
    return { said: [said], notPlaced: [], truncated: 0 };
  }
  if (server !== undefined || event !== undefined || key !== undefined || is !== undefined || message !== '')
    throw usageError(
      'contradiction',
      'with --alertmanager all comes from its alerts',
      'Leave out the server, --event, --key, --is and --message',
    );
  const { alertsIn } = await import('../watch/reported/alertmanager.js');
  const from = alertmanager === '-' ? 'standard input' : alertmanager;
  const read = alertsIn(await context.payload(alertmanager), from, appliances, serverLabel);
  return severity === undefined ? read : { ...read, said: read.said.map((each) => ({ ...each, severity })) };
}

function incomplete(server: string | undefined, event: string | undefined, is: string | undefined): Error {
  const missing = [
    ...(server === undefined ? ['its server'] : []),
    ...(event === undefined ? ['--event'] : []),
    ...(is === undefined ? ['--is'] : []),
  ];
  const command = icepack(
    'event',
    server ?? placeholder('SERVER'),
    '--event',
    event ?? placeholder('NAME'),
    '--is',
    is ?? placeholder('bad|ok'),
  );
  return usageError('usage', `an event needs ${missing.join(', ')}`, say`As in: ${command}`);
}

/** @throws UserError `unknown-target` */
function knownServer(typed: string, configured: readonly { name: string }[]): string {
  const found = configured.find(({ name }) => name === typed);
  if (found !== undefined) return found.name;
  const names = configured.map(({ name }) => name).join(', ');
  throw usageError('unknown-target', `no server is called "${printableLine(typed, 100)}"`, `There are: ${names}`);
}

/** What is not taken is named, each with its labels. */
function tellOfOthers({ notPlaced, truncated }: Alerts, { emit }: Operator): void {
  for (const { labels, why } of notPlaced) {
    const text = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
    emit({ type: 'warning', text: printableLine(`not taken: ${why}. Alert: ${text.join(', ')}`, 600) });
  }
  if (truncated > 0)
    emit({
      type: 'warning',
      text: `not taken: ${truncated} alerts that Alertmanager left out (max_alerts of its receiver)`,
    });
}
