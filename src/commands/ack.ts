import { Command } from 'commander';
import type { Context } from '../context.js';
import { defined } from '../domain/defined.js';
import type { OutputLine, VerbOutcome } from '../domain/line.js';
import { formatLocal } from '../domain/zone.js';
import { exitCode, usageError } from '../errors.js';
import * as parse from './arguments.js';
import { userName } from './user-name.js';
import type { RunVerb } from './verb.js';

const examples = `
What is said here counts at once, also for a watch that is at work.

Examples:
  icepack ack I42
  icepack ack I42 --note "on my way" --for 2h
  icepack ack I42 --ticket 1234   it has this ticket
  icepack ack I42 --undo          somebody else has to take it`;

type AckOptions = { note?: string; for?: number; ticket?: string; by?: string; undo?: boolean };

const usualMs = 4 * 3_600_000;

export function ackCommand(run: RunVerb): Command {
  const command = new Command('ack');
  return command
    .description('say that you have an incident: nobody else is asked to take it; or which ticket it has')
    .argument('<incident>', 'its number, e.g. I42')
    .option('--note <text>', 'what others should know', parse.summaryLine)
    .option('--for <time>', 'how long it is yours (default: 4h)', parse.days)
    .option('--ticket <number>', 'the ticket it has', parse.ticketName)
    .option('--by <person>', 'who has it, as people: calls them (default: you)', parse.summaryLine)
    .option('--undo', 'you have it no longer')
    .addHelpText('after', examples)
    .action((id: string, options: AckOptions) => run(command, (context) => ackVerb(id, options, context)));
}

async function ackVerb(id: string, options: AckOptions, context: Context): Promise<VerbOutcome> {
  const { openIncident, sayOf } = await import('../watch/incident/say.js');
  const { document } = await import('../domain/result.js');
  const { ticket, undo, note, for: forMs = usualMs } = options;
  const isWithMore = note !== undefined || options.for !== undefined;
  if (undo && (isWithMore || ticket !== undefined))
    throw usageError('contradiction', '--undo goes with nothing else', 'Leave out --note, --for and --ticket');
  const { watch, operator } = await context.workplace();
  const incident = await openIncident(id, watch.incidents);
  const isTaken = !undo && (ticket === undefined || isWithMore);
  const by = options.by ?? userName(context.env);
  const saying = {
    by,
    ...(undo ? { unacknowledged: true as const } : {}),
    ...defined({ ticket, acknowledged: isTaken ? { forMs, ...defined({ note }) } : undefined }),
  };
  const said = await sayOf(incident, saying, watch.incidents);
  const until = formatLocal(new Date(operator.now().getTime() + forMs), operator.zone);
  const lines: OutputLine[] = [
    ...(ticket === undefined ? [] : [good(`${incident.id} has the ticket ${ticket}.`)]),
    ...(isTaken ? [good(`${incident.id} is yours (${by}) until ${until}.`)] : []),
    ...(undo ? [{ text: `${incident.id} is nobody's now.` }] : []),
  ];
  return { exitCode: exitCode.ok, lines, json: document('ack', exitCode.ok, { incident: incident.id, said }) };
}

function good(text: string): OutputLine {
  return { text, tone: 'good' };
}
