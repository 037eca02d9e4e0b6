import { resolve } from 'node:path';
import { Command } from 'commander';
import type { Context } from '../context.js';
import { defined } from '../domain/defined.js';
import type { OutputLine, VerbOutcome } from '../domain/line.js';
import type { Watched } from '../domain/watch-policy.js';
import { type ExitCode, exitCode } from '../errors.js';
import type { StatusFacts } from '../watch/status-text.js';
import type { WatchRequest } from '../watch/watch.js';
import { firstDesk } from './first-desk.js';
import type { RunVerb } from './verb.js';

const examples = `
It looks at all servers of the configuration, each at its time: whether it
answers, whether the InCenter CLI gives its prompt, how full its volumes are,
and what else watch: names. What lasts is an event, and is told on stderr; it
gets a ticket at the help desk, once, and the evidence is collected into that.

Examples:
  icepack watch          until it is stopped (Ctrl-C, SIGTERM)
  icepack watch --once   what is due now; for cron, every minute
  icepack watch status   how everything stands

Exit codes: 0 the round was whole, whatever was seen; 3 something had no answer;
6 a ticket is owed; 2 the configuration; 8 this machine; 9 another one watches.`;

export function watchCommand(run: RunVerb): Command {
  const command = new Command('watch');
  return command
    .description('watch servers: whether they answer, what runs, how full they are; what lasts gets a ticket')
    .option('--once', 'look at what is due, and end')
    .addCommand(statusCommand(run))
    .addHelpText('after', examples)
    .action((options: { once?: boolean }) => run(command, (context) => watchVerb(options, context)));
}

const statusExamples = `
It connects to nothing: it shows what was seen last.

Examples:
  icepack watch status
  icepack watch status --html ./watch.html`;

function statusCommand(run: RunVerb): Command {
  const command = new Command('status');
  return command
    .description('show what is up, what fires, and since when')
    .option('--html <file>', 'write it as a page, which may be shown to others')
    .addHelpText('after', statusExamples)
    .action((options: { html?: string }) => {
      if (command.parent?.opts()['once']) command.error("error: unknown option '--once'");
      return run(command, (context) => statusVerb(options, context));
    });
}

async function watchVerb({ once }: { once?: boolean }, context: Context): Promise<VerbOutcome> {
  const { watchOn, watchOnce, watchedIn } = await import('../watch/watch.js');
  const { newsLine } = await import('../watch/news.js');
  const { aboutOf } = await import('../watch/incident/words.js');
  const config = await context.config();
  const workplace = await context.workplace();
  const { operator } = workplace;
  const watched = watchedIn(config.appliances, config.watch);
  const tell = (line: OutputLine) =>
    context.options.json ? operator.emit({ type: 'note', text: line.text }) : context.ui.printError([line]);
  const request: WatchRequest = {
    ...{ watched, policy: config.watch, configPath: config.path },
    onChange: (change) => tell(newsLine(change, watched, operator.zone)),
    settings: () => firstDesk(context),
    about: await aboutOf({ watched, organization: config.organization, zone: operator.zone }, config.redaction),
    self: { ...context.self, configPath: config.path },
    tell,
  };
  const muted = { ...workplace, operator: { ...operator, emit: () => undefined } };
  if (once) {
    const { incidents } = await watchOnce(request, muted, context.signal);
    const facts = await factsOf(watched, context);
    const isShown = operator.ask !== undefined || context.options.json === true;
    const exit = incidents.owesTicket ? exitCode.helpDesk : unanswered(facts) ? exitCode.partial : exitCode.ok;
    return outcomeOf('watch', facts, exit, isShown);
  }
  if (operator.ask !== undefined) {
    const count = `${watched.length} ${watched.length === 1 ? 'server' : 'servers'}`;
    tell({ text: `Watching ${count}; what lasts is told here. Ctrl-C ends it.`, tone: 'dim' });
  }
  await watchOn(request, muted, context.signal);
  return { exitCode: exitCode.ok, lines: [], json: undefined };
}

async function statusVerb({ html }: { html?: string }, context: Context): Promise<VerbOutcome> {
  const { watchedIn } = await import('../watch/watch.js');
  const config = await context.config();
  const facts = await factsOf(watchedIn(config.appliances, config.watch), context);
  if (html !== undefined) {
    const { writeStatusPage } = await import('../watch/status-page.js');
    await writeStatusPage(resolve(html), facts, config.organization);
  }
  return outcomeOf('watch status', facts, exitCode.ok, true);
}

async function factsOf(watched: readonly Watched[], context: Context): Promise<StatusFacts> {
  const { standings } = await import('../watch/standing.js');
  const { incidentStandings } = await import('../watch/incident/standing.js');
  const { operator, watch } = await context.workplace();
  const { organization, watch: policy } = await context.config();
  const { everyMs } = policy;
  const sighting = await watch.read();
  const servers = standings(watched, sighting);
  const { known, damaged } = await watch.incidents.open();
  for (const error of damaged)
    operator.emit({ type: 'warning', text: error.message, ...defined({ hint: error.hint }) });
  const incidents = incidentStandings(known, { watched, organization, zone: operator.zone, mask: (text) => text });
  return {
    servers,
    incidents,
    sighting,
    atWork: await watch.atWork(),
    everyMs,
    now: operator.now(),
    zone: operator.zone,
  };
}

/** Whether something had no answer, and nothing explains that. */
function unanswered({ sighting }: StatusFacts): boolean {
  return Object.values(sighting.servers).some(({ seen }) =>
    seen.some(({ answer }) => answer.is === 'unknown' && !answer.explained),
  );
}

async function outcomeOf(verb: string, facts: StatusFacts, exit: ExitCode, isShown: boolean): Promise<VerbOutcome> {
  const { statusLines } = await import('../watch/status-text.js');
  const { document } = await import('../domain/result.js');
  const { round } = facts.sighting;
  const last = round === undefined ? null : { at: new Date(round.at.wallMs).toISOString(), tookMs: round.tookMs };
  const json = document(verb, exit, { round: last, incidents: facts.incidents, servers: facts.servers });
  return { exitCode: exit, lines: isShown ? statusLines(facts) : [], json };
}
