import { resolve } from 'node:path';
import { Command } from 'commander';
import type { Context } from '../context.js';
import { defined } from '../domain/defined.js';
import type { OutputLine, VerbOutcome } from '../domain/line.js';
import type { Sighting } from '../domain/watch-event.js';
import type { Weekly } from '../domain/weekly.js';
import { type ExitCode, exitCode, usageError } from '../errors.js';
import type { StatusFacts } from '../watch/status-text.js';
import type { WatchRequest } from '../watch/watch.js';
import type { Watching } from '../watch/watching.js';
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
  icepack watch test     a test page to everybody, over every channel

Exit codes: 0 the round was whole, whatever was seen; 3 something had no answer;
5 the own network is down; 6 a ticket is owed; 2 the configuration; 8 this
machine; 9 another icepack watches.`;

export function watchCommand(run: RunVerb): Command {
  const command = new Command('watch');
  return command
    .description('watch servers: whether they answer, what runs, how full they are; what lasts gets a ticket')
    .option('--once', 'look at what is due, and end')
    .addCommand(statusCommand(run))
    .addCommand(testCommand(run))
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

const testExamples = `
Examples:
  icepack watch test            everybody, over every channel
  icepack watch test --to kim   only Kim`;

function testCommand(run: RunVerb): Command {
  const command = new Command('test');
  return command
    .description('send a test page to everybody over every channel, and say who cannot be reached')
    .option('--to <person>', 'only to this person of people:')
    .addHelpText('after', testExamples)
    .action((options: { to?: string }) => run(command, (context) => testVerb(options, context)));
}

/** Whoever cannot be reached is known before it matters: that is not as it should be. */
async function testVerb({ to }: { to?: string }, context: Context): Promise<VerbOutcome> {
  const { testPages } = await import('../watch/escalation/test-pages.js');
  const { document } = await import('../domain/result.js');
  const { escalation } = await context.config();
  if (escalation === undefined)
    throw usageError(
      'setup-incomplete',
      'the configuration names nobody to tell',
      'Add people:, channels: and escalation:',
    );
  const pages = await testPages(escalation, await context.channels(), to, context.now(), context.signal);
  const lines = pages.map(({ channel, to: key, ok, text }): OutputLine => {
    const who = key === null ? '' : ` ${escalation.people.get(key)?.name ?? key}:`;
    return { text: `${ok ? '✓' : '✗'} ${channel}:${who} ${text}`, tone: ok ? 'good' : 'bad' };
  });
  const exit = pages.every(({ ok }) => ok) ? exitCode.ok : exitCode.notAsItShouldBe;
  return { exitCode: exit, lines, json: document('watch test', exit, { pages }) };
}

async function watchVerb({ once }: { once?: boolean }, context: Context): Promise<VerbOutcome> {
  const { watchOn, watchOnce } = await import('../watch/watch.js');
  const { newsLine } = await import('../watch/news.js');
  const { noticeLine } = await import('../watch/notice.js');
  const workplace = await context.workplace();
  const { operator } = workplace;
  const watching = await watchingOf(await context.config(), context);
  const tell = tellerOf(context);
  const request: WatchRequest = {
    ...watching,
    reread: async () => watchingOf(await context.rereadConfig(), context),
    onChange: (change, { watched }) => tell(newsLine(change, watched, operator.zone)),
    onNotice: (notice) => tell(noticeLine(notice, operator.zone)),
    ...{ tell, self: { ...context.self, configPath: watching.configPath } },
  };
  const muted = { ...workplace, operator: { ...operator, emit: () => undefined } };
  if (once) {
    const { sighting, owesTicket } = await watchOnce(request, muted, context.signal);
    const facts = await factsOf(watching, sighting, context);
    const isShown = operator.ask !== undefined || context.options.json === true;
    return outcomeOf('watch', facts, owesTicket ? exitCode.helpDesk : exitOf(facts), isShown);
  }
  if (operator.ask !== undefined) {
    const { length } = watching.watched;
    const count = `${length} ${length === 1 ? 'server' : 'servers'}`;
    tell({ text: `Watching ${count}; what lasts is told here. Ctrl-C ends it.`, tone: 'dim' });
  }
  await watchOn(request, muted, context.signal);
  return { exitCode: exitCode.ok, lines: [], json: undefined };
}

type Config = Awaited<ReturnType<Context['config']>>;

/** What the configuration says of the watch. */
export async function watchingOf(config: Config, context: Context): Promise<Watching> {
  const { watchedIn } = await import('../watch/watching.js');
  const { aboutOf } = await import('../watch/incident/words.js');
  const { appliances, watch: policy, path, organization, redaction, escalation, weekly } = config;
  const watched = watchedIn(appliances, policy);
  return {
    ...{ watched, policy, configPath: path, organization, escalation },
    about: await aboutOf({ watched, organization, zone: context.zone }, redaction),
    settings: () => firstDesk(context, true, config),
    channels: escalation === undefined ? [] : await context.channels(config),
    ...defined({ weekly: weekly && (await weeklyRound(weekly, config, context)) }),
  };
}

async function weeklyRound(weekly: Weekly, config: Config, context: Context): Promise<NonNullable<Watching['weekly']>> {
  const { WeeklyRound } = await import('../weekly/weekly-round.js');
  const { weeklySources } = await import('./weekly-sources.js');
  const { operator, ...sources } = await weeklySources(config, context);
  const quiet = { ...sources, operator: { ...operator, emit: () => undefined } };
  const { watch } = await context.workplace();
  const channels = await context.channels(config);
  return new WeeklyRound({ weekly, sources: quiet, channels, journal: watch.weekly, tell: tellerOf(context) });
}

/** Tells whoever reads the messages of a watch. */
function tellerOf({ options, ui }: Context): (line: OutputLine) => void {
  return (line) => (options.json ? ui.emit({ type: 'note', text: line.text }) : ui.printError([line]));
}

async function statusVerb({ html }: { html?: string }, context: Context): Promise<VerbOutcome> {
  const watching = await watchingOf(await context.config(), context);
  const { watch } = await context.workplace();
  await watch.refuseExposed();
  const facts = await factsOf(watching, await watch.read(), context);
  if (html !== undefined) {
    const { writeStatusPage } = await import('../watch/status-page.js');
    await writeStatusPage(resolve(html), facts, watching.organization);
  }
  return outcomeOf('watch status', facts, exitCode.ok, true);
}

async function factsOf(watching: Watching, sighting: Sighting, context: Context): Promise<StatusFacts> {
  const { statusFacts } = await import('../watch/status-facts.js');
  return statusFacts(watching, sighting, await context.workplace());
}

function exitOf(facts: StatusFacts): ExitCode {
  if (facts.sighting.self?.blind !== undefined) return exitCode.unreachable;
  return unanswered(facts) ? exitCode.partial : exitCode.ok;
}

/** Whether something had no answer, and nothing explains that. */
function unanswered({ sighting }: StatusFacts): boolean {
  return Object.values(sighting.servers).some(({ seen }) =>
    seen.some(({ answer }) => answer.is === 'unknown' && !answer.explained),
  );
}

async function outcomeOf(verb: string, facts: StatusFacts, exit: ExitCode, isShown: boolean): Promise<VerbOutcome> {
  const { statusLines } = await import('../watch/status-text.js');
  const { statusDocument } = await import('../watch/status-document.js');
  const { document } = await import('../domain/result.js');
  const json = document(verb, exit, statusDocument(facts));
  return { exitCode: exit, lines: isShown ? statusLines(facts) : [], json };
}
